package io.culvert.tunnel;

import io.culvert.wire.IpProtocol;
import org.agrona.MutableDirectBuffer;

/** IPv4 and IPv6 in IPv6, RFC 2473: nothing between the headers but what the outer header itself brings. */
final class Ipv6TunnelEncapsulator implements Encapsulator {

    private final Mode mode;

    Ipv6TunnelEncapsulator(Mode mode) {
        this.mode = mode;
    }

    @Override
    public int shimLength() {
        return 0;
    }

    @Override
    public boolean carries(int innerVersion) {
        return mode.takes(innerVersion == 4 ? Mode.IPIP6 : Mode.IP6IP6);
    }

    @Override
    public int protocol(int innerVersion) {
        return innerVersion == 4 ? IpProtocol.IPV4 : IpProtocol.IPV6;
    }

    @Override
    public void putTemplate(MutableDirectBuffer buffer, int offset) {}

    @Override
    public void fixUp(Slot slot, int shimOffset, int innerVersion) {}

    @Override
    public void fixUpSegment(
            MutableDirectBuffer headers,
            int shimOffset,
            int sequence,
            int length,
            int checksumStart,
            int checksumField) {}

    @Override
    public boolean segmentsAlike() {
        return true;
    }
}
