package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * View of an ICMPv6 header, RFC 4443. An error quotes the packet it is about right behind this header.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |     Type      |     Code      |           Checksum            |
 * +---------------+---------------+-------------------------------+
 * |     MTU, pointer, or identifier and sequence number           |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class Icmpv6Flyweight {
    /** Bytes. */
    public static final int HEADER_LENGTH = 8;

    public static final int DESTINATION_UNREACHABLE = 1;
    public static final int PACKET_TOO_BIG = 2;
    public static final int TIME_EXCEEDED = 3;
    public static final int PARAMETER_PROBLEM = 4;
    public static final int ECHO_REQUEST = 128;
    public static final int ECHO_REPLY = 129;
    /** RFC 4861. */
    public static final int ROUTER_SOLICITATION = 133;

    public static final int ROUTER_ADVERTISEMENT = 134;
    /** RFC 4861. Like an error it must not be answered with an error, RFC 4443 2.4 (e.2). */
    public static final int REDIRECT = 137;

    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int MTU = 4;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE = 6;

    private MutableDirectBuffer buffer = Unwrapped.BUFFER;
    private int offset;

    /** Points this view at a header; looks at no byte. */
    public Icmpv6Flyweight wrap(MutableDirectBuffer buffer, int offset) {
        this.buffer = buffer;
        this.offset = offset;
        return this;
    }

    /**
     * Checks that the header is available.
     *
     * @return {@link Malformed#NONE}: no getter leaves [offset, offset + available)
     */
    public static int validate(DirectBuffer buffer, int offset, int available) {
        return available < HEADER_LENGTH ? Malformed.TRUNCATED : Malformed.NONE;
    }

    /** Whether messages of that type report an error, RFC 4443 2.1. */
    public static boolean isError(int type) {
        return type < 128;
    }

    public int type() {
        return buffer.getByte(offset + TYPE) & 0xff;
    }

    public int code() {
        return buffer.getByte(offset + CODE) & 0xff;
    }

    public int checksum() {
        return buffer.getShort(offset + CHECKSUM, BIG_ENDIAN) & 0xffff;
    }

    /** Of {@link #PACKET_TOO_BIG}, bytes; 32 bits, unsigned. */
    public int mtu() {
        return buffer.getInt(offset + MTU, BIG_ENDIAN);
    }

    /** Of an echo. */
    public int identifier() {
        return buffer.getShort(offset + IDENTIFIER, BIG_ENDIAN) & 0xffff;
    }

    /** Of an echo. */
    public int sequence() {
        return buffer.getShort(offset + SEQUENCE, BIG_ENDIAN) & 0xffff;
    }

    /** Where an error's quoted packet, or an echo's data, starts in the buffer. */
    public int payloadOffset() {
        return offset + HEADER_LENGTH;
    }

    /**
     * Whether the checksum verifies.
     *
     * @param pseudoHeader its sum, see {@link Ipv6Flyweight#pseudoHeader}
     * @param length of header and payload, bytes
     */
    public boolean isChecksumValid(long pseudoHeader, int length) {
        return InternetChecksum.isValid(buffer, offset, length, pseudoHeader);
    }

    public Icmpv6Flyweight type(int type) {
        buffer.putByte(offset + TYPE, (byte) type);
        return this;
    }

    public Icmpv6Flyweight code(int code) {
        buffer.putByte(offset + CODE, (byte) code);
        return this;
    }

    public Icmpv6Flyweight checksum(int checksum) {
        buffer.putShort(offset + CHECKSUM, (short) checksum, BIG_ENDIAN);
        return this;
    }

    /** Bytes; 0 where an error has no MTU. */
    public Icmpv6Flyweight mtu(int bytes) {
        buffer.putInt(offset + MTU, bytes, BIG_ENDIAN);
        return this;
    }

    public Icmpv6Flyweight identifier(int identifier) {
        buffer.putShort(offset + IDENTIFIER, (short) identifier, BIG_ENDIAN);
        return this;
    }

    public Icmpv6Flyweight sequence(int sequence) {
        buffer.putShort(offset + SEQUENCE, (short) sequence, BIG_ENDIAN);
        return this;
    }

    /**
     * Computes and stores the checksum, the last setter to call.
     *
     * @param pseudoHeader its sum, see {@link Ipv6Flyweight#pseudoHeader}
     * @param length of header and payload, bytes
     */
    public Icmpv6Flyweight updateChecksum(long pseudoHeader, int length) {
        checksum(0);
        return checksum(InternetChecksum.checksum(buffer, offset, length, pseudoHeader));
    }

    /** One line: {@code ICMP6 echo request, id 1, seq 2} or {@code ICMP6 packet too big, mtu 1280}. */
    public StringBuilder appendTo(StringBuilder text) {
        text.append("ICMP6 ");
        return switch (type()) {
            case ECHO_REQUEST -> appendEcho(text.append("echo request"));
            case ECHO_REPLY -> appendEcho(text.append("echo reply"));
            case DESTINATION_UNREACHABLE -> text.append("unreachable, code ").append(code());
            case PACKET_TOO_BIG -> text.append("packet too big, mtu ").append(Integer.toUnsignedLong(mtu()));
            case TIME_EXCEEDED -> text.append("time exceeded, code ").append(code());
            default -> text.append("type ").append(type()).append(", code ").append(code());
        };
    }

    private StringBuilder appendEcho(StringBuilder text) {
        return text.append(", id ").append(identifier()).append(", seq ").append(sequence());
    }
}
