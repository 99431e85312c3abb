package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * View of an IPv4 header, RFC 791, with RFC 2474 and RFC 3168 for its second byte.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------+-------+-----------+---+-------------------------------+
 * |Version|  IHL  |   DSCP    |ECN|         Total length          |
 * +-------+-------+-----------+---+-+-+-+-------------------------+
 * |        Identification         |0|D|M|     Fragment offset     |
 * +---------------+---------------+-+-+-+-------------------------+
 * |      TTL      |   Protocol    |        Header checksum        |
 * +---------------+---------------+-------------------------------+
 * |                        Source address                         |
 * +---------------------------------------------------------------+
 * |                      Destination address                      |
 * +---------------------------------------------------------------+
 * |                  Options, 0 to 40 bytes ...                   |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class Ipv4Flyweight {
    /** Without options, bytes. */
    public static final int MIN_HEADER_LENGTH = 20;
    /** With the most options, bytes. */
    public static final int MAX_HEADER_LENGTH = 60;
    /** Header and payload, bytes. */
    public static final int MAX_TOTAL_LENGTH = 0xffff;

    /** In {@link #flagsAndFragmentOffset()}. */
    public static final int DONT_FRAGMENT = 0x4000;
    /** In {@link #flagsAndFragmentOffset()}. */
    public static final int MORE_FRAGMENTS = 0x2000;
    /** In {@link #flagsAndFragmentOffset()}, units of 8 bytes. */
    public static final int FRAGMENT_OFFSET_MASK = 0x1fff;

    private static final int VERSION_AND_IHL = 0;
    private static final int TOS = 1;
    private static final int TOTAL_LENGTH = 2;
    private static final int IDENTIFICATION = 4;
    private static final int FLAGS_AND_FRAGMENT_OFFSET = 6;
    private static final int TTL = 8;
    private static final int PROTOCOL = 9;
    private static final int CHECKSUM = 10;
    private static final int SOURCE = 12;
    private static final int DESTINATION = 16;

    private MutableDirectBuffer buffer = Unwrapped.BUFFER;
    private int offset;

    /** Points this view at a header; looks at no byte. */
    public Ipv4Flyweight wrap(MutableDirectBuffer buffer, int offset) {
        this.buffer = buffer;
        this.offset = offset;
        return this;
    }

    /**
     * Checks a whole packet: the header and the total length lie within what is available. The header checksum is a
     * matter of its own, {@link #isChecksumValid()}. Bytes beyond the total length, such as Ethernet padding, are
     * allowed.
     *
     * @return {@link Malformed#NONE}: no getter, nor a read of the payload, leaves [offset, offset + available)
     */
    public static int validate(DirectBuffer buffer, int offset, int available) {
        int malformed = validateHeader(buffer, offset, available);
        if (malformed != Malformed.NONE) {
            return malformed;
        }
        int totalLength = buffer.getShort(offset + TOTAL_LENGTH, BIG_ENDIAN) & 0xffff;
        return totalLength > available ? Malformed.TRUNCATED : Malformed.NONE;
    }

    /**
     * Checks a header whose payload may be cut, such as the one that an ICMP error quotes.
     *
     * @return {@link Malformed#NONE}: no getter leaves [offset, offset + available), but the payload may
     */
    public static int validateHeader(DirectBuffer buffer, int offset, int available) {
        if (available < MIN_HEADER_LENGTH) {
            return Malformed.TRUNCATED;
        }
        int versionAndIhl = buffer.getByte(offset + VERSION_AND_IHL) & 0xff;
        if (versionAndIhl >>> 4 != 4) {
            return Malformed.BAD_VERSION;
        }
        int headerLength = (versionAndIhl & 0xf) << 2;
        if (headerLength < MIN_HEADER_LENGTH) {
            return Malformed.BAD_HEADER_LENGTH;
        }
        if (headerLength > available) {
            return Malformed.TRUNCATED;
        }
        int totalLength = buffer.getShort(offset + TOTAL_LENGTH, BIG_ENDIAN) & 0xffff;
        return totalLength < headerLength ? Malformed.BAD_TOTAL_LENGTH : Malformed.NONE;
    }

    public int version() {
        return buffer.getByte(offset + VERSION_AND_IHL) >>> 4 & 0xf;
    }

    /** Bytes, options included; the field on the wire counts words of 4. */
    public int headerLength() {
        return (buffer.getByte(offset + VERSION_AND_IHL) & 0xf) << 2;
    }

    /** Bytes. */
    public int optionsLength() {
        return headerLength() - MIN_HEADER_LENGTH;
    }

    /** DSCP and ECN. */
    public int tos() {
        return buffer.getByte(offset + TOS) & 0xff;
    }

    /** See {@link Ecn}. */
    public int ecn() {
        return tos() & Ecn.MASK;
    }

    /** Header and payload, bytes. */
    public int totalLength() {
        return buffer.getShort(offset + TOTAL_LENGTH, BIG_ENDIAN) & 0xffff;
    }

    public int identification() {
        return buffer.getShort(offset + IDENTIFICATION, BIG_ENDIAN) & 0xffff;
    }

    /** The 16 bits as they are: reserved bit, DF, MF, offset in units of 8 bytes. */
    public int flagsAndFragmentOffset() {
        return buffer.getShort(offset + FLAGS_AND_FRAGMENT_OFFSET, BIG_ENDIAN) & 0xffff;
    }

    public boolean dontFragment() {
        return (flagsAndFragmentOffset() & DONT_FRAGMENT) != 0;
    }

    public boolean moreFragments() {
        return (flagsAndFragmentOffset() & MORE_FRAGMENTS) != 0;
    }

    /** Bytes; the field on the wire counts units of 8. */
    public int fragmentOffset() {
        return (flagsAndFragmentOffset() & FRAGMENT_OFFSET_MASK) << 3;
    }

    /** Whether this is a piece of a packet; the last piece has an offset but no MF. */
    public boolean isFragment() {
        return (flagsAndFragmentOffset() & (MORE_FRAGMENTS | FRAGMENT_OFFSET_MASK)) != 0;
    }

    public int ttl() {
        return buffer.getByte(offset + TTL) & 0xff;
    }

    /** See {@link IpProtocol}. */
    public int protocol() {
        return buffer.getByte(offset + PROTOCOL) & 0xff;
    }

    public int checksum() {
        return buffer.getShort(offset + CHECKSUM, BIG_ENDIAN) & 0xffff;
    }

    /** Host order: 192.0.2.1 is 0xc0000201. */
    public int source() {
        return buffer.getInt(offset + SOURCE, BIG_ENDIAN);
    }

    /** Host order. */
    public int destination() {
        return buffer.getInt(offset + DESTINATION, BIG_ENDIAN);
    }

    /** Where the options start in the buffer. */
    public int optionsOffset() {
        return offset + MIN_HEADER_LENGTH;
    }

    /** Where the payload starts in the buffer. */
    public int payloadOffset() {
        return offset + headerLength();
    }

    /** Bytes. */
    public int payloadLength() {
        return totalLength() - headerLength();
    }

    /** Over the header, options included. */
    public boolean isChecksumValid() {
        return InternetChecksum.isValid(buffer, offset, headerLength(), 0);
    }

    /** Writes version 4 and a header length in bytes, a multiple of 4. Puts {@link #validate} in doubt. */
    public Ipv4Flyweight headerLength(int bytes) {
        buffer.putByte(offset + VERSION_AND_IHL, (byte) (0x40 | bytes >>> 2));
        return this;
    }

    public Ipv4Flyweight tos(int tos) {
        buffer.putByte(offset + TOS, (byte) tos);
        return this;
    }

    /** Changes TOS and carries the change into the header checksum, RFC 1624. */
    public Ipv4Flyweight putTosUpdatingChecksum(int tos) {
        int from = buffer.getShort(offset + VERSION_AND_IHL, BIG_ENDIAN) & 0xffff;
        int to = (from & 0xff00) | (tos & 0xff);
        return tos(tos).checksum(InternetChecksum.update(checksum(), from, to));
    }

    /** Bytes. Puts {@link #validate} in doubt. */
    public Ipv4Flyweight totalLength(int bytes) {
        buffer.putShort(offset + TOTAL_LENGTH, (short) bytes, BIG_ENDIAN);
        return this;
    }

    public Ipv4Flyweight identification(int identification) {
        buffer.putShort(offset + IDENTIFICATION, (short) identification, BIG_ENDIAN);
        return this;
    }

    /** The 16 bits as they go: {@link #DONT_FRAGMENT}, {@link #MORE_FRAGMENTS}, offset in units of 8 bytes. */
    public Ipv4Flyweight flagsAndFragmentOffset(int bits) {
        buffer.putShort(offset + FLAGS_AND_FRAGMENT_OFFSET, (short) bits, BIG_ENDIAN);
        return this;
    }

    public Ipv4Flyweight ttl(int ttl) {
        buffer.putByte(offset + TTL, (byte) ttl);
        return this;
    }

    /** See {@link IpProtocol}. */
    public Ipv4Flyweight protocol(int protocol) {
        buffer.putByte(offset + PROTOCOL, (byte) protocol);
        return this;
    }

    public Ipv4Flyweight checksum(int checksum) {
        buffer.putShort(offset + CHECKSUM, (short) checksum, BIG_ENDIAN);
        return this;
    }

    /** Host order. */
    public Ipv4Flyweight source(int address) {
        buffer.putInt(offset + SOURCE, address, BIG_ENDIAN);
        return this;
    }

    /** Host order. */
    public Ipv4Flyweight destination(int address) {
        buffer.putInt(offset + DESTINATION, address, BIG_ENDIAN);
        return this;
    }

    /** Computes and stores the checksum over the header, options included. The last setter to call. */
    public Ipv4Flyweight updateChecksum() {
        checksum(0);
        return checksum(InternetChecksum.checksum(buffer, offset, headerLength(), 0));
    }

    /** One line: {@code IP 192.0.2.1 > 192.0.2.2: GRE, ttl 64, tos 0x0, id 7, len 84 [DF]}. */
    public StringBuilder appendTo(StringBuilder text) {
        Text.appendIpv4(text.append("IP "), source());
        Text.appendIpv4(text.append(" > "), destination());
        IpProtocol.append(text.append(": "), protocol()).append(", ttl ").append(ttl());
        Text.appendHex(text.append(", tos "), tos(), 2);
        text.append(", id ").append(identification()).append(", len ").append(totalLength());
        if (optionsLength() > 0) {
            text.append(", options ").append(optionsLength());
        }
        if (dontFragment()) {
            text.append(" [DF]");
        }
        if (isFragment()) {
            text.append(" [frag ").append(fragmentOffset()).append(moreFragments() ? "+]" : "]");
        }
        return text;
    }
}
