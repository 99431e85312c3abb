package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * View of a minimal forwarding header, RFC 2004. It stands between an IPv4 header, options included, and what that
 * carried; the IPv4 header is the original one with other addresses and protocol.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+-+-------------+-------------------------------+
 * |   Protocol    |S|  Reserved   |            Checksum           |
 * +---------------+-+-------------+-------------------------------+
 * |                  Original destination address                 |
 * +---------------------------------------------------------------+
 * |                Original source address (if S)                 |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class MinimalEncapsulationFlyweight {
    /** Without the original source, bytes. */
    public static final int MIN_HEADER_LENGTH = 8;
    /** With the original source, bytes. */
    public static final int MAX_HEADER_LENGTH = 12;

    private static final int PROTOCOL = 0;
    private static final int FLAGS = 1;
    private static final int CHECKSUM = 2;
    private static final int DESTINATION = 4;
    private static final int SOURCE = 8;
    private static final int SOURCE_PRESENT = 0x80;

    private MutableDirectBuffer buffer = Unwrapped.BUFFER;
    private int offset;

    /** Points this view at a header; looks at no byte. */
    public MinimalEncapsulationFlyweight wrap(MutableDirectBuffer buffer, int offset) {
        this.buffer = buffer;
        this.offset = offset;
        return this;
    }

    /**
     * Checks that the header as long as its flag makes it is available. The checksum is a matter of its own,
     * {@link #isChecksumValid}; reserved bits are ignored.
     *
     * @return {@link Malformed#NONE}: no getter leaves [offset, offset + available)
     */
    public static int validate(DirectBuffer buffer, int offset, int available) {
        if (available < MIN_HEADER_LENGTH) {
            return Malformed.TRUNCATED;
        }
        boolean hasSource = (buffer.getByte(offset + FLAGS) & SOURCE_PRESENT) != 0;
        return hasSource && available < MAX_HEADER_LENGTH ? Malformed.TRUNCATED : Malformed.NONE;
    }

    /** Of what was carried originally; see {@link IpProtocol}. */
    public int protocol() {
        return buffer.getByte(offset + PROTOCOL) & 0xff;
    }

    /** Flag S. */
    public boolean hasSource() {
        return (buffer.getByte(offset + FLAGS) & SOURCE_PRESENT) != 0;
    }

    /** Bytes, as flag S makes it. */
    public int headerLength() {
        return hasSource() ? MAX_HEADER_LENGTH : MIN_HEADER_LENGTH;
    }

    public int checksum() {
        return buffer.getShort(offset + CHECKSUM, BIG_ENDIAN) & 0xffff;
    }

    /** Host order. */
    public int originalDestination() {
        return buffer.getInt(offset + DESTINATION, BIG_ENDIAN);
    }

    /** Host order; only with {@link #hasSource}. */
    public int originalSource() {
        return buffer.getInt(offset + SOURCE, BIG_ENDIAN);
    }

    /** Where the payload starts in the buffer. */
    public int payloadOffset() {
        return offset + headerLength();
    }

    /** Whether the checksum, which covers this header alone, verifies. */
    public boolean isChecksumValid() {
        return InternetChecksum.isValid(buffer, offset, headerLength(), 0);
    }

    /** See {@link IpProtocol}. */
    public MinimalEncapsulationFlyweight protocol(int protocol) {
        buffer.putByte(offset + PROTOCOL, (byte) protocol);
        return this;
    }

    /** Flag S; clears the reserved bits. */
    public MinimalEncapsulationFlyweight hasSource(boolean present) {
        buffer.putByte(offset + FLAGS, (byte) (present ? SOURCE_PRESENT : 0));
        return this;
    }

    /** Host order. */
    public MinimalEncapsulationFlyweight originalDestination(int address) {
        buffer.putInt(offset + DESTINATION, address, BIG_ENDIAN);
        return this;
    }

    /** Host order; only with {@link #hasSource}. */
    public MinimalEncapsulationFlyweight originalSource(int address) {
        buffer.putInt(offset + SOURCE, address, BIG_ENDIAN);
        return this;
    }

    /** Computes and stores the checksum, the last setter to call. */
    public MinimalEncapsulationFlyweight updateChecksum() {
        buffer.putShort(offset + CHECKSUM, (short) 0);
        int checksum = InternetChecksum.checksum(buffer, offset, headerLength(), 0);
        buffer.putShort(offset + CHECKSUM, (short) checksum, BIG_ENDIAN);
        return this;
    }

    /** One line: {@code MINENC 192.0.2.1 > 198.51.100.7: UDP}. */
    public StringBuilder appendTo(StringBuilder text) {
        text.append("MINENC ");
        if (hasSource()) {
            Text.appendIpv4(text, originalSource()).append(' ');
        }
        Text.appendIpv4(text.append("> "), originalDestination());
        return IpProtocol.append(text.append(": "), protocol());
    }
}
