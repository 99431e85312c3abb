package io.culvert.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** RTM_*LINK: {@code struct ifinfomsg} and IFLA_* attributes (linux/rtnetlink.h, linux/if_link.h). */
final class LinkMessage {

    static final int RTM_NEWLINK = 16;
    static final int RTM_DELLINK = 17;
    static final int RTM_GETLINK = 18;
    static final int RTM_SETLINK = 19;

    private static final int FAMILY = 0;
    private static final int TYPE = 2;
    private static final int INDEX = 4;
    private static final int FLAGS = 8;
    private static final int HEADER_LENGTH = 16;

    private static final int AF_UNSPEC = 0;

    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_TXQLEN = 13;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_STATS64 = 23;
    private static final int IFLA_GSO_MAX_SIZE = 41;
    private static final int IFLA_GSO_IPV4_MAX_SIZE = 63;
    private static final int IFLA_INFO_KIND = 1;

    private LinkMessage() {}

    static NetlinkBuffer list(NetlinkBuffer request) {
        return header(request.begin(RTM_GETLINK, NetlinkBuffer.NLM_F_DUMP), 0, 0, 0);
    }

    static NetlinkBuffer get(NetlinkBuffer request, int index) {
        return header(request.begin(RTM_GETLINK, 0), index, 0, 0);
    }

    static NetlinkBuffer get(NetlinkBuffer request, String name) {
        return header(request.begin(RTM_GETLINK, 0), 0, 0, 0).attribute(IFLA_IFNAME, name);
    }

    static NetlinkBuffer setMtu(NetlinkBuffer request, int index, int mtu) {
        return set(request, index).attribute(IFLA_MTU, mtu);
    }

    static NetlinkBuffer setUp(NetlinkBuffer request, int index, boolean up) {
        return header(request.begin(RTM_SETLINK, 0), index, up ? Link.IFF_UP : 0, Link.IFF_UP);
    }

    static NetlinkBuffer setTransmitQueueLength(NetlinkBuffer request, int index, int packets) {
        return set(request, index).attribute(IFLA_TXQLEN, packets);
    }

    static NetlinkBuffer setGsoMaxSize(NetlinkBuffer request, int index, int bytes) {
        return set(request, index).attribute(IFLA_GSO_MAX_SIZE, bytes).attribute(IFLA_GSO_IPV4_MAX_SIZE, bytes);
    }

    static NetlinkBuffer rename(NetlinkBuffer request, int index, String name) {
        return set(request, index).attribute(IFLA_IFNAME, name);
    }

    static NetlinkBuffer delete(NetlinkBuffer request, int index) {
        return header(request.begin(RTM_DELLINK, 0), index, 0, 0);
    }

    private static NetlinkBuffer set(NetlinkBuffer request, int index) {
        return header(request.begin(RTM_SETLINK, 0), index, 0, 0);
    }

    private static NetlinkBuffer header(NetlinkBuffer request, int index, int flags, int change) {
        return request.u8(AF_UNSPEC).u8(0).u16(0).u32(index).u32(flags).u32(change);
    }

    /**
     * Null if truncated, nameless, or not about a device as such: RTM_NEWLINK and RTM_DELLINK of family AF_BRIDGE tell that a
     * device joined or left a bridge.
     */
    static @Nullable Link parse(MemorySegment payload) {
        if (payload.byteSize() < HEADER_LENGTH || payload.get(JAVA_BYTE, FAMILY) != AF_UNSPEC) {
            return null;
        }
        String name = "";
        String kind = null;
        byte[] address = {};
        int mtu = 0;
        LinkStatistics statistics = LinkStatistics.NONE;
        AttributeReader attributes = new AttributeReader(payload, HEADER_LENGTH);
        while (attributes.next()) {
            switch (attributes.type()) {
                case IFLA_IFNAME -> name = attributes.string();
                case IFLA_ADDRESS -> address = attributes.bytes();
                case IFLA_MTU -> mtu = attributes.u32();
                case IFLA_LINKINFO -> kind = kind(attributes.nested());
                case IFLA_STATS64 -> statistics = statistics(attributes);
                default -> {}
            }
        }
        if (name.isEmpty()) {
            return null;
        }
        return new Link(
                payload.get(JAVA_INT_UNALIGNED, INDEX),
                name,
                Short.toUnsignedInt(payload.get(JAVA_SHORT_UNALIGNED, TYPE)),
                payload.get(JAVA_INT_UNALIGNED, FLAGS),
                mtu,
                address,
                kind,
                statistics);
    }

    private static @Nullable String kind(AttributeReader info) {
        while (info.next()) {
            if (info.type() == IFLA_INFO_KIND) {
                return info.string();
            }
        }
        return null;
    }

    /** {@code struct rtnl_link_stats64}: rx and tx packets, rx and tx bytes, rx and tx errors, rx and tx dropped, … */
    private static LinkStatistics statistics(AttributeReader attribute) {
        return new LinkStatistics(
                attribute.u64(0),
                attribute.u64(8),
                attribute.u64(16),
                attribute.u64(24),
                attribute.u64(48),
                attribute.u64(56),
                attribute.u64(32),
                attribute.u64(40));
    }
}
