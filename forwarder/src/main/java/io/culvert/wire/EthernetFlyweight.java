package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * View of an Ethernet II header.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------------------------------+
 * |                      Destination address                      |
 * +-------------------------------+-------------------------------+
 * |     Destination (rest)        |        Source address         |
 * +-------------------------------+-------------------------------+
 * |                         Source (rest)                         |
 * +-------------------------------+-------------------------------+
 * |           EtherType           |
 * +-------------------------------+
 * </pre>
 */
public final class EthernetFlyweight {
    /** Bytes. */
    public static final int HEADER_LENGTH = 14;
    /** Of an address, bytes. */
    public static final int ADDRESS_LENGTH = 6;

    /** What {@link #ipOffset} gives for a frame without an IP packet. */
    public static final int NO_IP = -1;

    /** Of an IEEE 802.1Q tag, which stands in front of the EtherType, bytes. */
    private static final int TAG_LENGTH = 4;
    /** A service provider's and a customer's, IEEE 802.1ad. */
    private static final int MAX_TAGS = 2;

    private static final int DESTINATION = 0;
    private static final int SOURCE = 6;
    private static final int TYPE = 12;

    private MutableDirectBuffer buffer = Unwrapped.BUFFER;
    private int offset;

    /** Points this view at a header; looks at no byte. */
    public EthernetFlyweight wrap(MutableDirectBuffer buffer, int offset) {
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

    /**
     * Where the IP packet of a valid frame starts, behind up to two tags: bytes from the frame's first one.
     *
     * @return {@link #NO_IP} if it carries none, or one that is not sound: see {@link Ipv4Flyweight#validate}, {@link
     *     Ipv6Flyweight#validate}
     */
    public static int ipOffset(DirectBuffer buffer, int offset, int available) {
        int typeOffset = TYPE;
        int type = buffer.getShort(offset + typeOffset, BIG_ENDIAN) & 0xffff;
        for (int tags = 0; tags < MAX_TAGS && isTag(type) && available >= typeOffset + TAG_LENGTH + 2; tags++) {
            typeOffset += TAG_LENGTH;
            type = buffer.getShort(offset + typeOffset, BIG_ENDIAN) & 0xffff;
        }
        int ip = typeOffset + Short.BYTES;
        int malformed = switch (type) {
            case EtherType.IPV4 -> Ipv4Flyweight.validate(buffer, offset + ip, available - ip);
            case EtherType.IPV6 -> Ipv6Flyweight.validate(buffer, offset + ip, available - ip);
            default -> Malformed.BAD_VERSION;
        };
        return malformed == Malformed.NONE ? ip : NO_IP;
    }

    private static boolean isTag(int type) {
        return type == EtherType.VLAN || type == EtherType.SERVICE_VLAN;
    }

    /** The address in the low 48 bits. */
    public long destination() {
        return address(DESTINATION);
    }

    /** The address in the low 48 bits. */
    public long source() {
        return address(SOURCE);
    }

    /** See {@link EtherType}; below 0x600 it is an IEEE 802.3 length. */
    public int type() {
        return buffer.getShort(offset + TYPE, BIG_ENDIAN) & 0xffff;
    }

    /** Where the payload starts in the buffer. */
    public int payloadOffset() {
        return offset + HEADER_LENGTH;
    }

    /** The address in the low 48 bits. */
    public EthernetFlyweight destination(long address) {
        return address(DESTINATION, address);
    }

    /** The address in the low 48 bits. */
    public EthernetFlyweight source(long address) {
        return address(SOURCE, address);
    }

    /** See {@link EtherType}. */
    public EthernetFlyweight type(int etherType) {
        buffer.putShort(offset + TYPE, (short) etherType, BIG_ENDIAN);
        return this;
    }

    /** One line: {@code Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02: IPv4}. */
    public StringBuilder appendTo(StringBuilder text) {
        Text.appendMac(text.append("Ethernet "), source());
        Text.appendMac(text.append(" > "), destination());
        return EtherType.append(text.append(": "), type());
    }

    private long address(int field) {
        long high = buffer.getShort(offset + field, BIG_ENDIAN) & 0xffffL;
        return high << 32 | (buffer.getInt(offset + field + 2, BIG_ENDIAN) & 0xffff_ffffL);
    }

    private EthernetFlyweight address(int field, long address) {
        buffer.putShort(offset + field, (short) (address >>> 32), BIG_ENDIAN);
        buffer.putInt(offset + field + 2, (int) address, BIG_ENDIAN);
        return this;
    }
}
