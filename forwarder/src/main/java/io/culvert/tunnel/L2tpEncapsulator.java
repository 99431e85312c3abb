package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.IpProtocol;
import io.culvert.wire.L2tpv3Flyweight;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Data messages of an L2TPv3 session, RFC 3931. But for sequence numbers all have the same header. */
final class L2tpEncapsulator implements Encapsulator {

    private final L2tpOptions options;
    private final boolean numbered;
    private final int sublayerOffset;

    L2tpEncapsulator(TunnelSpec spec) {
        options = spec.l2tp();
        numbered = spec.oseq();
        sublayerOffset = L2tpv3Flyweight.MIN_HEADER_LENGTH + options.cookie().length();
    }

    @Override
    public int shimLength() {
        return options.sentLength();
    }

    /** Room for the longer of both directions' headers: what the peer's device may send must fit this one's. */
    @Override
    public int innerMtu(int available) {
        return available - Math.max(options.sentLength(), options.receivedLength());
    }

    @Override
    public boolean carries(int innerVersion) {
        return true;
    }

    @Override
    public int protocol(int innerVersion) {
        return IpProtocol.L2TP;
    }

    @Override
    public void putTemplate(MutableDirectBuffer buffer, int offset) {
        L2tpCookie cookie = options.cookie();
        new L2tpv3Flyweight()
                .wrap(buffer, offset)
                .sessionId(options.peerSessionId())
                .cookie(cookie.value(), cookie.length());
    }

    @Override
    public void fixUp(Slot slot, int shimOffset, int innerVersion) {}

    @Override
    public boolean isNumbered() {
        return numbered;
    }

    @Override
    public void putSequence(MutableDirectBuffer buffer, int shimOffset, int sequence) {
        L2tpv3Flyweight.putSublayer(buffer, shimOffset + sublayerOffset, sequence);
    }

    @Override
    public void fixUpSegment(
            MutableDirectBuffer headers,
            int shimOffset,
            int sequence,
            int length,
            int checksumStart,
            int checksumField) {
        if (numbered) {
            putSequence(headers, shimOffset, sequence);
        }
    }

    @Override
    public boolean isQuotedBy(DirectBuffer quote, int shimOffset, int available) {
        return quote.getInt(shimOffset, BIG_ENDIAN) == options.peerSessionId();
    }

    /** The kernel cuts no super-packets in L2TPv3. */
    @Override
    public boolean segmentsAlike() {
        return false;
    }
}
