package io.culvert.wire;

import org.agrona.DirectBuffer;

/**
 * The options of hop-by-hop and destination options headers, RFC 8200 4.2, and among them the tunnel encapsulation
 * limit, RFC 2473 4.1.1.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+---------------+---------------+
 * |  Next header  |    Length     |  Option type  | Data length   |   length + 1 units of 8 bytes
 * +---------------+---------------+---------------+---------------+
 * |  data ...                                                     |
 * +---------------------------------------------------------------+
 *
 * +---------------+---------------+---------------+---------------+
 * |  Next header  |       0       |       4       |       1       |   the header that tunnels send
 * +---------------+---------------+---------------+---------------+
 * |     Limit     |  1, PadN      |       1       |       0       |
 * +---------------+---------------+---------------+---------------+
 * </pre>
 */
public final class Ipv6Options {

    /** Option type of the tunnel encapsulation limit. */
    public static final int ENCAPSULATION_LIMIT = 4;

    /** Length of a destination options header with nothing but the limit, bytes. */
    public static final int LIMIT_HEADER_LENGTH = 8;

    /** Where in that header the limit is. */
    public static final int LIMIT_OFFSET = 4;

    private static final int NEXT_HEADER = 0;
    private static final int LENGTH = 1;
    private static final int FIRST_OPTION = 2;
    private static final int UNIT = 8;
    private static final int PAD_1 = 0;
    /** The bits of a type that say what a node does which does not know it; 0 passes over it. */
    private static final int ACTION_MASK = 0xc0;
    /** No honest packet has more. */
    private static final int MAX_HEADERS = 8;

    private Ipv6Options() {}

    /**
     * Checks an options header whose options are of no concern to the receiver.
     *
     * @param available bytes from the header's first one
     * @return its length in bytes; -1 if it is truncated, or an option does not fit or must not be passed over
     */
    public static int validate(DirectBuffer buffer, int offset, int available) {
        if (available < UNIT) {
            return -1;
        }
        int length = ((buffer.getByte(offset + LENGTH) & 0xff) + 1) * UNIT;
        if (length > available) {
            return -1;
        }
        int end = offset + length;
        for (int at = offset + FIRST_OPTION; at < end; at = next(buffer, at, end)) {
            if ((buffer.getByte(at) & ACTION_MASK) != 0 || next(buffer, at, end) > end) {
                return -1;
            }
        }
        return length;
    }

    /**
     * Finds the tunnel encapsulation limit of an IPv6 packet that {@link Ipv6Flyweight#validate} found sound.
     *
     * @param offset of the fixed IPv6 header
     * @return where in the buffer the limit's value is; -1 if there is none
     */
    public static int findEncapsulationLimit(DirectBuffer buffer, int offset, int length) {
        int protocol = buffer.getByte(offset + Ipv6Flyweight.NEXT_HEADER) & 0xff;
        int at = offset + Ipv6Flyweight.HEADER_LENGTH;
        int end = offset + length;
        for (int i = 0; i < MAX_HEADERS && end - at >= UNIT; i++) {
            if (protocol != IpProtocol.HOP_BY_HOP_OPTIONS
                    && protocol != IpProtocol.DESTINATION_OPTIONS
                    && protocol != IpProtocol.ROUTING) {
                return -1;
            }
            int headerEnd = at + ((buffer.getByte(at + LENGTH) & 0xff) + 1) * UNIT;
            if (headerEnd > end) {
                return -1;
            }
            if (protocol == IpProtocol.DESTINATION_OPTIONS) {
                int found = findLimit(buffer, at + FIRST_OPTION, headerEnd);
                if (found >= 0) {
                    return found;
                }
            }
            protocol = buffer.getByte(at + NEXT_HEADER) & 0xff;
            at = headerEnd;
        }
        return -1;
    }

    private static int findLimit(DirectBuffer buffer, int first, int end) {
        for (int at = first; at < end; at = next(buffer, at, end)) {
            if (buffer.getByte(at) == ENCAPSULATION_LIMIT && end - at >= 3 && buffer.getByte(at + 1) == 1) {
                return at + 2;
            }
        }
        return -1;
    }

    /** Where the next option is; beyond {@code end} if this one does not fit. */
    private static int next(DirectBuffer buffer, int at, int end) {
        if (buffer.getByte(at) == PAD_1) {
            return at + 1;
        }
        return at + 1 < end ? at + 2 + (buffer.getByte(at + 1) & 0xff) : end + 1;
    }
}
