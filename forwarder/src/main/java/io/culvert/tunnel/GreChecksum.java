package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.InternetChecksum;
import org.agrona.DirectBuffer;

/**
 * The GRE checksum, RFC 2784 section 2.1, over the GRE header and its payload, with packets whose inner layer 4 checksum
 * is still to be finished.
 *
 * <p>What such a checksum covers will sum to the complement of what its field holds now, the pseudo-header's sum: so its
 * bytes need not be read.
 */
final class GreChecksum {

    private GreChecksum() {}

    /** The checksum of the packet whose GRE header, with a checksum field of 0, is at that offset. */
    static int compute(Slot slot, int shimOffset) {
        return ~InternetChecksum.fold(sum(slot, shimOffset)) & 0xffff;
    }

    /** Whether the checksum of the packet whose GRE header is at that offset is right. */
    static boolean verify(Slot slot, int shimOffset) {
        if (slot.gsoType != 0) {
            // A super-packet never crossed a wire whole: whoever made it left this field to segmentation, or checked
            // it.
            return true;
        }
        if (slot.checksumPartial && slot.checksumStart == shimOffset) {
            // The sender left the GRE checksum itself to its device, so the inner one is finished.
            slot.checksumPartial = false;
            return true;
        }
        if (PartialChecksum.isOutside(slot, shimOffset, slot.offset + slot.length)) {
            // A sender on this host said so: the kernel never leaves a checksum there.
            return false;
        }
        return InternetChecksum.fold(sum(slot, shimOffset)) == 0xffff;
    }

    /**
     * The checksum of a packet of which only the headers are at hand, with a GRE checksum field of 0 and a partial inner
     * checksum.
     */
    static int computePartial(DirectBuffer headers, int shimOffset, int checksumStart, int checksumField) {
        return ~InternetChecksum.fold(sumPartial(headers, shimOffset, checksumStart, checksumField)) & 0xffff;
    }

    /** The sum of the shim at that offset and all behind it. */
    static long sum(Slot slot, int shimOffset) {
        if (slot.checksumPartial) {
            return sumPartial(slot.buffer, shimOffset, slot.checksumStart, slot.checksumStart + slot.checksumOffset);
        }
        int end = slot.offset + slot.length;
        return InternetChecksum.sum(slot.buffer, shimOffset, end - shimOffset, 0);
    }

    /** The sum of the shim at that offset and all behind it, of which only the headers are at hand. */
    static long sumPartial(DirectBuffer buffer, int shimOffset, int checksumStart, int checksumField) {
        int pseudoHeaderSum = buffer.getShort(checksumField, BIG_ENDIAN) & 0xffff;
        return InternetChecksum.sum(buffer, shimOffset, checksumStart - shimOffset, ~pseudoHeaderSum & 0xffff);
    }
}
