package io.culvert.pipeline;

import io.culvert.icmp.IcmpErrorBuilder;
import io.culvert.icmp.TokenBucket;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Verdict;
import io.culvert.wire.EthernetFlyweight;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Answers the sender of an inner packet that cannot be carried: by fragmentation needed, RFC 1191, or packet too big, RFC
 * 4443, where the path does not take its size, by unreachable where there is no route to the remote. The rate is limited;
 * a packet that may not be answered is dropped. One thread.
 */
final class SenderAnswer {

    private static final int PER_SECOND = 1000;
    private static final int BURST = 50;

    private final IcmpErrorBuilder builder = new IcmpErrorBuilder();
    private final TokenBucket bucket = new TokenBucket(PER_SECOND, BURST, System.nanoTime());
    private final UnsafeBuffer error = new UnsafeBuffer(ByteBuffer.allocateDirect(IcmpErrorBuilder.MAX_LENGTH_IPV6));

    /** Says what size would fit, in place of the packet, or drops the packet. */
    void tooBig(Slot slot, int innerMtu) {
        boolean ipv4 = isIpv4(slot);
        int ipMtu = innerMtu - slot.networkOffset;
        if (!bucket.tryTake(System.nanoTime())) {
            slot.drop(DropReason.TOO_BIG);
            return;
        }
        int length = ipv4
                ? builder.fragmentationNeeded(slot.buffer, ip(slot), ipLength(slot), ipMtu, error, 0)
                : builder.packetTooBig(slot.buffer, ip(slot), ipLength(slot), ipMtu, error, 0);
        answer(slot, length, DropReason.TOO_BIG);
    }

    /** Its tunnel encapsulation limit, which is there in the buffer, is 0: parameter problem, RFC 2473 section 4.1.1. */
    void encapLimitReached(Slot slot, int limitOffset) {
        if (!bucket.tryTake(System.nanoTime())) {
            slot.drop(DropReason.ENCAP_LIMIT);
            return;
        }
        int pointer = limitOffset - ip(slot);
        int length = builder.parameterProblem(slot.buffer, ip(slot), ipLength(slot), pointer, error, 0);
        answer(slot, length, DropReason.ENCAP_LIMIT);
    }

    /** Says that the destination cannot be reached, in place of the packet, or drops the packet for that reason. */
    void unreachable(Slot slot, DropReason reason) {
        if (!bucket.tryTake(System.nanoTime())) {
            slot.drop(reason);
            return;
        }
        int length = isIpv4(slot)
                ? builder.hostUnreachable(slot.buffer, ip(slot), ipLength(slot), error, 0)
                : builder.addressUnreachable(slot.buffer, ip(slot), ipLength(slot), error, 0);
        answer(slot, length, reason);
    }

    private static boolean isIpv4(Slot slot) {
        return (slot.buffer.getByte(ip(slot)) & 0xf0) == 0x40;
    }

    private static int ip(Slot slot) {
        return slot.offset + slot.networkOffset;
    }

    private static int ipLength(Slot slot) {
        return slot.length - slot.networkOffset;
    }

    /** Puts the answer into the slot in place of the packet, or drops the packet if there is none. */
    private void answer(Slot slot, int length, DropReason otherwise) {
        if (length == 0 || (slot.networkOffset > 0 && isToGroup(slot))) {
            slot.drop(otherwise);
            return;
        }
        if (slot.networkOffset > 0) {
            turnRound(slot);
        }
        slot.buffer.putBytes(ip(slot), error, 0, length);
        slot.length = slot.networkOffset + length;
        slot.checksumPartial = false;
        slot.gsoType = 0;
        slot.verdict = Verdict.ANSWER;
    }

    /** Whether a frame has a group address as its destination, which can be no answer's source. */
    private static boolean isToGroup(Slot slot) {
        return (slot.buffer.getByte(slot.offset) & 1) != 0;
    }

    /** Sends a frame's answer to where the frame came from. */
    private static void turnRound(Slot slot) {
        for (int i = 0; i < EthernetFlyweight.ADDRESS_LENGTH; i += Short.BYTES) {
            int source = slot.offset + EthernetFlyweight.ADDRESS_LENGTH + i;
            short sender = slot.buffer.getShort(source);
            slot.buffer.putShort(source, slot.buffer.getShort(slot.offset + i));
            slot.buffer.putShort(slot.offset + i, sender);
        }
    }
}
