package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.GreV1Flyweight;
import io.culvert.wire.IpProtocol;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * PPP frames in Generic Routing Encapsulation version 1, RFC 2637 section 4. All packets have a number; all have an
 * acknowledgment, too, once there is something to be acknowledged.
 */
final class PptpEncapsulator implements Encapsulator {

    private static final int PAYLOAD_LENGTH = 4;
    private static final int CALL_ID = 6;
    private static final int SEQUENCE = 8;
    private static final int ACKNOWLEDGMENT = 12;
    private static final int VERSION_MASK = 0x0007;
    private static final int VERSION = 1;

    private final int peerCallId;
    private final int flags;
    private final int headerLength;
    private final @Nullable PptpEncapsulator acknowledging;

    /** That of packets before anything was received. */
    PptpEncapsulator(TunnelSpec spec) {
        this(spec.pptp().peerCallId(), false);
    }

    private PptpEncapsulator(int peerCallId, boolean acknowledges) {
        this.peerCallId = peerCallId;
        flags = GreV1Flyweight.SEQUENCE_PRESENT | (acknowledges ? GreV1Flyweight.ACKNOWLEDGMENT_PRESENT : 0);
        headerLength = GreV1Flyweight.headerLength(flags);
        acknowledging = acknowledges ? null : new PptpEncapsulator(peerCallId, true);
    }

    @Override
    public @Nullable Encapsulator acknowledging() {
        return acknowledging;
    }

    @Override
    public boolean acknowledges() {
        return acknowledging == null;
    }

    @Override
    public int shimLength() {
        return headerLength;
    }

    /** The same with an acknowledgment and without: the path does not get narrower by the first packet that comes. */
    @Override
    public int innerMtu(int available) {
        return available - GreV1Flyweight.MAX_HEADER_LENGTH;
    }

    @Override
    public boolean carries(int innerVersion) {
        return true;
    }

    @Override
    public int protocol(int innerVersion) {
        return IpProtocol.GRE;
    }

    @Override
    public void putTemplate(MutableDirectBuffer buffer, int offset) {
        new GreV1Flyweight().wrap(buffer, offset).flags(flags).callId(peerCallId);
    }

    @Override
    public void fixUp(Slot slot, int shimOffset, int innerVersion) {
        int payload = slot.length - (shimOffset - slot.offset) - headerLength;
        slot.buffer.putShort(shimOffset + PAYLOAD_LENGTH, (short) payload, BIG_ENDIAN);
    }

    @Override
    public boolean isNumbered() {
        return true;
    }

    @Override
    public void putSequence(MutableDirectBuffer buffer, int shimOffset, int sequence) {
        buffer.putInt(shimOffset + SEQUENCE, sequence, BIG_ENDIAN);
    }

    @Override
    public void putAcknowledgment(MutableDirectBuffer buffer, int shimOffset, int acknowledgment) {
        buffer.putInt(shimOffset + ACKNOWLEDGMENT, acknowledgment, BIG_ENDIAN);
    }

    /** A pseudo-terminal hands over no super-packets. */
    @Override
    public void fixUpSegment(
            MutableDirectBuffer headers,
            int shimOffset,
            int sequence,
            int length,
            int checksumStart,
            int checksumField) {
        throw new IllegalStateException("a PPP frame is no super-packet");
    }

    @Override
    public boolean isQuotedBy(DirectBuffer quote, int shimOffset, int available) {
        return (quote.getShort(shimOffset, BIG_ENDIAN) & VERSION_MASK) == VERSION
                && (quote.getShort(shimOffset + CALL_ID, BIG_ENDIAN) & 0xffff) == peerCallId;
    }

    @Override
    public boolean quotesIp(DirectBuffer quote, int shimOffset, int protocol) {
        return false;
    }

    @Override
    public boolean segmentsAlike() {
        return false;
    }
}
