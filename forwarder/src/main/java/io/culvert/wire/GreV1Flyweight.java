package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * View of a GRE header, version 1, RFC 2637 section 4.1: enhanced GRE, which carries the PPP frames of PPTP. The last two words
 * are there only if their flag is.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-----+-+-------+-----+-------------------------------+
 * |0|0|1|S|0|Recur|A| Flags | Ver |     Protocol type 0x880b      |
 * +-+-+-+-+-+-----+-+-------+-----+-------------------------------+
 * |        Payload length         |            Call ID            |
 * +-------------------------------+-------------------------------+
 * |                     Sequence number (if S)                    |
 * +---------------------------------------------------------------+
 * |                  Acknowledgment number (if A)                 |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class GreV1Flyweight {
    /** Without optional words, bytes. */
    public static final int MIN_HEADER_LENGTH = 8;
    /** With both, bytes. */
    public static final int MAX_HEADER_LENGTH = 16;

    /** Flag S: there is a payload, and this is its number. */
    public static final int SEQUENCE_PRESENT = 0x1000;
    /** Flag A. */
    public static final int ACKNOWLEDGMENT_PRESENT = 0x0080;

    private static final int KEY_PRESENT = 0x2000;
    private static final int VERSION_MASK = 0x0007;
    private static final int VERSION = 1;

    /** Checksum, routing, strict source route, recursion control, and the flags that must be 0. */
    private static final int REFUSED = 0x8000 | 0x4000 | 0x0800 | 0x0700 | 0x0078;

    private static final int FLAGS_AND_VERSION = 0;
    private static final int PROTOCOL = 2;
    private static final int PAYLOAD_LENGTH = 4;
    private static final int CALL_ID = 6;
    private static final int SEQUENCE = 8;

    private MutableDirectBuffer buffer = Unwrapped.BUFFER;
    private int offset;

    /** Points this view at a header; looks at no byte. */
    public GreV1Flyweight wrap(MutableDirectBuffer buffer, int offset) {
        this.buffer = buffer;
        this.offset = offset;
        return this;
    }

    /** Whether a GRE header, of which 2 bytes are available, says that it is of this version. */
    public static boolean isVersion(DirectBuffer buffer, int offset) {
        return (buffer.getShort(offset + FLAGS_AND_VERSION, BIG_ENDIAN) & VERSION_MASK) == VERSION;
    }

    /**
     * Checks version, flags, and that the header as long as its flags make it and the payload that it announces are available.
     *
     * @return {@link Malformed#NONE}: no getter leaves [offset, offset + available)
     */
    public static int validate(DirectBuffer buffer, int offset, int available) {
        if (available < MIN_HEADER_LENGTH) {
            return Malformed.TRUNCATED;
        }
        int flags = buffer.getShort(offset + FLAGS_AND_VERSION, BIG_ENDIAN) & 0xffff;
        if ((flags & VERSION_MASK) != VERSION) {
            return Malformed.BAD_VERSION;
        }
        if ((flags & REFUSED) != 0 || (flags & KEY_PRESENT) == 0) {
            return Malformed.BAD_FLAGS;
        }
        int payload = buffer.getShort(offset + PAYLOAD_LENGTH, BIG_ENDIAN) & 0xffff;
        return headerLength(flags) + payload > available ? Malformed.TRUNCATED : Malformed.NONE;
    }

    /** Bytes: 8, and 4 for each of S and A; other flags do not count. */
    public static int headerLength(int flags) {
        return MIN_HEADER_LENGTH + ((flags & SEQUENCE_PRESENT) >>> 10) + ((flags & ACKNOWLEDGMENT_PRESENT) >>> 5);
    }

    /** The first 16 bits as they are. */
    public int flags() {
        return buffer.getShort(offset + FLAGS_AND_VERSION, BIG_ENDIAN) & 0xffff;
    }

    /** Bytes. */
    public int headerLength() {
        return headerLength(flags());
    }

    /** {@link EtherType#PPP} in every packet of PPTP. */
    public int protocol() {
        return buffer.getShort(offset + PROTOCOL, BIG_ENDIAN) & 0xffff;
    }

    /** Bytes behind the header; 0 of a packet that only acknowledges. */
    public int payloadLength() {
        return buffer.getShort(offset + PAYLOAD_LENGTH, BIG_ENDIAN) & 0xffff;
    }

    /** The receiver's number of the call. */
    public int callId() {
        return buffer.getShort(offset + CALL_ID, BIG_ENDIAN) & 0xffff;
    }

    public boolean hasSequence() {
        return (flags() & SEQUENCE_PRESENT) != 0;
    }

    public boolean hasAcknowledgment() {
        return (flags() & ACKNOWLEDGMENT_PRESENT) != 0;
    }

    /** 32 bits, unsigned; 0 if absent. */
    public int sequence() {
        return hasSequence() ? buffer.getInt(offset + SEQUENCE, BIG_ENDIAN) : 0;
    }

    /** The highest number that the sender has received: 32 bits, unsigned; 0 if absent. */
    public int acknowledgment() {
        int flags = flags();
        return (flags & ACKNOWLEDGMENT_PRESENT) != 0
                ? buffer.getInt(offset + headerLength(flags) - Integer.BYTES, BIG_ENDIAN)
                : 0;
    }

    /** Where the payload starts in the buffer. */
    public int payloadOffset() {
        return offset + headerLength();
    }

    /**
     * Version 1 with a key, protocol PPP, and these flags. Call it first, for they say where the others lie.
     *
     * @param flags an or of {@link #SEQUENCE_PRESENT} and {@link #ACKNOWLEDGMENT_PRESENT}
     */
    public GreV1Flyweight flags(int flags) {
        buffer.putShort(offset + FLAGS_AND_VERSION, (short) (KEY_PRESENT | VERSION | flags), BIG_ENDIAN);
        buffer.putShort(offset + PROTOCOL, (short) EtherType.PPP, BIG_ENDIAN);
        return this;
    }

    public GreV1Flyweight payloadLength(int bytes) {
        buffer.putShort(offset + PAYLOAD_LENGTH, (short) bytes, BIG_ENDIAN);
        return this;
    }

    public GreV1Flyweight callId(int callId) {
        buffer.putShort(offset + CALL_ID, (short) callId, BIG_ENDIAN);
        return this;
    }

    /** Only after {@link #flags(int)} with S. */
    public GreV1Flyweight sequence(int sequence) {
        buffer.putInt(offset + SEQUENCE, sequence, BIG_ENDIAN);
        return this;
    }

    /** Only after {@link #flags(int)} with A. */
    public GreV1Flyweight acknowledgment(int acknowledgment) {
        buffer.putInt(offset + headerLength() - Integer.BYTES, acknowledgment, BIG_ENDIAN);
        return this;
    }

    /** One line: {@code GREv1 call 7, seq 1, ack 3, len 20}. */
    public StringBuilder appendTo(StringBuilder text) {
        text.append("GREv1 call ").append(callId());
        if (hasSequence()) {
            text.append(", seq ").append(Integer.toUnsignedLong(sequence()));
        }
        if (hasAcknowledgment()) {
            text.append(", ack ").append(Integer.toUnsignedLong(acknowledgment()));
        }
        return text.append(", len ").append(payloadLength());
    }
}
