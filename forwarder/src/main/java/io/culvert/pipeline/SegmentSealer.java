package io.culvert.pipeline;

import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.OuterHeader;
import io.culvert.tunnel.PartialChecksum;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Verdict;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Cuts an encapsulated super-packet into whole outer packets and has each encrypted in place. Their payload is copied, for
 * what is encrypted must lie in one piece with its headers; the copy is read at once, out of the first-level cache. One
 * thread.
 */
final class SegmentSealer {

    /** Where a segment's outer IP header is in its piece of memory: link and virtio-net header fit in front. */
    static final int IP_OFFSET = 64;

    private static final int CACHE_LINE = 64;

    private final Segmenter segmenter = new Segmenter();

    /** Seals the segments into the slot's second memory, or drops the packet. */
    void seal(Slot slot) {
        segmenter.start(slot);
        OuterHeader outer = slot.outerHeader();
        int fullInner = segmenter.headersLength() + slot.gsoSize - outer.length();
        int fullLength = outer.length() + fullInner + outer.trailerLength(fullInner);
        int stride = BitUtil.align(IP_OFFSET + fullLength, CACHE_LINE);
        if ((long) stride * slot.segments > Slot.SEALED_CAPACITY) {
            slot.drop(DropReason.TOO_BIG);
            return;
        }
        UnsafeBuffer sealed = slot.sealed();
        int length = 0;
        for (int segment = 0; segment < slot.segments && slot.verdict == Verdict.FORWARD; segment++) {
            length = seal(slot, outer, sealed, segment * stride + IP_OFFSET, segment);
        }
        slot.sealedSegments = slot.segments;
        slot.sealedStride = stride;
        slot.sealedLength = fullLength;
        slot.sealedLastLength = length;
        // From now on it is not to be cut, nor is a checksum left to finish.
        slot.gsoType = 0;
        slot.checksumPartial = false;
    }

    private int seal(Slot slot, OuterHeader outer, UnsafeBuffer sealed, int ip, int segment) {
        segmenter.putHeaders(segment, sealed, ip);
        int payload = ip + segmenter.headersLength();
        int payloadLength = segmenter.payloadLength(segment);
        sealed.putBytes(payload, slot.buffer, segmenter.payloadOffset(segment), payloadLength);
        int transport = slot.checksumStart - slot.offset + ip;
        PartialChecksum.complete(slot, sealed, transport, payload + payloadLength);
        int innerLength = segmenter.headersLength() + payloadLength - outer.length();
        outer.sealSegment(sealed, ip, innerLength, slot, segment);
        return outer.length() + innerLength + outer.trailerLength(innerLength);
    }
}
