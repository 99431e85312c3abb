package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * View of a GRE header, version 0, RFC 2784 with the key and sequence number of RFC 2890. The last three words are there
 * only if their flag is, so where a field lies depends on the flags before it.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-----------------+-----+-------------------------------+
 * |C|0|K|S|    Reserved0    | Ver |         Protocol type         |
 * +-+-+-+-+-----------------+-----+-------------------------------+
 * |        Checksum (if C)        |       Reserved1 (if C)        |
 * +-------------------------------+-------------------------------+
 * |                           Key (if K)                          |
 * +---------------------------------------------------------------+
 * |                     Sequence number (if S)                    |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class GreFlyweight {
    /** Without optional words, bytes. */
    public static final int MIN_HEADER_LENGTH = 4;
    /** With all three, bytes. */
    public static final int MAX_HEADER_LENGTH = 16;

    /** Flag C. */
    public static final int CHECKSUM_PRESENT = 0x8000;
    /** Flag K. */
    public static final int KEY_PRESENT = 0x2000;
    /** Flag S. */
    public static final int SEQUENCE_PRESENT = 0x1000;

    private static final int VERSION_MASK = 0x0007;

    /**
     * RFC 2784 2.3: drop if one of bits 1 to 5 is set, which were routing, strict source route and recursion in RFC 1701.
     * Bits 9 to 12 belong to version 1; Linux refuses them in version 0 too. Bits 6 to 8 are ignored.
     */
    private static final int REFUSED = 0x4000 | 0x0800 | 0x0400 | 0x0078;

    private static final int FLAGS_AND_VERSION = 0;
    private static final int PROTOCOL = 2;
    private static final int CHECKSUM = 4;
    private static final int RESERVED1 = 6;

    private MutableDirectBuffer buffer = Unwrapped.BUFFER;
    private int offset;

    /** Points this view at a header; looks at no byte. */
    public GreFlyweight wrap(MutableDirectBuffer buffer, int offset) {
        this.buffer = buffer;
        this.offset = offset;
        return this;
    }

    /**
     * Checks version, flags and that the header as long as its flags make it is available. The checksum is a matter of
     * its own, {@link #isChecksumValid}.
     *
     * @return {@link Malformed#NONE}: no getter leaves [offset, offset + available)
     */
    public static int validate(DirectBuffer buffer, int offset, int available) {
        if (available < MIN_HEADER_LENGTH) {
            return Malformed.TRUNCATED;
        }
        int flags = buffer.getShort(offset + FLAGS_AND_VERSION, BIG_ENDIAN) & 0xffff;
        if ((flags & VERSION_MASK) != 0) {
            return Malformed.BAD_VERSION;
        }
        if ((flags & REFUSED) != 0) {
            return Malformed.BAD_FLAGS;
        }
        return headerLength(flags) > available ? Malformed.TRUNCATED : Malformed.NONE;
    }

    /** Bytes: 4 and 4 for each of C, K and S; other flags do not count. */
    public static int headerLength(int flags) {
        return sequenceOffset(flags) + ((flags & SEQUENCE_PRESENT) >>> 10);
    }

    /** Where the key lies from the start of the header, if K is set. */
    public static int keyOffset(int flags) {
        return MIN_HEADER_LENGTH + ((flags & CHECKSUM_PRESENT) >>> 13);
    }

    /** Where the sequence number lies from the start of the header, if S is set. */
    public static int sequenceOffset(int flags) {
        return keyOffset(flags) + ((flags & KEY_PRESENT) >>> 11);
    }

    /** The first 16 bits as they are: C, K, S and what is reserved, and the version. */
    public int flags() {
        return buffer.getShort(offset + FLAGS_AND_VERSION, BIG_ENDIAN) & 0xffff;
    }

    public int version() {
        return flags() & VERSION_MASK;
    }

    /** Bytes. */
    public int headerLength() {
        return headerLength(flags());
    }

    /** See {@link EtherType}. */
    public int protocol() {
        return buffer.getShort(offset + PROTOCOL, BIG_ENDIAN) & 0xffff;
    }

    public boolean hasChecksum() {
        return (flags() & CHECKSUM_PRESENT) != 0;
    }

    public boolean hasKey() {
        return (flags() & KEY_PRESENT) != 0;
    }

    public boolean hasSequence() {
        return (flags() & SEQUENCE_PRESENT) != 0;
    }

    /** 0 if absent. */
    public int checksum() {
        return hasChecksum() ? buffer.getShort(offset + CHECKSUM, BIG_ENDIAN) & 0xffff : 0;
    }

    /** 32 bits; 0 if absent, which {@link #hasKey} tells from a key 0. */
    public int key() {
        int flags = flags();
        return (flags & KEY_PRESENT) != 0 ? buffer.getInt(offset + keyOffset(flags), BIG_ENDIAN) : 0;
    }

    /** 32 bits, unsigned; 0 if absent. */
    public int sequence() {
        int flags = flags();
        return (flags & SEQUENCE_PRESENT) != 0 ? buffer.getInt(offset + sequenceOffset(flags), BIG_ENDIAN) : 0;
    }

    /** Where the payload starts in the buffer. */
    public int payloadOffset() {
        return offset + headerLength();
    }

    /**
     * Whether the checksum verifies; true if there is none.
     *
     * @param length of header and payload, bytes
     */
    public boolean isChecksumValid(int length) {
        return !hasChecksum() || InternetChecksum.isValid(buffer, offset, length, 0);
    }

    /** The first 16 bits as they go. Call it first, for it says where the others lie. Puts {@link #validate} in doubt. */
    public GreFlyweight flags(int flags) {
        buffer.putShort(offset + FLAGS_AND_VERSION, (short) flags, BIG_ENDIAN);
        return this;
    }

    /** See {@link EtherType}. */
    public GreFlyweight protocol(int etherType) {
        buffer.putShort(offset + PROTOCOL, (short) etherType, BIG_ENDIAN);
        return this;
    }

    /** Only after {@link #flags(int)} with K. */
    public GreFlyweight key(int key) {
        buffer.putInt(offset + keyOffset(flags()), key, BIG_ENDIAN);
        return this;
    }

    /** Only after {@link #flags(int)} with S. */
    public GreFlyweight sequence(int sequence) {
        buffer.putInt(offset + sequenceOffset(flags()), sequence, BIG_ENDIAN);
        return this;
    }

    /** Only after {@link #flags(int)} with C. Reserved1 becomes zero. */
    public GreFlyweight checksum(int checksum) {
        buffer.putShort(offset + CHECKSUM, (short) checksum, BIG_ENDIAN);
        buffer.putShort(offset + RESERVED1, (short) 0, BIG_ENDIAN);
        return this;
    }

    /**
     * Computes and stores the checksum, the last setter to call; only after {@link #flags(int)} with C.
     *
     * @param length of header and payload, bytes
     */
    public GreFlyweight updateChecksum(int length) {
        checksum(0);
        return checksum(InternetChecksum.checksum(buffer, offset, length, 0));
    }

    /** One line: {@code GRE IPv4, csum 0x1234, key 7, seq 1}. */
    public StringBuilder appendTo(StringBuilder text) {
        EtherType.append(text.append("GRE "), protocol());
        if (hasChecksum()) {
            Text.appendHex(text.append(", csum "), checksum(), 4);
        }
        if (hasKey()) {
            text.append(", key ").append(Integer.toUnsignedLong(key()));
        }
        if (hasSequence()) {
            text.append(", seq ").append(Integer.toUnsignedLong(sequence()));
        }
        return text;
    }
}
