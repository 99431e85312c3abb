package io.culvert.tunnel;

import io.culvert.wire.IpProtocol;
import org.agrona.MutableDirectBuffer;

/** IPv6 in IPv4, RFC 4213, and IPv4 in IPv4 where the tunnel carries both: nothing between the headers. */
final class SitEncapsulator implements Encapsulator {

    private final SitPayload payload;

    SitEncapsulator(SitPayload payload) {
        this.payload = payload;
    }

    @Override
    public int shimLength() {
        return 0;
    }

    @Override
    public boolean carries(int innerVersion) {
        return payload.carries(innerVersion);
    }

    @Override
    public int protocol(int innerVersion) {
        return innerVersion == 6 ? IpProtocol.IPV6 : IpProtocol.IPV4;
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
