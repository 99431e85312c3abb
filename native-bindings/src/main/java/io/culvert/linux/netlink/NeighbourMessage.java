package io.culvert.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** RTM_*NEIGH: {@code struct ndmsg} and NDA_* attributes (linux/neighbour.h). */
final class NeighbourMessage {

    static final int FAMILY = 0;
    static final int INDEX = 4;
    static final int STATE = 8;
    static final int FLAGS = 10;
    static final int HEADER_LENGTH = 12;

    private NeighbourMessage() {}

    static NetlinkBuffer list(NetlinkBuffer request, Family family) {
        return header(request.begin(Abi.RTM_GETNEIGH, Abi.NLM_F_DUMP), family, 0, 0, 0);
    }

    static NetlinkBuffer get(NetlinkBuffer request, int index, InetAddress address) {
        return entry(request.begin(Abi.RTM_GETNEIGH, 0), index, address, 0, 0);
    }

    /** NTF_USE makes the kernel resolve or refresh the entry as if it had a packet to send. */
    static NetlinkBuffer probe(NetlinkBuffer request, int index, InetAddress address) {
        request.begin(Abi.RTM_NEWNEIGH, Abi.NLM_F_CREATE | Abi.NLM_F_REPLACE);
        return entry(request, index, address, 0, NeighbourInfo.NTF_USE);
    }

    static NetlinkBuffer set(NetlinkBuffer request, int index, InetAddress address, byte[] linkAddress) {
        request.begin(Abi.RTM_NEWNEIGH, Abi.NLM_F_CREATE | Abi.NLM_F_REPLACE);
        return entry(request, index, address, NeighbourInfo.NUD_PERMANENT, 0).attribute(Abi.NDA_LLADDR, linkAddress);
    }

    static NetlinkBuffer remove(NetlinkBuffer request, int index, InetAddress address) {
        return entry(request.begin(Abi.RTM_DELNEIGH, 0), index, address, 0, 0);
    }

    private static NetlinkBuffer entry(NetlinkBuffer request, int index, InetAddress address, int state, int flags) {
        return header(request, Family.of(address), index, state, flags).attribute(Abi.NDA_DST, address.getAddress());
    }

    private static NetlinkBuffer header(NetlinkBuffer request, Family family, int index, int state, int flags) {
        return request.u8(family.number())
                .u8(0)
                .u16(0)
                .u32(index)
                .u16(state)
                .u8(flags)
                .u8(0);
    }

    /** Null if truncated, without address, or neither IPv4 nor IPv6: bridges report their forwarding table as AF_BRIDGE. */
    static @Nullable NeighbourInfo parse(MemorySegment payload) {
        if (payload.byteSize() < HEADER_LENGTH) {
            return null;
        }
        Family family = Family.of(payload.get(JAVA_BYTE, FAMILY));
        if (family == null) {
            return null;
        }
        InetAddress address = null;
        byte[] linkAddress = {};
        AttributeReader attributes = new AttributeReader(payload, HEADER_LENGTH);
        while (attributes.next()) {
            switch (attributes.type()) {
                case Abi.NDA_DST -> address = attributes.address(family);
                case Abi.NDA_LLADDR -> linkAddress = attributes.bytes();
                default -> {}
            }
        }
        if (address == null) {
            return null;
        }
        return new NeighbourInfo(
                payload.get(JAVA_INT_UNALIGNED, INDEX),
                address,
                linkAddress,
                Short.toUnsignedInt(payload.get(JAVA_SHORT_UNALIGNED, STATE)),
                Byte.toUnsignedInt(payload.get(JAVA_BYTE, FLAGS)));
    }
}
