package io.culvert.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** RTM_*ROUTE: {@code struct rtmsg} and RTA_* attributes (linux/rtnetlink.h). */
final class RouteMessage {

    static final int FAMILY = 0;
    static final int PREFIX_LENGTH = 1;
    static final int TABLE = 4;
    static final int TYPE = 7;
    static final int FLAGS = 8;
    static final int HEADER_LENGTH = 12;

    /** Of {@code struct rtnexthop}: u16 length, u8 flags, u8 hops, s32 device, attributes. */
    static final int NEXT_HOP_INDEX = 4;

    static final int NEXT_HOP_LENGTH = 8;

    private RouteMessage() {}

    static NetlinkBuffer list(NetlinkBuffer request, Family family) {
        request.begin(Abi.RTM_GETROUTE, Abi.NLM_F_DUMP);
        return header(request, family, 0, 0, 0, Abi.RTPROT_UNSPEC, Abi.RT_SCOPE_UNIVERSE, 0);
    }

    static NetlinkBuffer add(
            NetlinkBuffer request,
            InetAddress destination,
            int prefixLength,
            int index,
            @Nullable InetAddress gateway) {
        request.begin(Abi.RTM_NEWROUTE, Abi.NLM_F_CREATE | Abi.NLM_F_EXCL);
        int scope =
                gateway == null && Family.of(destination) == Family.IPV4 ? Abi.RT_SCOPE_LINK : Abi.RT_SCOPE_UNIVERSE;
        return change(request, Abi.RTPROT_STATIC, scope, destination, prefixLength, index, gateway);
    }

    /** Scope and protocol are left open, so that a route is removed whoever made it. */
    static NetlinkBuffer remove(
            NetlinkBuffer request,
            InetAddress destination,
            int prefixLength,
            int index,
            @Nullable InetAddress gateway) {
        request.begin(Abi.RTM_DELROUTE, 0);
        return change(request, Abi.RTPROT_UNSPEC, Abi.RT_SCOPE_NOWHERE, destination, prefixLength, index, gateway);
    }

    static NetlinkBuffer lookup(
            NetlinkBuffer request, InetAddress destination, @Nullable InetAddress source, int outputIndex) {
        Family family = Family.of(destination);
        int sourceBits = source == null ? 0 : family.bits();
        request.begin(Abi.RTM_GETROUTE, 0);
        header(request, family, family.bits(), sourceBits, 0, Abi.RTPROT_UNSPEC, Abi.RT_SCOPE_UNIVERSE, 0);
        request.attribute(Abi.RTA_DST, destination.getAddress());
        if (source != null) {
            request.attribute(Abi.RTA_SRC, source.getAddress());
        }
        if (outputIndex != 0) {
            request.attribute(Abi.RTA_OIF, outputIndex);
        }
        return request;
    }

    private static NetlinkBuffer change(
            NetlinkBuffer request,
            int protocol,
            int scope,
            InetAddress destination,
            int prefixLength,
            int index,
            @Nullable InetAddress gateway) {
        Family family = Family.of(destination);
        int table = RouteInfo.RT_TABLE_MAIN;
        header(request, family, prefixLength, 0, table, protocol, scope, RouteInfo.RTN_UNICAST);
        request.attribute(Abi.RTA_DST, destination.getAddress());
        if (index != 0) {
            request.attribute(Abi.RTA_OIF, index);
        }
        if (gateway == null) {
            return request;
        }
        return Family.of(gateway) == family
                ? request.attribute(Abi.RTA_GATEWAY, gateway.getAddress())
                : request.attribute(Abi.RTA_VIA, via(gateway));
    }

    private static NetlinkBuffer header(
            NetlinkBuffer request,
            Family family,
            int destinationBits,
            int sourceBits,
            int table,
            int protocol,
            int scope,
            int type) {
        request.u8(family.number()).u8(destinationBits).u8(sourceBits).u8(0);
        return request.u8(table).u8(protocol).u8(scope).u8(type).u32(0);
    }

    /** Null if truncated, neither IPv4 nor IPv6, or only a cached answer within a list of routes. */
    static @Nullable RouteInfo parse(MemorySegment payload) {
        boolean cached =
                payload.byteSize() >= HEADER_LENGTH && (payload.get(JAVA_INT_UNALIGNED, FLAGS) & Abi.RTM_F_CLONED) != 0;
        return cached ? null : parseAnswer(payload);
    }

