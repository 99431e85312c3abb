package io.culvert.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** RTM_*ADDR: {@code struct ifaddrmsg} and IFA_* attributes (linux/if_addr.h). */
final class AddressMessage {

    static final int FAMILY = 0;
    static final int PREFIX_LENGTH = 1;
    static final int FLAGS = 2;
    static final int SCOPE = 3;
    static final int INDEX = 4;
    static final int HEADER_LENGTH = 8;

    private AddressMessage() {}

    static NetlinkBuffer list(NetlinkBuffer request, Family family) {
        return header(request.begin(Abi.RTM_GETADDR, Abi.NLM_F_DUMP), family, 0, 0);
    }

    static NetlinkBuffer add(NetlinkBuffer request, int index, InetAddress address, int prefixLength) {
        int flags = Abi.NLM_F_CREATE | Abi.NLM_F_EXCL;
        return change(request.begin(Abi.RTM_NEWADDR, flags), index, address, prefixLength);
    }

    static NetlinkBuffer remove(NetlinkBuffer request, int index, InetAddress address, int prefixLength) {
        return change(request.begin(Abi.RTM_DELADDR, 0), index, address, prefixLength);
    }

    private static NetlinkBuffer change(NetlinkBuffer request, int index, InetAddress address, int prefixLength) {
        byte[] bytes = address.getAddress();
        return header(request, Family.of(address), prefixLength, index)
                .attribute(Abi.IFA_LOCAL, bytes)
                .attribute(Abi.IFA_ADDRESS, bytes);
    }

    private static NetlinkBuffer header(NetlinkBuffer request, Family family, int prefixLength, int index) {
        int scope = AddressInfo.RT_SCOPE_UNIVERSE;
        return request.u8(family.number()).u8(prefixLength).u8(0).u8(scope).u32(index);
    }

    /** Null if truncated, without address, or neither IPv4 nor IPv6. */
    static @Nullable AddressInfo parse(MemorySegment payload) {
        if (payload.byteSize() < HEADER_LENGTH) {
            return null;
        }
        Family family = Family.of(payload.get(JAVA_BYTE, FAMILY));
        if (family == null) {
            return null;
        }
        InetAddress address = null;
        InetAddress local = null;
        int flags = Byte.toUnsignedInt(payload.get(JAVA_BYTE, FLAGS));
        AttributeReader attributes = new AttributeReader(payload, HEADER_LENGTH);
        while (attributes.next()) {
            switch (attributes.type()) {
                case Abi.IFA_ADDRESS -> address = attributes.address(family);
                case Abi.IFA_LOCAL -> local = attributes.address(family);
                case Abi.IFA_FLAGS -> flags = attributes.u32();
                default -> {}
            }
        }
        // Where they differ, IFA_ADDRESS is the peer's address.
        InetAddress own = local == null ? address : local;
        int prefixLength = Byte.toUnsignedInt(payload.get(JAVA_BYTE, PREFIX_LENGTH));
        if (own == null || prefixLength > family.bits()) {
            return null;
        }
        int scope = Byte.toUnsignedInt(payload.get(JAVA_BYTE, SCOPE));
        return new AddressInfo(payload.get(JAVA_INT_UNALIGNED, INDEX), own, prefixLength, scope, flags);
    }
}
