package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * View of an ICMP header for IPv4, RFC 792, with the next-hop MTU of RFC 1191. An error quotes the packet it is about
 * right behind this header.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |     Type      |     Code      |           Checksum            |
 * +---------------+---------------+-------------------------------+
 * |          Identifier           |  Sequence number, next-hop MTU|
 * +-------------------------------+-------------------------------+
 * </pre>
 */
public final class Icmpv4Flyweight {
    /** Bytes. */
    public static final int HEADER_LENGTH = 8;

    public static final int ECHO_REPLY = 0;
    public static final int DESTINATION_UNREACHABLE = 3;
    public static final int SOURCE_QUENCH = 4;
    public static final int REDIRECT = 5;
    public static final int ECHO_REQUEST = 8;
    public static final int TIME_EXCEEDED = 11;
    public static final int PARAMETER_PROBLEM = 12;

    /** Code of {@link #DESTINATION_UNREACHABLE}. */
    public static final int NET_UNREACHABLE = 0;
    /** Code of {@link #DESTINATION_UNREACHABLE}. */
    public static final int HOST_UNREACHABLE = 1;
    /** Code of {@link #DESTINATION_UNREACHABLE}. */
    public static final int PROTOCOL_UNREACHABLE = 2;
    /** Code of {@link #DESTINATION_UNREACHABLE}. */
    public static final int PORT_UNREACHABLE = 3;
    /** Code of {@link #DESTINATION_UNREACHABLE}: the packet is larger than the next-hop MTU and has DF. */
    public static final int FRAGMENTATION_NEEDED = 4;
    /** Code of {@link #DESTINATION_UNREACHABLE}. */
    public static final int SOURCE_ROUTE_FAILED = 5;
    /** Code of {@link #TIME_EXCEEDED}. */
    public static final int TTL_EXCEEDED = 0;

    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int REST = 4;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE = 6;
    private static final int NEXT_HOP_MTU = 6;

    private MutableDirectBuffer buffer = Unwrapped.BUFFER;
    private int offset;

    /** Points this view at a header; looks at no byte. */
    public Icmpv4Flyweight wrap(MutableDirectBuffer buffer, int offset) {
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

    /** Whether messages of that type report an error, RFC 1122 3.2.2: no error is sent about one. */
    public static boolean isError(int type) {
        return switch (type) {
            case DESTINATION_UNREACHABLE, SOURCE_QUENCH, REDIRECT, TIME_EXCEEDED, PARAMETER_PROBLEM -> true;
            default -> false;
        };
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

    /** Of an echo. */
    public int identifier() {
        return buffer.getShort(offset + IDENTIFIER, BIG_ENDIAN) & 0xffff;
    }

    /** Of an echo. */
    public int sequence() {
        return buffer.getShort(offset + SEQUENCE, BIG_ENDIAN) & 0xffff;
    }

    /** Of {@link #FRAGMENTATION_NEEDED}, bytes; 0 from a router older than RFC 1191. */
    public int nextHopMtu() {
        return buffer.getShort(offset + NEXT_HOP_MTU, BIG_ENDIAN) & 0xffff;
    }

    /** Where an error's quoted packet, or an echo's data, starts in the buffer. */
    public int payloadOffset() {
        return offset + HEADER_LENGTH;
    }

    /** Whether the checksum verifies; {@code length} of header and payload, bytes. */
    public boolean isChecksumValid(int length) {
        return InternetChecksum.isValid(buffer, offset, length, 0);
    }

    public Icmpv4Flyweight type(int type) {
        buffer.putByte(offset + TYPE, (byte) type);
        return this;
    }

    public Icmpv4Flyweight code(int code) {
        buffer.putByte(offset + CODE, (byte) code);
        return this;
    }

    public Icmpv4Flyweight checksum(int checksum) {
        buffer.putShort(offset + CHECKSUM, (short) checksum, BIG_ENDIAN);
        return this;
    }

    public Icmpv4Flyweight identifier(int identifier) {
        buffer.putShort(offset + IDENTIFIER, (short) identifier, BIG_ENDIAN);
        return this;
    }

    public Icmpv4Flyweight sequence(int sequence) {
        buffer.putShort(offset + SEQUENCE, (short) sequence, BIG_ENDIAN);
        return this;
    }

    /** Bytes; 0 where an error has no MTU. The unused half of the word becomes zero. */
    public Icmpv4Flyweight nextHopMtu(int bytes) {
        buffer.putInt(offset + REST, bytes & 0xffff, BIG_ENDIAN);
        return this;
    }

    /** Computes and stores the checksum, the last setter to call; {@code length} of header and payload, bytes. */
    public Icmpv4Flyweight updateChecksum(int length) {
        checksum(0);
        return checksum(InternetChecksum.checksum(buffer, offset, length, 0));
    }

    /** One line: {@code ICMP echo request, id 1, seq 2} or {@code ICMP unreachable, code 4, mtu 1476}. */
    public StringBuilder appendTo(StringBuilder text) {
        text.append("ICMP ");
        return switch (type()) {
            case ECHO_REQUEST -> appendEcho(text.append("echo request"));
            case ECHO_REPLY -> appendEcho(text.append("echo reply"));
            case DESTINATION_UNREACHABLE -> {
                text.append("unreachable, code ").append(code());
                yield code() == FRAGMENTATION_NEEDED ? text.append(", mtu ").append(nextHopMtu()) : text;
            }
            case TIME_EXCEEDED -> text.append("time exceeded, code ").append(code());
            default -> text.append("type ").append(type()).append(", code ").append(code());
        };
    }

    private StringBuilder appendEcho(StringBuilder text) {
        return text.append(", id ").append(identifier()).append(", seq ").append(sequence());
    }
}
