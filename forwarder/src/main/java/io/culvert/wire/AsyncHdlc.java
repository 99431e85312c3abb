package io.culvert.wire;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * PPP frames on an asynchronous line, RFC 1662 section 4: each between two flags, with a checksum of 16 bits behind it, and
 * with an escape in front of every octet that the line must not carry as it is.
 *
 * <p>What is sent has every control character escaped: that is the async control character map of a line on which nothing was
 * negotiated yet, and right on any other. What is received loses no control character, as the map that the other end goes by is
 * its own affair.
 */
public final class AsyncHdlc {
    /** Begins and ends a frame. */
    public static final byte FLAG = 0x7e;

    /** Longest frame in bytes: the largest maximum-receive-unit that pppd takes, with address, control and protocol. */
    public static final int MAX_FRAME = 16_384 + 4;

    /** In place of a length: fewer octets than protocol and checksum have. */
    public static final int TOO_SHORT = -1;
    /** In place of a length: the sender has given the frame up, RFC 1662 section 4.3. */
    public static final int ABORTED = -2;
    /** In place of a length: the checksum is wrong. */
    public static final int BAD_FCS = -3;
    /** In place of a length: more octets than the frame may have. */
    public static final int TOO_LONG = -4;

    private static final byte ESCAPE = 0x7d;
    private static final int ESCAPED_BIT = 0x20;
    private static final int CONTROL_CHARACTERS = 0x20;
    private static final int FCS_LENGTH = 2;
    private static final int MIN_LENGTH = 4;

    private static final int INITIAL_FCS = 0xffff;

    /** What the checksum over a frame and its checksum comes to, RFC 1662 appendix C. */
    private static final int GOOD_FCS = 0xf0b8;

    private static final int POLYNOMIAL = 0x8408;
    private static final char[] FCS_TABLE = fcsTable();

    private AsyncHdlc() {}

    private static char[] fcsTable() {
        char[] table = new char[256];
        for (int octet = 0; octet < table.length; octet++) {
            int value = octet;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                value = (value & 1) != 0 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
            }
            table[octet] = (char) value;
        }
        return table;
    }

    private static int update(int fcs, int octet) {
        return (fcs >>> Byte.SIZE) ^ FCS_TABLE[(fcs ^ octet) & 0xff];
    }

    /**
     * Takes a frame out of what stood between two flags.
     *
     * @param from of the first octet behind a flag
     * @param end of the next flag, not equal to {@code from}
     * @param target gets the frame, and its checksum, which does not count
     * @param capacity bytes that {@code target} has from its offset on, at least {@link #MAX_FRAME} and 2
     * @return the frame's length in bytes; or {@link #TOO_SHORT}, {@link #ABORTED}, {@link #BAD_FCS} or {@link #TOO_LONG}
     */
    public static int decode(
            DirectBuffer source, int from, int end, MutableDirectBuffer target, int offset, int capacity) {
        int limit = Math.min(capacity, MAX_FRAME + FCS_LENGTH);
        int fcs = INITIAL_FCS;
        int length = 0;
        int escape = 0;
        for (int i = from; i < end; i++) {
            byte octet = source.getByte(i);
            if (octet == ESCAPE) {
                escape = ESCAPED_BIT;
                continue;
            }
            if (length == limit) {
                return TOO_LONG;
            }
            int plain = (octet ^ escape) & 0xff;
            escape = 0;
            target.putByte(offset + length++, (byte) plain);
            fcs = update(fcs, plain);
        }
        if (escape != 0) {
            return ABORTED;
        }
        if (length < MIN_LENGTH) {
            return TOO_SHORT;
        }
        return fcs == GOOD_FCS ? length - FCS_LENGTH : BAD_FCS;
    }

    /** Bytes that {@link #encode} writes for a frame of that length at most. */
    public static int maxEncodedLength(int length) {
        return 2 + 2 * (length + FCS_LENGTH);
    }

    /**
     * Puts a frame into a ring of bytes, with flags around it.
     *
     * @param position where the first flag goes, before the mask is applied
     * @param mask bytes of the ring less 1, which are a power of two
     * @return the position behind the last flag
     */
    public static long encode(
            DirectBuffer frame, int offset, int length, MutableDirectBuffer ring, long position, int mask) {
        long at = position;
        int fcs = INITIAL_FCS;
        ring.putByte((int) at++ & mask, FLAG);
        for (int i = 0; i < length; i++) {
            int octet = frame.getByte(offset + i) & 0xff;
            fcs = update(fcs, octet);
            at = put(ring, at, mask, octet);
        }
        fcs ^= INITIAL_FCS;
        at = put(ring, at, mask, fcs & 0xff);
        at = put(ring, at, mask, fcs >>> Byte.SIZE);
        ring.putByte((int) at++ & mask, FLAG);
        return at;
    }

    private static long put(MutableDirectBuffer ring, long position, int mask, int octet) {
        if (octet >= CONTROL_CHARACTERS && octet != FLAG && octet != ESCAPE) {
            ring.putByte((int) position & mask, (byte) octet);
            return position + 1;
        }
        ring.putByte((int) position & mask, ESCAPE);
        ring.putByte((int) (position + 1) & mask, (byte) (octet ^ ESCAPED_BIT));
        return position + 2;
    }
}
