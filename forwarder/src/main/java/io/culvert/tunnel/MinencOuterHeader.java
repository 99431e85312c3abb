package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.icmp.OuterError;
import io.culvert.wire.Addresses;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.MinimalEncapsulationFlyweight;
import org.agrona.MutableDirectBuffer;

/**
 * Minimal encapsulation, RFC 2004: the inner IPv4 header moves to the front and gets other addresses, and what they were
 * goes behind it. TTL, TOS, DF and identification stay the inner packet's. Fragments must not be encapsulated so: they go
 * as IPv4 in IPv4, RFC 2003, whose length therefore counts for the MTU.
 */
final class MinencOuterHeader extends OuterHeader {

    private static final int IPV4_LENGTH = 20;
    private static final int IPV4_SOURCE = 12;

    private final Ipv4OuterHeader fallback;
    private final int source;
    private final int destination;

    MinencOuterHeader(Tunnel tunnel, OuterRoute route) {
        super(tunnel, route, IPV4_LENGTH);
        fallback = new Ipv4OuterHeader(tunnel, route);
        source = tunnel.local() != 0 ? tunnel.local() : Addresses.toInt(route.source());
        destination = tunnel.remote();
    }

    @Override
    public void prepend(Slot slot, int innerVersion, int innerTos, int innerTtl, boolean innerDontFragment) {
        Ipv4Flyweight inner = slot.innerIpv4.wrap(slot.buffer, slot.offset);
        if (inner.isFragment() || slot.gsoType != 0) {
            fallback.prepend(slot, innerVersion, innerTos, innerTtl, innerDontFragment);
            return;
        }
        boolean hasSource = inner.source() != source;
        int headerLength = inner.headerLength();
        int shimLength = hasSource
                ? MinimalEncapsulationFlyweight.MAX_HEADER_LENGTH
                : MinimalEncapsulationFlyweight.MIN_HEADER_LENGTH;
        int ip = slot.offset - shimLength;
        int protocol = inner.protocol();
        int originalSource = inner.source();
        int originalDestination = inner.destination();
        // Towards lower addresses and word by word, so that the header may move onto itself.
        for (int i = 0; i < headerLength; i += Integer.BYTES) {
            slot.buffer.putInt(ip + i, slot.buffer.getInt(slot.offset + i));
        }
        MinimalEncapsulationFlyweight shim = slot.minimal.wrap(slot.buffer, ip + headerLength);
        shim.protocol(protocol).hasSource(hasSource).originalDestination(originalDestination);
        if (hasSource) {
            shim.originalSource(originalSource);
        }
        shim.updateChecksum();
        slot.length += shimLength;
        slot.offset = ip;
        slot.innerIpv4
                .wrap(slot.buffer, ip)
                .totalLength(slot.length)
                .protocol(IpProtocol.MINIMAL_ENCAPSULATION)
                .source(source)
                .destination(destination)
                .updateChecksum();
        if (isResolved()) {
            slot.buffer.putBytes(ip - OuterRoute.LINK_LENGTH, template, 0, OuterRoute.LINK_LENGTH);
        }
        slot.outerHeader = this;
    }

    @Override
    public boolean isQuotedBy(OuterError error) {
        if (error.protocol() != IpProtocol.MINIMAL_ENCAPSULATION) {
            return fallback.isQuotedBy(error);
        }
        return error.ipv4Destination() == destination
                && error.buffer().getInt(error.header() + IPV4_SOURCE, BIG_ENDIAN) == source;
    }

    @Override
    public boolean hasOwnIdentification() {
        return false;
    }

    /** Super-packets have the fallback's header. */
    @Override
    public void fixUpSegment(
            MutableDirectBuffer headers,
            int ip,
            Slot slot,
            int segment,
            int total,
            int checksumStart,
            int checksumField) {
        fallback.fixUpSegment(headers, ip, slot, segment, total, checksumStart, checksumField);
    }
}
