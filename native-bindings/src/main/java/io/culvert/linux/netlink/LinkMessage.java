package io.culvert.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** RTM_*LINK: {@code struct ifinfomsg} and IFLA_* attributes (linux/rtnetlink.h, linux/if_link.h). */
final class LinkMessage {

    static final int FAMILY = 0;
    static final int TYPE = 2;
    static final int INDEX = 4;
    static final int FLAGS = 8;
    static final int HEADER_LENGTH = 16;

    private LinkMessage() {}

    static NetlinkBuffer list(NetlinkBuffer request) {
        return header(request.begin(Abi.RTM_GETLINK, Abi.NLM_F_DUMP), 0, 0, 0);
    }

    static NetlinkBuffer get(NetlinkBuffer request, int index) {
        return header(request.begin(Abi.RTM_GETLINK, 0), index, 0, 0);
    }

    static NetlinkBuffer get(NetlinkBuffer request, String name) {
        return header(request.begin(Abi.RTM_GETLINK, 0), 0, 0, 0).attribute(Abi.IFLA_IFNAME, name);
    }

    static NetlinkBuffer setMtu(NetlinkBuffer request, int index, int mtu) {
        return set(request, index).attribute(Abi.IFLA_MTU, mtu);
    }

    static NetlinkBuffer setUp(NetlinkBuffer request, int index, boolean up) {
        return header(request.begin(Abi.RTM_SETLINK, 0), index, up ? Link.IFF_UP : 0, Link.IFF_UP);
    }

    static NetlinkBuffer setLimits(NetlinkBuffer request, int index, int mtu, int queueLength, int gsoMaxSize) {
        return setMtu(request, index, mtu)
                .attribute(Abi.IFLA_TXQLEN, queueLength)
                .attribute(Abi.IFLA_GSO_MAX_SIZE, gsoMaxSize)
                .attribute(Abi.IFLA_GSO_IPV4_MAX_SIZE, gsoMaxSize);
    }

    static NetlinkBuffer setGroup(NetlinkBuffer request, int index, int group) {
        return set(request, index).attribute(Abi.IFLA_GROUP, group);
    }

    static NetlinkBuffer generateNoIpv6LinkLocal(NetlinkBuffer request, int index) {
        set(request, index);
        int families = request.beginNested(Abi.IFLA_AF_SPEC);
        int ipv6 = request.beginNested(Abi.AF_INET6);
        request.attribute(Abi.IFLA_INET6_ADDR_GEN_MODE, new byte[] {Abi.IN6_ADDR_GEN_MODE_NONE});
        return request.endNested(ipv6).endNested(families);
    }

    static NetlinkBuffer rename(NetlinkBuffer request, int index, String name) {
        return set(request, index).attribute(Abi.IFLA_IFNAME, name);
    }

    static NetlinkBuffer delete(NetlinkBuffer request, int index) {
        return header(request.begin(Abi.RTM_DELLINK, 0), index, 0, 0);
    }

    static NetlinkBuffer deleteGroup(NetlinkBuffer request, int group) {
        return header(request.begin(Abi.RTM_DELLINK, 0), 0, 0, 0).attribute(Abi.IFLA_GROUP, group);
    }

    private static NetlinkBuffer set(NetlinkBuffer request, int index) {
        return header(request.begin(Abi.RTM_SETLINK, 0), index, 0, 0);
    }

    private static NetlinkBuffer header(NetlinkBuffer request, int index, int flags, int change) {
        return request.u8(Abi.AF_UNSPEC).u8(0).u16(0).u32(index).u32(flags).u32(change);
    }

    /**
     * Null if truncated, nameless, or not about a device as such: RTM_NEWLINK and RTM_DELLINK of family AF_BRIDGE tell that a
     * device joined or left a bridge.
     */
    static @Nullable Link parse(MemorySegment payload) {
        if (payload.byteSize() < HEADER_LENGTH || payload.get(JAVA_BYTE, FAMILY) != Abi.AF_UNSPEC) {
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
                case Abi.IFLA_IFNAME -> name = attributes.string();
                case Abi.IFLA_ADDRESS -> address = attributes.bytes();
                case Abi.IFLA_MTU -> mtu = attributes.u32();
                case Abi.IFLA_LINKINFO -> kind = kind(attributes.nested());
                case Abi.IFLA_STATS64 -> statistics = statistics(attributes);
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
            if (info.type() == Abi.IFLA_INFO_KIND) {
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
