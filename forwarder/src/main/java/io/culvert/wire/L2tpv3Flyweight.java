package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * View of the header of an L2TPv3 data message over IP, RFC 3931 sections 4.1.1.1 and 4.6. How long the cookie is and
 * whether there is a sublayer, the packet does not say: both ends know by session.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------------------------------+
 * |                          Session ID                           |
 * +---------------------------------------------------------------+
 * |                Cookie, none, 4 or 8 bytes                     |
 * +-+-+-----------+-----------------------------------------------+
 * |x|S|x x x x x x|               Sequence Number                 |  default L2-specific sublayer, or none
 * +-+-+-----------+-----------------------------------------------+
 * </pre>
 */
public final class L2tpv3Flyweight {
    /** Without cookie and sublayer, bytes. */
    public static final int MIN_HEADER_LENGTH = 4;
    /** Of the default L2-specific sublayer, bytes. */
    public static final int SUBLAYER_LENGTH = 4;

    /** The session ID of control messages, RFC 3931 section 4.1.1.2. */
    public static final int CONTROL = 0;

    /** Of a sequence number. */
    public static final int SEQUENCE_BITS = 24;

    private static final int SEQUENCE_PRESENT = 0x4000_0000;

    private static final int SEQUENCE_MASK = (1 << SEQUENCE_BITS) - 1;

    private MutableDirectBuffer buffer = Unwrapped.BUFFER;
    private int offset;

    /** Points this view at a header; looks at no byte. */
    public L2tpv3Flyweight wrap(MutableDirectBuffer buffer, int offset) {
        this.buffer = buffer;
        this.offset = offset;
        return this;
    }

    /**
     * Checks that a session ID is available. What follows it is the session's: the caller checks that it is there.
     *
     * @return {@link Malformed#NONE}: {@link #sessionId} does not leave [offset, offset + available)
     */
    public static int validate(DirectBuffer buffer, int offset, int available) {
        return available < MIN_HEADER_LENGTH ? Malformed.TRUNCATED : Malformed.NONE;
    }

    /** The receiver's number of the session; {@link #CONTROL} in control messages. */
    public int sessionId() {
        return buffer.getInt(offset, BIG_ENDIAN);
    }

    /** The cookie of that many bytes, right-aligned; 0 if it has none. */
    public long cookie(int cookieLength) {
        return switch (cookieLength) {
            case Integer.BYTES -> buffer.getInt(offset + MIN_HEADER_LENGTH, BIG_ENDIAN) & 0xffff_ffffL;
            case Long.BYTES -> buffer.getLong(offset + MIN_HEADER_LENGTH, BIG_ENDIAN);
            default -> 0;
        };
    }

    /** Flag S of the sublayer behind a cookie of that many bytes. */
    public boolean hasSequence(int cookieLength) {
        return (sublayer(cookieLength) & SEQUENCE_PRESENT) != 0;
    }

    /** 24 bits; only with {@link #hasSequence}. */
    public int sequence(int cookieLength) {
        return sublayer(cookieLength) & SEQUENCE_MASK;
    }

    private int sublayer(int cookieLength) {
        return buffer.getInt(offset + MIN_HEADER_LENGTH + cookieLength, BIG_ENDIAN);
    }

    public L2tpv3Flyweight sessionId(int sessionId) {
        buffer.putInt(offset, sessionId, BIG_ENDIAN);
        return this;
    }

    /** Writes the cookie, if it has any bytes. */
    public L2tpv3Flyweight cookie(long cookie, int cookieLength) {
        if (cookieLength == Integer.BYTES) {
            buffer.putInt(offset + MIN_HEADER_LENGTH, (int) cookie, BIG_ENDIAN);
        } else if (cookieLength == Long.BYTES) {
            buffer.putLong(offset + MIN_HEADER_LENGTH, cookie, BIG_ENDIAN);
        }
        return this;
    }

    /** Writes the sublayer with flag S and the lower 24 bits of that number. */
    public L2tpv3Flyweight sequence(int sequence, int cookieLength) {
        putSublayer(buffer, offset + MIN_HEADER_LENGTH + cookieLength, sequence);
        return this;
    }

    /** Writes at {@code offset} a sublayer with flag S and the lower 24 bits of that number. */
    public static void putSublayer(MutableDirectBuffer buffer, int offset, int sequence) {
        buffer.putInt(offset, SEQUENCE_PRESENT | (sequence & SEQUENCE_MASK), BIG_ENDIAN);
    }

    /** One line: {@code L2TPv3 session 7}. */
    public StringBuilder appendTo(StringBuilder text) {
        return text.append("L2TPv3 session ").append(Integer.toUnsignedString(sessionId()));
    }
}
