package io.culvert.pipeline;

import io.culvert.icmp.IcmpErrorBuilder;
import io.culvert.icmp.TokenBucket;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Verdict;
import io.culvert.wire.Ipv6Flyweight;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Answers the sender of an inner packet that the path does not take: fragmentation needed, RFC 1191, or packet too big,
 * RFC 4443. The rate is limited; a packet that may not be answered is dropped. One thread.
 */
final class TooBigAnswer {

    private static final int PER_SECOND = 1000;
    private static final int BURST = 50;

    private final IcmpErrorBuilder builder = new IcmpErrorBuilder();
    private final TokenBucket bucket = new TokenBucket(PER_SECOND, BURST, System.nanoTime());
    private final UnsafeBuffer error = new UnsafeBuffer(ByteBuffer.allocateDirect(IcmpErrorBuilder.MAX_LENGTH_IPV6));

    /** Puts the answer into the slot in place of the packet, or drops the packet. */
    void answer(Slot slot, int innerMtu) {
        boolean ipv4 = (slot.buffer.getByte(slot.offset) & 0xf0) == 0x40;
        if ((!ipv4 && innerMtu < Ipv6Flyweight.MIN_MTU) || !bucket.tryTake(System.nanoTime())) {
            slot.drop(DropReason.TOO_BIG);
            return;
        }
        int length = ipv4
                ? builder.fragmentationNeeded(slot.buffer, slot.offset, slot.length, innerMtu, error, 0)
                : builder.packetTooBig(slot.buffer, slot.offset, slot.length, innerMtu, error, 0);
        if (length == 0) {
            slot.drop(DropReason.TOO_BIG);
            return;
        }
        slot.buffer.putBytes(slot.offset, error, 0, length);
        slot.length = length;
        slot.checksumPartial = false;
        slot.gsoType = 0;
        slot.verdict = Verdict.ANSWER;
    }
}
