package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A Generic UDP Encapsulation header, variant 0, draft-ietf-intarea-gue section 3.1, as the Linux module {@code fou}
 * has it. Optional fields are counted by Hlen and announced by Flags.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---+-+---------+---------------+-------------------------------+
 * |Ver|C|  Hlen   |  Proto/ctype  |             Flags             |
 * +---+-+---------+---------------+-------------------------------+
 * |                 Optional fields, 4 x Hlen bytes               |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class GueHeader {
    /** Without optional fields, bytes. */
    public static final int LENGTH = 4;

    private static final int CONTROL = 0x20;
    private static final int HLEN_MASK = 0x1f;

    private static final int VERSION = 0;
    private static final int PROTOCOL = 1;
    private static final int FLAGS = 2;

    private GueHeader() {}

    /**
     * Checks version, flags and length. Control messages and optional fields are refused: their meaning must be known
     * before a receiver may skip them, and a peer sends them only if it was told to.
     *
     * @return {@link Malformed#NONE}: the header is whole
     */
    public static int validate(DirectBuffer buffer, int offset, int available) {
        if (available < LENGTH) {
            return Malformed.TRUNCATED;
        }
        int first = buffer.getByte(offset + VERSION);
        if ((first & 0xc0) != 0) {
            return Malformed.BAD_VERSION;
        }
        boolean isPlain = (first & (CONTROL | HLEN_MASK)) == 0 && buffer.getShort(offset + FLAGS) == 0;
        return isPlain ? Malformed.NONE : Malformed.BAD_FLAGS;
    }

    /** IP protocol number of what follows. */
    public static int protocol(DirectBuffer buffer, int offset) {
        return buffer.getByte(offset + PROTOCOL) & 0xff;
    }

    /** Writes a whole header without optional fields. */
    public static void put(MutableDirectBuffer buffer, int offset, int protocol) {
        buffer.putInt(offset, protocol << 16, BIG_ENDIAN);
    }
}
