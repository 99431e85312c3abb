package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * View of a UDP header, RFC 768.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |          Source port          |       Destination port        |
 * +-------------------------------+-------------------------------+
 * |            Length             |           Checksum            |
 * +-------------------------------+-------------------------------+
 * </pre>
 */
public final class UdpFlyweight {
    /** Bytes. */
    public static final int HEADER_LENGTH = 8;
    /** Where the checksum lies in the header. */
    public static final int CHECKSUM_OFFSET = 6;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int LENGTH = 4;

    private MutableDirectBuffer buffer = Unwrapped.BUFFER;
    private int offset;

    /** Points this view at a header; looks at no byte. */
    public UdpFlyweight wrap(MutableDirectBuffer buffer, int offset) {
        this.buffer = buffer;
        this.offset = offset;
        return this;
    }

    /**
     * Checks that the datagram, as long as it says it is, is available.
     *
     * @return {@link Malformed#NONE}: no getter, nor a read of the payload, leaves [offset, offset + available)
     */
    public static int validate(DirectBuffer buffer, int offset, int available) {
        if (available < HEADER_LENGTH) {
            return Malformed.TRUNCATED;
        }
        int length = buffer.getShort(offset + LENGTH, BIG_ENDIAN) & 0xffff;
        if (length < HEADER_LENGTH) {
            return Malformed.BAD_TOTAL_LENGTH;
        }
        return length > available ? Malformed.TRUNCATED : Malformed.NONE;
    }

    public int sourcePort() {
        return buffer.getShort(offset + SOURCE_PORT, BIG_ENDIAN) & 0xffff;
    }

    public int destinationPort() {
        return buffer.getShort(offset + DESTINATION_PORT, BIG_ENDIAN) & 0xffff;
    }

    /** Header and payload, bytes. */
    public int length() {
        return buffer.getShort(offset + LENGTH, BIG_ENDIAN) & 0xffff;
    }

    /** 0: the sender computed none. */
    public int checksum() {
        return buffer.getShort(offset + CHECKSUM_OFFSET, BIG_ENDIAN) & 0xffff;
    }

    /** Where the payload starts in the buffer. */
    public int payloadOffset() {
        return offset + HEADER_LENGTH;
    }

    /** Bytes. */
    public int payloadLength() {
        return length() - HEADER_LENGTH;
    }

    /**
     * Whether the checksum verifies; true if there is none, which only IPv4 (RFC 768) and some tunnels in IPv6 (RFC 6935)
     * allow.
     *
     * @param pseudoHeader its sum, see {@link InternetChecksum}
     */
    public boolean isChecksumValid(long pseudoHeader) {
        return checksum() == 0 || InternetChecksum.isValid(buffer, offset, length(), pseudoHeader);
    }

    public UdpFlyweight sourcePort(int port) {
        buffer.putShort(offset + SOURCE_PORT, (short) port, BIG_ENDIAN);
        return this;
    }

    public UdpFlyweight destinationPort(int port) {
        buffer.putShort(offset + DESTINATION_PORT, (short) port, BIG_ENDIAN);
        return this;
    }

    /** Header and payload, bytes. Puts {@link #validate} in doubt. */
    public UdpFlyweight length(int bytes) {
        buffer.putShort(offset + LENGTH, (short) bytes, BIG_ENDIAN);
        return this;
    }

    /** 0: none. */
    public UdpFlyweight checksum(int checksum) {
        buffer.putShort(offset + CHECKSUM_OFFSET, (short) checksum, BIG_ENDIAN);
        return this;
    }

    /**
     * Computes and stores the checksum, 0xffff where the sum gives 0 (RFC 768); the last setter to call.
     *
     * @param pseudoHeader its sum, see {@link InternetChecksum}
     */
    public UdpFlyweight updateChecksum(long pseudoHeader) {
        checksum(0);
        int checksum = InternetChecksum.checksum(buffer, offset, length(), pseudoHeader);
        return checksum(checksum == 0 ? 0xffff : checksum);
    }

    /** One line: {@code UDP 49152 > 53, len 40}. */
    public StringBuilder appendTo(StringBuilder text) {
        text.append("UDP ").append(sourcePort()).append(" > ").append(destinationPort());
        return text.append(", len ").append(length());
    }
}
