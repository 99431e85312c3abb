package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * View of the fixed IPv6 header, RFC 8200. What follows it: {@link Ipv6ExtensionHeaders}.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------+-----------+---+---------------------------------------+
 * |Version|   DSCP    |ECN|              Flow label               |
 * +-------+-----------+---+-------+---------------+---------------+
 * |        Payload length         |  Next header  |   Hop limit   |
 * +-------------------------------+---------------+---------------+
 * |                                                               |
 * |                    Source address, 16 bytes                   |
 * |                                                               |
 * +---------------------------------------------------------------+
 * |                                                               |
 * |                 Destination address, 16 bytes                 |
 * |                                                               |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class Ipv6Flyweight {
    /** Bytes. */
    public static final int HEADER_LENGTH = 40;
    /** Every link carries packets of this size, bytes. */
    public static final int MIN_MTU = 1280;
    /** Of an address, bytes. */
    public static final int ADDRESS_LENGTH = 16;

    private static final int VERSION_CLASS_FLOW = 0;
    static final int PAYLOAD_LENGTH = 4;
    static final int NEXT_HEADER = 6;
    private static final int HOP_LIMIT = 7;
    private static final int SOURCE = 8;
    private static final int DESTINATION = 24;

    private static final int VERSION_6 = 0x6000_0000;
    private static final int CLASS_MASK = 0x0ff0_0000;
    private static final int CLASS_SHIFT = 20;
    private static final int FLOW_LABEL_MASK = 0x000f_ffff;

    private MutableDirectBuffer buffer = Unwrapped.BUFFER;
    private int offset;

    /** Points this view at a header; looks at no byte. */
    public Ipv6Flyweight wrap(MutableDirectBuffer buffer, int offset) {
        this.buffer = buffer;
        this.offset = offset;
        return this;
    }

    /**
     * Checks a whole packet: the header and its payload lie within what is available. Bytes beyond the payload, such as
     * Ethernet padding, are allowed. A jumbogram, RFC 2675, is refused: where its payload ends this view cannot say.
     *
     * @return {@link Malformed#NONE}: no getter, nor a read of the payload, leaves [offset, offset + available)
     */
    public static int validate(DirectBuffer buffer, int offset, int available) {
        int malformed = validateHeader(buffer, offset, available);
        if (malformed != Malformed.NONE) {
            return malformed;
        }
        int payloadLength = buffer.getShort(offset + PAYLOAD_LENGTH, BIG_ENDIAN) & 0xffff;
        if (payloadLength == 0 && buffer.getByte(offset + NEXT_HEADER) == IpProtocol.HOP_BY_HOP_OPTIONS) {
            return Malformed.BAD_TOTAL_LENGTH;
        }
        return HEADER_LENGTH + payloadLength > available ? Malformed.TRUNCATED : Malformed.NONE;
    }

    /**
     * Checks a header whose payload may be cut, such as the one that an ICMP error quotes.
     *
     * @return {@link Malformed#NONE}: no getter leaves [offset, offset + available), but the payload may
     */
    public static int validateHeader(DirectBuffer buffer, int offset, int available) {
        if (available < HEADER_LENGTH) {
            return Malformed.TRUNCATED;
        }
        return (buffer.getByte(offset + VERSION_CLASS_FLOW) & 0xf0) == 0x60 ? Malformed.NONE : Malformed.BAD_VERSION;
    }

    public int version() {
        return buffer.getByte(offset + VERSION_CLASS_FLOW) >>> 4 & 0xf;
    }

    /** DSCP and ECN. */
    public int trafficClass() {
        return (versionClassFlow() & CLASS_MASK) >>> CLASS_SHIFT;
    }

    /** See {@link Ecn}. */
    public int ecn() {
        return trafficClass() & Ecn.MASK;
    }

    /** 20 bits. */
    public int flowLabel() {
        return versionClassFlow() & FLOW_LABEL_MASK;
    }

    /** Extension headers and upper layer, bytes. */
    public int payloadLength() {
        return buffer.getShort(offset + PAYLOAD_LENGTH, BIG_ENDIAN) & 0xffff;
    }

    /** Header and payload, bytes. */
    public int totalLength() {
        return HEADER_LENGTH + payloadLength();
    }

    /** Of what follows this header, be it an extension header or the upper layer; see {@link IpProtocol}. */
    public int nextHeader() {
        return buffer.getByte(offset + NEXT_HEADER) & 0xff;
    }

    public int hopLimit() {
        return buffer.getByte(offset + HOP_LIMIT) & 0xff;
    }

    /** The first 8 bytes of the source address, host order. */
    public long sourceHigh() {
        return buffer.getLong(offset + SOURCE, BIG_ENDIAN);
    }

    /** The last 8 bytes of the source address, host order. */
    public long sourceLow() {
        return buffer.getLong(offset + SOURCE + 8, BIG_ENDIAN);
    }

    /** The first 8 bytes of the destination address, host order. */
    public long destinationHigh() {
        return buffer.getLong(offset + DESTINATION, BIG_ENDIAN);
    }

    /** The last 8 bytes of the destination address, host order. */
    public long destinationLow() {
        return buffer.getLong(offset + DESTINATION + 8, BIG_ENDIAN);
    }

    /** Where the source address lies in the buffer. */
    public int sourceOffset() {
        return offset + SOURCE;
    }

    /** Where the destination address lies in the buffer. */
    public int destinationOffset() {
        return offset + DESTINATION;
    }

    /** Where the payload starts in the buffer. */
    public int payloadOffset() {
        return offset + HEADER_LENGTH;
    }

    /** The sum for an upper-layer checksum, RFC 8200 8.1; {@code length} in bytes. */
    public long pseudoHeader(int protocol, int length) {
        return InternetChecksum.pseudoHeaderIpv6(buffer, sourceOffset(), destinationOffset(), protocol, length);
    }

    /** Writes the version too. */
    public Ipv6Flyweight trafficClass(int trafficClass) {
        return versionClassFlow((trafficClass & 0xff) << CLASS_SHIFT | flowLabel());
    }

    /** 20 bits. Writes the version too. */
    public Ipv6Flyweight flowLabel(int label) {
        return versionClassFlow((versionClassFlow() & CLASS_MASK) | (label & FLOW_LABEL_MASK));
    }

    /** Bytes. Puts {@link #validate} in doubt. */
    public Ipv6Flyweight payloadLength(int bytes) {
        buffer.putShort(offset + PAYLOAD_LENGTH, (short) bytes, BIG_ENDIAN);
        return this;
    }

    /** See {@link IpProtocol}. */
    public Ipv6Flyweight nextHeader(int protocol) {
        buffer.putByte(offset + NEXT_HEADER, (byte) protocol);
        return this;
    }

    public Ipv6Flyweight hopLimit(int hopLimit) {
        buffer.putByte(offset + HOP_LIMIT, (byte) hopLimit);
        return this;
    }

    /** Both halves in host order. */
    public Ipv6Flyweight source(long high, long low) {
        buffer.putLong(offset + SOURCE, high, BIG_ENDIAN);
        buffer.putLong(offset + SOURCE + 8, low, BIG_ENDIAN);
        return this;
    }

    /** Copies 16 bytes. */
    public Ipv6Flyweight source(DirectBuffer from, int fromOffset) {
        buffer.putBytes(offset + SOURCE, from, fromOffset, ADDRESS_LENGTH);
        return this;
    }

    /** Both halves in host order. */
    public Ipv6Flyweight destination(long high, long low) {
        buffer.putLong(offset + DESTINATION, high, BIG_ENDIAN);
        buffer.putLong(offset + DESTINATION + 8, low, BIG_ENDIAN);
        return this;
    }

    /** Copies 16 bytes. */
    public Ipv6Flyweight destination(DirectBuffer from, int fromOffset) {
        buffer.putBytes(offset + DESTINATION, from, fromOffset, ADDRESS_LENGTH);
        return this;
    }

    /** An address, both halves in host order, as RFC 5952 writes it. */
    public static String text(long high, long low) {
        return Text.appendIpv6(new StringBuilder(), high, low).toString();
    }

    /** One line: {@code IP6 2001:db8::1 > 2001:db8::2: UDP, hlim 64, class 0x00, flow 0x00000, plen 20}. */
    public StringBuilder appendTo(StringBuilder text) {
        Text.appendIpv6(text.append("IP6 "), sourceHigh(), sourceLow());
        Text.appendIpv6(text.append(" > "), destinationHigh(), destinationLow());
        IpProtocol.append(text.append(": "), nextHeader()).append(", hlim ").append(hopLimit());
        Text.appendHex(text.append(", class "), trafficClass(), 2);
        Text.appendHex(text.append(", flow "), flowLabel(), 5);
        return text.append(", plen ").append(payloadLength());
    }

    private int versionClassFlow() {
        return buffer.getInt(offset + VERSION_CLASS_FLOW, BIG_ENDIAN);
    }

    private Ipv6Flyweight versionClassFlow(int classAndFlow) {
        buffer.putInt(offset + VERSION_CLASS_FLOW, VERSION_6 | classAndFlow, BIG_ENDIAN);
        return this;
    }
}
