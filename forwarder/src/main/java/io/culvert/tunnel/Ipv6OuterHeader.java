package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.Ecn;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Ipv6Options;
import java.net.InetAddress;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An outer IPv6 header, RFC 2473, with a destination options header for the tunnel encapsulation limit where there is one,
 * and what the mode puts behind it.
 */
final class Ipv6OuterHeader extends OuterHeader {

    private static final int PAYLOAD_LENGTH = 4;
    private static final int NEXT_HEADER = 6;
    private static final int HOP_LIMIT = 7;
    private static final int SOURCE = 8;
    private static final int DESTINATION = 24;
    private static final int VERSION = 0x6000_0000;
    private static final int CLASS_SHIFT = 20;
    private static final int FLOW_LABEL_MASK = 0xf_ffff;

    private final int nextHeader;
    private final int encapLimit;
    private final int hopLimit;
    private final int trafficClass;
    private final int flowLabel;

    /** The header for inner packets that bring a limit of their own; this one, if it has a place for it. */
    private final Ipv6OuterHeader limited;

    Ipv6OuterHeader(Tunnel tunnel, OuterRoute route) {
        this(tunnel, route, tunnel.spec().ipv6().encapLimit() != Ipv6Outer.NO_LIMIT);
    }

    private Ipv6OuterHeader(Tunnel tunnel, OuterRoute route, boolean withLimit) {
        super(tunnel, route, Ipv6Flyweight.HEADER_LENGTH + (withLimit ? Ipv6Options.LIMIT_HEADER_LENGTH : 0));
        TunnelSpec spec = tunnel.spec();
        encapLimit = spec.ipv6().encapLimit();
        hopLimit = spec.ttl();
        trafficClass = spec.ipv6().trafficClass();
        flowLabel = spec.ipv6().flowLabel();
        nextHeader = withLimit ? Ipv6Flyweight.HEADER_LENGTH : NEXT_HEADER;
        limited = withLimit ? this : new Ipv6OuterHeader(tunnel, route, true);
        int ip = OuterRoute.LINK_LENGTH;
        putAddress(ip + SOURCE, spec.local() != null ? spec.local() : route.source());
        putAddress(ip + DESTINATION, spec.remote());
        if (withLimit) {
            int options = ip + Ipv6Flyweight.HEADER_LENGTH;
            template.putByte(ip + NEXT_HEADER, (byte) IpProtocol.DESTINATION_OPTIONS);
            template.putByte(options + 2, (byte) Ipv6Options.ENCAPSULATION_LIMIT);
            template.putByte(options + 3, (byte) 1);
            // PadN up to the header's end.
            template.putByte(options + 5, (byte) 1);
            template.putByte(options + 6, (byte) 1);
        }
        encapsulator.putTemplate(template, ip + ipLength);
    }

    private void putAddress(int offset, @Nullable InetAddress address) {
        if (address != null) {
            template.putBytes(offset, address.getAddress());
        }
    }

    @Override
    public OuterHeader withEncapLimit() {
        return limited;
    }

    @Override
    public void prepend(Slot slot, int innerVersion, int innerTos, int innerTtl, boolean innerDontFragment) {
        UnsafeBuffer buffer = slot.buffer;
        int inner = slot.offset;
        int ip = inner - length;
        int link = ip - OuterRoute.LINK_LENGTH;
        int label = flowLabel(slot, innerVersion);
        for (int i = 0; i < OuterRoute.LINK_LENGTH + length; i += Short.BYTES) {
            buffer.putShort(link + i, template.getShort(i));
        }
        // RFC 6040 section 4.1, normal mode: the ECN field always comes from the inner header.
        int outerClass = ((trafficClass == Ipv6Outer.INHERIT ? innerTos : trafficClass) & ~Ecn.MASK)
                | Ecn.encapsulate(innerTos & Ecn.MASK);
        // Only of a super-packet can it be more than the field takes: each of its segments gets its own.
        int trailer = slot.gsoType == 0 ? encapsulator.trailerLength(slot.length) : 0;
        int payload = slot.length + length + trailer - Ipv6Flyweight.HEADER_LENGTH;
        buffer.putInt(ip, VERSION | outerClass << CLASS_SHIFT | label, BIG_ENDIAN);
        buffer.putShort(ip + PAYLOAD_LENGTH, (short) payload, BIG_ENDIAN);
        buffer.putByte(ip + nextHeader, (byte) encapsulator.protocol(innerVersion));
        buffer.putByte(ip + HOP_LIMIT, (byte) (hopLimit != 0 ? hopLimit : innerTtl));
        if (nextHeader != NEXT_HEADER) {
            int limit = slot.innerEncapLimit > 0 ? slot.innerEncapLimit - 1 : encapLimit;
            buffer.putByte(ip + Ipv6Flyweight.HEADER_LENGTH + Ipv6Options.LIMIT_OFFSET, (byte) limit);
        }
        slot.offset = ip;
        slot.length += length;
        slot.outerHeader = this;
        encapsulator.fixUp(slot, ip + ipLength, innerVersion);
    }

    private int flowLabel(Slot slot, int innerVersion) {
        if (flowLabel > 0) {
            return flowLabel;
        }
        if (slot.etherType != 0) {
            return FlowHash.otherLabel(slot.buffer, slot.offset, slot.length, slot.etherType);
        }
        if (innerVersion == 0) {
            return FlowHash.frameLabel(slot.buffer, slot.offset);
        }
        int inner = slot.offset + slot.networkOffset;
        if (flowLabel == Ipv6Outer.INHERIT && innerVersion == 6) {
            return slot.buffer.getInt(inner, BIG_ENDIAN) & FLOW_LABEL_MASK;
        }
        return FlowHash.label(slot.buffer, inner, slot.length - slot.networkOffset, innerVersion);
    }

    @Override
    public void fixUpSegment(
            MutableDirectBuffer headers,
            int ip,
            Slot slot,
            int segment,
            int total,
            int checksumStart,
            int checksumField) {
        int outerTotal = total + encapsulator.trailerLength(total - length);
        headers.putShort(ip + PAYLOAD_LENGTH, (short) (outerTotal - Ipv6Flyweight.HEADER_LENGTH), BIG_ENDIAN);
        encapsulator.fixUpSegment(
                headers, ip + ipLength, slot.sequence + segment, total - ipLength, checksumStart, checksumField);
    }
}
