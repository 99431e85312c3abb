package io.culvert.pipeline;

import io.culvert.fragment.Ipv4Fragmenter;
import io.culvert.fragment.Ipv6Fragmenter;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.PartialChecksum;
import io.culvert.tunnel.Slot;
import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sends outer packets that the path takes in fragments only: those of the shortest IPv6 packets, RFC 4213 section 3.2.1 and RFC
 * 2473 section 7.1, of PPP frames, and whatever is too big where no DF is set. Over IPv4 routers may fragment them further. A
 * super-packet is cut into segments before. The egress stage's thread.
 */
final class OuterFragmentOutput implements AutoCloseable {

    private static final int SCRATCH_SLOTS = 16;

    /** Where the outer IP header of a segment goes: the link header fits in front. */
    private static final int IP_OFFSET = 64;

    private static final int SEGMENT_CAPACITY = IP_OFFSET + Slot.MAX_PACKET;
    private static final int IPV4_FRAGMENT_OFFSET = 6;

    private final OuterEgress egress;
    private final SlotPool scratch = new SlotPool(SCRATCH_SLOTS);
    private final UnsafeBuffer segmentBuffer = new UnsafeBuffer(ByteBuffer.allocateDirect(SEGMENT_CAPACITY));
    private final Segmenter segmenter = new Segmenter();
    private final Ipv4Fragmenter ipv4 = new Ipv4Fragmenter();
    private final Ipv6Fragmenter ipv6 = new Ipv6Fragmenter();
    private int used;

    OuterFragmentOutput(OuterEgress egress) {
        this.egress = egress;
    }

    /** Sends a packet that is encapsulated and has its number; it is counted once. */
    void send(Slot slot) {
        used = 0;
        if (slot.sealedSegments > 0) {
            sendSealed(slot);
        } else if (slot.gsoType != 0) {
            sendSegments(slot);
        } else {
            // No device can finish a checksum over fragments.
            PartialChecksum.complete(slot);
            fragment(slot, slot.buffer, slot.offset, slot.length, true);
        }
        egress.flush();
    }

    private void sendSealed(Slot slot) {
        for (int segment = 0; segment < slot.sealedSegments; segment++) {
            boolean isLast = segment == slot.sealedSegments - 1;
            int ip = segment * slot.sealedStride + SegmentSealer.IP_OFFSET;
            fragment(slot, slot.sealed(), ip, isLast ? slot.sealedLastLength : slot.sealedLength, isLast);
        }
    }

    private void sendSegments(Slot slot) {
        segmenter.start(slot);
        for (int segment = 0; segment < slot.segments; segment++) {
            segmenter.putHeaders(segment, segmentBuffer, IP_OFFSET);
            int payload = IP_OFFSET + segmenter.headersLength();
            int length = segmenter.payloadLength(segment);
            segmentBuffer.putBytes(payload, slot.buffer, segmenter.payloadOffset(segment), length);
            int transport = slot.checksumStart - slot.offset + IP_OFFSET;
            PartialChecksum.complete(slot, segmentBuffer, transport, payload + length);
            fragment(slot, segmentBuffer, IP_OFFSET, segmenter.headersLength() + length, segment == slot.segments - 1);
        }
    }

    /** @param isLast whether nothing else of the slot's packet follows */
    private void fragment(Slot slot, MutableDirectBuffer buffer, int ip, int length, boolean isLast) {
        boolean isIpv6 = slot.outerHeader().isIpv6();
        int mtu = slot.outerHeader().route().mtu();
        if (!isIpv6) {
            buffer.putShort(ip + IPV4_FRAGMENT_OFFSET, (short) 0);
        }
        int count = isIpv6 ? ipv6.start(buffer, ip, length, mtu) : ipv4.start(buffer, ip, length, mtu);
        if (count == 0 && isLast) {
            slot.tunnel().encapCounters().dropped(DropReason.TOO_BIG);
        }
        for (int i = 0; i < count; i++) {
            if (used == SCRATCH_SLOTS) {
                egress.flush();
                used = 0;
            }
            Slot fragment = scratch.get(used++);
            int written =
                    isIpv6 ? ipv6.next(fragment.buffer, Slot.HEADROOM) : ipv4.next(fragment.buffer, Slot.HEADROOM);
            fragment.received(slot.table, written);
            int link = Slot.HEADROOM - OuterRoute.LINK_LENGTH;
            fragment.buffer.putBytes(link, buffer, ip - OuterRoute.LINK_LENGTH, OuterRoute.LINK_LENGTH);
            fragment.tunnel = slot.tunnel();
            fragment.outerHeader = slot.outerHeader();
            fragment.fragmentOf = slot;
            fragment.isLast = isLast && i == count - 1;
            egress.enqueue(fragment);
        }
    }

    @Override
    public void close() {
        scratch.close();
    }
}