    /** Null if truncated, or neither IPv4 nor IPv6. */
    static @Nullable RouteInfo parseAnswer(MemorySegment payload) {
        if (payload.byteSize() < HEADER_LENGTH) {
            return null;
        }
        Family family = Family.of(payload.get(JAVA_BYTE, FAMILY));
        int prefixLength = Byte.toUnsignedInt(payload.get(JAVA_BYTE, PREFIX_LENGTH));
        if (family == null || prefixLength > family.bits()) {
            return null;
        }
        InetAddress destination = family.any();
        NextHop nextHop = NextHop.NONE;
        InetAddress preferredSource = null;
        int mtu = 0;
        int table = Byte.toUnsignedInt(payload.get(JAVA_BYTE, TABLE));
        AttributeReader attributes = new AttributeReader(payload, HEADER_LENGTH);
        while (attributes.next()) {
            switch (attributes.type()) {
                case Abi.RTA_DST -> {
                    InetAddress given = attributes.address(family);
                    destination = given == null ? destination : given;
                }
                case Abi.RTA_PREFSRC -> preferredSource = attributes.address(family);
                case Abi.RTA_METRICS -> mtu = mtu(attributes.nested());
                case Abi.RTA_TABLE -> table = attributes.u32();
                case Abi.RTA_MULTIPATH -> nextHop = firstNextHop(attributes.payload(), family);
                default -> nextHop = nextHop.with(attributes, family);
            }
        }
        int type = Byte.toUnsignedInt(payload.get(JAVA_BYTE, TYPE));
        return new RouteInfo(
                destination, prefixLength, nextHop.gateway, nextHop.index, preferredSource, mtu, type, table);
    }

    private static int mtu(AttributeReader metrics) {
        int mtu = 0;
        while (metrics.next()) {
            mtu = metrics.type() == Abi.RTAX_MTU ? metrics.u32() : mtu;
        }
        return mtu;
    }

    private static NextHop firstNextHop(MemorySegment nextHops, Family family) {
        if (nextHops.byteSize() < NEXT_HOP_LENGTH) {
            return NextHop.NONE;
        }
        long length = Short.toUnsignedInt(nextHops.get(JAVA_SHORT_UNALIGNED, 0));
        NextHop nextHop = new NextHop(nextHops.get(JAVA_INT_UNALIGNED, NEXT_HOP_INDEX), null);
        MemorySegment first = nextHops.asSlice(0, Math.min(nextHops.byteSize(), length));
        AttributeReader attributes = new AttributeReader(first, NEXT_HOP_LENGTH);
        while (attributes.next()) {
            nextHop = nextHop.with(attributes, family);
        }
        return nextHop;
    }

    /** {@code struct rtvia}: u16 family, address. */
    private static byte[] via(InetAddress gateway) {
        byte[] address = gateway.getAddress();
        byte[] via = new byte[Short.BYTES + address.length];
        MemorySegment.ofArray(via)
                .set(JAVA_SHORT_UNALIGNED, 0, (short) Family.of(gateway).number());
        System.arraycopy(address, 0, via, Short.BYTES, address.length);
        return via;
    }

    private static @Nullable InetAddress gateway(byte[] via) {
        if (via.length < Short.BYTES) {
            return null;
        }
        Family family = Family.of(MemorySegment.ofArray(via).get(JAVA_SHORT_UNALIGNED, 0));
        return family == null ? null : family.address(Arrays.copyOfRange(via, Short.BYTES, via.length));
    }

    private record NextHop(int index, @Nullable InetAddress gateway) {

        static final NextHop NONE = new NextHop(0, null);

        NextHop with(AttributeReader attribute, Family family) {
            return switch (attribute.type()) {
                case Abi.RTA_OIF -> new NextHop(attribute.u32(), gateway);
                case Abi.RTA_GATEWAY -> new NextHop(index, attribute.address(family));
                case Abi.RTA_VIA -> new NextHop(index, RouteMessage.gateway(attribute.bytes()));
                default -> this;
            };
        }
    }
}
