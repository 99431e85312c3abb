package io.culvert.tunnel;

import io.culvert.wire.IpProtocol;
import org.agrona.MutableDirectBuffer;

/** IPv4 in IPv4, RFC 2003: nothing between the headers. */
final class IpipEncapsulator implements Encapsulator {

    @Override
    public int shimLength() {
        return 0;
    }

    @Override
    public boolean carries(int innerVersion) {
        return innerVersion == 4;
    }

    @Override
    public int protocol(int innerVersion) {
        return IpProtocol.IPV4;
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
