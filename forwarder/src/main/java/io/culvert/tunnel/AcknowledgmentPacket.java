package io.culvert.tunnel;

import io.culvert.wire.Addresses;
import io.culvert.wire.GreV1Flyweight;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import org.agrona.MutableDirectBuffer;

/** Writes outer packets of mode pptp that only acknowledge, RFC 2637 section 4.1: no number, no payload. One thread. */
public final class AcknowledgmentPacket {

    private static final int TTL = 64;
    private static final int IPV4 = Ipv4Flyweight.MIN_HEADER_LENGTH;

    /** Of the packet, bytes. */
    public static final int LENGTH = IPV4 + GreV1Flyweight.MIN_HEADER_LENGTH + Integer.BYTES;

    private final Ipv4Flyweight ipv4 = new Ipv4Flyweight();
    private final GreV1Flyweight gre = new GreV1Flyweight();

    /** Writes at {@code offset} what acknowledges all that the tunnel has received. */
    public void write(Tunnel tunnel, MutableDirectBuffer buffer, int offset) {
        TunnelSpec spec = tunnel.spec();
        int local = tunnel.local();
        ipv4.wrap(buffer, offset)
                .headerLength(IPV4)
                .tos(0)
                .totalLength(LENGTH)
                .identification(0)
                .flagsAndFragmentOffset(0)
                .ttl(spec.ttl() == 0 ? TTL : spec.ttl())
                .protocol(IpProtocol.GRE)
                .source(
                        local != 0
                                ? local
                                : Addresses.toInt(tunnel.outerHeader().route().source()))
                .destination(tunnel.remote())
                .updateChecksum();
        gre.wrap(buffer, offset + IPV4)
                .flags(GreV1Flyweight.ACKNOWLEDGMENT_PRESENT)
                .payloadLength(0)
                .callId(spec.pptp().peerCallId())
                .acknowledgment(tunnel.call().takeAcknowledgment());
    }
}
