package io.culvert.perf.load;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Datagrams whose every byte the receiver can tell from their first 16:
 *
 * <pre>
 *  byte 0        8        12       16
 *       number   trial    length   bytes of a random block, from a place that the number gives
 * </pre>
 */
final class UdpPayload {

    /** Bytes in front of the random ones. */
    static final int HEADER = 16;

    static final int NUMBER = 0;
    static final int TRIAL = 8;
    static final int LENGTH = 12;

    /** Longest payload in bytes. */
    static final int MAX_LENGTH = 1472;

    private static final int PLACES = 1024;

    private final UnsafeBuffer block = new UnsafeBuffer(ByteBuffer.allocateDirect(PLACES + MAX_LENGTH));

    UdpPayload() {
        byte[] random = new byte[block.capacity()];
        new SplittableRandom(1).nextBytes(random);
        block.putBytes(0, random);
    }

    /** Where the random bytes of a datagram are. */
    long address(long number) {
        return block.addressOffset() + place(number);
    }

    /** Whether a received datagram is of that trial and as it was sent. */
    boolean isIntact(DirectBuffer datagram, int offset, int received) {
        if (received < HEADER || datagram.getInt(offset + LENGTH) != received) {
            return false;
        }
        int place = place(datagram.getLong(offset + NUMBER));
        int length = received - HEADER;
        int i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            if (datagram.getLong(offset + HEADER + i) != block.getLong(place + i)) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (datagram.getByte(offset + HEADER + i) != block.getByte(place + i)) {
                return false;
            }
        }
        return true;
    }

    private static int place(long number) {
        return (int) (number * 31 & PLACES - 1);
    }
}
