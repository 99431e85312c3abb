package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * View of a TCP header, RFC 9293.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |          Source port          |       Destination port        |
 * +-------------------------------+-------------------------------+
 * |                        Sequence number                        |
 * +---------------------------------------------------------------+
 * |                     Acknowledgment number                     |
 * +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 * | Offset| Rsrvd |C|E|U|A|P|R|S|F|            Window             |
 * +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 * |           Checksum            |        Urgent pointer         |
 * +-------------------------------+-------------------------------+
 * |                  Options, 0 to 40 bytes ...                   |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class TcpFlyweight {
    /** Without options, bytes. */
    public static final int MIN_HEADER_LENGTH = 20;
    /** With the most options, bytes. */
    public static final int MAX_HEADER_LENGTH = 60;
    /** Where the checksum lies in the header. */
    public static final int CHECKSUM_OFFSET = 16;

    public static final int FIN = 0x01;
    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH = 0x08;
    public static final int ACK = 0x10;
    public static final int URG = 0x20;
    public static final int ECE = 0x40;
    public static final int CWR = 0x80;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int SEQUENCE = 4;
    private static final int ACKNOWLEDGMENT = 8;
    private static final int DATA_OFFSET = 12;
    private static final int FLAGS = 13;
    private static final int WINDOW = 14;
    private static final int URGENT_POINTER = 18;

    /** By bit, lowest first; tcpdump's letters. */
    private static final String FLAG_LETTERS = "FSRP.UEW";

    private MutableDirectBuffer buffer = Unwrapped.BUFFER;
    private int offset;

    /** Points this view at a header; looks at no byte. */
    public TcpFlyweight wrap(MutableDirectBuffer buffer, int offset) {
        this.buffer = buffer;
        this.offset = offset;
        return this;
    }

    /**
     * Checks that the header with its options is available.
     *
     * @return {@link Malformed#NONE}: no getter leaves [offset, offset + available)
     */
    public static int validate(DirectBuffer buffer, int offset, int available) {
        if (available < MIN_HEADER_LENGTH) {
            return Malformed.TRUNCATED;
        }
        int headerLength = (buffer.getByte(offset + DATA_OFFSET) & 0xf0) >>> 2;
        if (headerLength < MIN_HEADER_LENGTH) {
            return Malformed.BAD_HEADER_LENGTH;
        }
        return headerLength > available ? Malformed.TRUNCATED : Malformed.NONE;
    }

    public int sourcePort() {
        return buffer.getShort(offset + SOURCE_PORT, BIG_ENDIAN) & 0xffff;
    }

    public int destinationPort() {
        return buffer.getShort(offset + DESTINATION_PORT, BIG_ENDIAN) & 0xffff;
    }

    /** 32 bits, unsigned. */
    public int sequence() {
        return buffer.getInt(offset + SEQUENCE, BIG_ENDIAN);
    }

    /** 32 bits, unsigned. */
    public int acknowledgment() {
        return buffer.getInt(offset + ACKNOWLEDGMENT, BIG_ENDIAN);
    }

    /** Bytes, options included; the field on the wire counts words of 4. */
    public int headerLength() {
        return (buffer.getByte(offset + DATA_OFFSET) & 0xf0) >>> 2;
    }

    /** {@link #FIN} to {@link #CWR}. */
    public int flags() {
        return buffer.getByte(offset + FLAGS) & 0xff;
    }

    /** Unscaled. */
    public int window() {
        return buffer.getShort(offset + WINDOW, BIG_ENDIAN) & 0xffff;
    }

    public int checksum() {
        return buffer.getShort(offset + CHECKSUM_OFFSET, BIG_ENDIAN) & 0xffff;
    }

    public int urgentPointer() {
        return buffer.getShort(offset + URGENT_POINTER, BIG_ENDIAN) & 0xffff;
    }

    /** Where the options start in the buffer. */
    public int optionsOffset() {
        return offset + MIN_HEADER_LENGTH;
    }

    /** Bytes. */
    public int optionsLength() {
        return headerLength() - MIN_HEADER_LENGTH;
    }

    /** Where the payload starts in the buffer. */
    public int payloadOffset() {
        return offset + headerLength();
    }

    /**
     * Whether the checksum verifies.
     *
     * @param pseudoHeader its sum, see {@link InternetChecksum}
     * @param length of header and payload, bytes
     */
    public boolean isChecksumValid(long pseudoHeader, int length) {
        return InternetChecksum.isValid(buffer, offset, length, pseudoHeader);
    }

    public TcpFlyweight sourcePort(int port) {
        buffer.putShort(offset + SOURCE_PORT, (short) port, BIG_ENDIAN);
        return this;
    }

    public TcpFlyweight destinationPort(int port) {
        buffer.putShort(offset + DESTINATION_PORT, (short) port, BIG_ENDIAN);
        return this;
    }

    public TcpFlyweight sequence(int sequence) {
        buffer.putInt(offset + SEQUENCE, sequence, BIG_ENDIAN);
        return this;
    }

    public TcpFlyweight acknowledgment(int acknowledgment) {
        buffer.putInt(offset + ACKNOWLEDGMENT, acknowledgment, BIG_ENDIAN);
        return this;
    }

    /** Bytes, a multiple of 4; the reserved bits become zero. Puts {@link #validate} in doubt. */
    public TcpFlyweight headerLength(int bytes) {
        buffer.putByte(offset + DATA_OFFSET, (byte) (bytes << 2));
        return this;
    }

    /** {@link #FIN} to {@link #CWR}. */
    public TcpFlyweight flags(int flags) {
        buffer.putByte(offset + FLAGS, (byte) flags);
        return this;
    }

    public TcpFlyweight window(int window) {
        buffer.putShort(offset + WINDOW, (short) window, BIG_ENDIAN);
        return this;
    }

    public TcpFlyweight checksum(int checksum) {
        buffer.putShort(offset + CHECKSUM_OFFSET, (short) checksum, BIG_ENDIAN);
        return this;
    }

    public TcpFlyweight urgentPointer(int pointer) {
        buffer.putShort(offset + URGENT_POINTER, (short) pointer, BIG_ENDIAN);
        return this;
    }

    /**
     * Computes and stores the checksum, the last setter to call.
     *
     * @param pseudoHeader its sum, see {@link InternetChecksum}
     * @param length of header and payload, bytes
     */
    public TcpFlyweight updateChecksum(long pseudoHeader, int length) {
        checksum(0);
        return checksum(InternetChecksum.checksum(buffer, offset, length, pseudoHeader));
    }

    /** One line: {@code TCP 49152 > 443 [S.], seq 1, ack 2, win 65535}. */
    public StringBuilder appendTo(StringBuilder text) {
        text.append("TCP ")
                .append(sourcePort())
                .append(" > ")
                .append(destinationPort())
                .append(" [");
        int flags = flags();
        for (int bit = 0; bit < FLAG_LETTERS.length(); bit++) {
            if ((flags & 1 << bit) != 0) {
                text.append(FLAG_LETTERS.charAt(bit));
            }
        }
        text.append("], seq ").append(Integer.toUnsignedLong(sequence()));
        text.append(", ack ").append(Integer.toUnsignedLong(acknowledgment()));
        text.append(", win ").append(window());
        if (optionsLength() > 0) {
            text.append(", options ").append(optionsLength());
        }
        return text;
    }
}
