package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What stands in front of an L2TPv3 session ID where L2TPv3 is carried in UDP, RFC 3931 section 4.1.2.1.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+---------------------+-------+-------------------------------+
 * |T|x x x x x x x x x x x|  Ver  |            Reserved           |
 * +-+---------------------+-------+-------------------------------+
 * </pre>
 */
public final class L2tpUdpHeader {
    /** Bytes. */
    public static final int LENGTH = 4;

    private static final int CONTROL = 0x8000;
    private static final int VERSION_MASK = 0x000f;
    private static final int VERSION = 3;

    private L2tpUdpHeader() {}

    /**
     * Checks length and version, and that it is no control message; bits marked x are ignored.
     *
     * @return {@link Malformed#NONE}: the header is whole; {@link Malformed#BAD_FLAGS} of a control message
     */
    public static int validate(DirectBuffer buffer, int offset, int available) {
        if (available < LENGTH) {
            return Malformed.TRUNCATED;
        }
        int flags = buffer.getShort(offset, BIG_ENDIAN);
        if ((flags & VERSION_MASK) != VERSION) {
            return Malformed.BAD_VERSION;
        }
        return (flags & CONTROL) != 0 ? Malformed.BAD_FLAGS : Malformed.NONE;
    }

    /** Writes the header of a data message. */
    public static void put(MutableDirectBuffer buffer, int offset) {
        buffer.putInt(offset, VERSION << Short.SIZE, BIG_ENDIAN);
    }
}
