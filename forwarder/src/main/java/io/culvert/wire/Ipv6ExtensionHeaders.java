package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;

/**
 * The walk from a fixed IPv6 header to its upper layer, over hop-by-hop options, destination options, routing, fragment
 * and authentication headers (RFC 8200 4, RFC 4302). All but the last start alike; the fragment header is drawn whole.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |  Next header  |    Length     |   options, routing data ...   |   length + 1 units of 8 bytes
 * +---------------+---------------+-------------------------------+
 *
 * +---------------+---------------+-------------------------+---+-+
 * |  Next header  |   Reserved    |     Fragment offset     |Res|M|   always 8 bytes
 * +---------------+---------------+-------------------------+---+-+
 * |                         Identification                        |
 * +---------------------------------------------------------------+
 *
 * +---------------+---------------+-------------------------------+
 * |  Next header  |    Length     |   SPI, sequence, ICV ...      |   AH: length + 2 units of 4 bytes
 * +---------------+---------------+-------------------------------+
 * </pre>
 *
 * One object is reused for packet after packet. The getters speak of the last {@link #parse} that returned
 * {@link Malformed#NONE}.
 */
public final class Ipv6ExtensionHeaders {
    /** Headers that are walked; no honest packet has so many. */
    public static final int LIMIT = 16;
    /** Of a fragment header, bytes. */
    public static final int FRAGMENT_HEADER_LENGTH = 8;

    private static final int NEXT_HEADER = 0;
    private static final int LENGTH = 1;
    private static final int FRAGMENT_OFFSET_AND_FLAGS = 2;
    private static final int IDENTIFICATION = 4;

    private static final int FRAGMENT_OFFSET_MASK = 0xfff8;
    private static final int MORE_FRAGMENTS = 0x0001;
    private static final int AH_MIN_LENGTH = 12;

    private int upperProtocol;
    private int upperOffset;
    private int fragmentOffsetAndFlags;
    private int identification;
    private boolean fragmentHeader;

    /**
     * Walks the headers of a packet that {@link Ipv6Flyweight#validate} or, for a quoted packet,
     * {@link Ipv6Flyweight#validateHeader} found sound. The walk ends at the first header that is no extension header, at
     * ESP, or behind the fragment header of a fragment that is not the first, for there is no header in such a fragment.
     *
     * @param offset of the fixed IPv6 header
     * @param available bytes from there; no byte beyond them or beyond the payload length is read
     */
    public int parse(DirectBuffer buffer, int offset, int available) {
        int payloadLength = buffer.getShort(offset + Ipv6Flyweight.PAYLOAD_LENGTH, BIG_ENDIAN) & 0xffff;
        int end = offset + Math.min(available, Ipv6Flyweight.HEADER_LENGTH + payloadLength);
        int at = offset + Ipv6Flyweight.HEADER_LENGTH;
        int protocol = buffer.getByte(offset + Ipv6Flyweight.NEXT_HEADER) & 0xff;
        fragmentHeader = false;
        fragmentOffsetAndFlags = 0;
        identification = 0;

        for (int walked = 0; isExtension(protocol); walked++) {
            if (walked == LIMIT) {
                return Malformed.TOO_MANY_HEADERS;
            }
            if (end - at < 2) {
                return Malformed.TRUNCATED;
            }
            int length = length(protocol, buffer.getByte(at + LENGTH) & 0xff);
            if (length < 0) {
                return Malformed.BAD_HEADER_LENGTH;
            }
            if (end - at < length) {
                return Malformed.TRUNCATED;
            }
            if (protocol == IpProtocol.FRAGMENT) {
                fragmentHeader = true;
                fragmentOffsetAndFlags |= buffer.getShort(at + FRAGMENT_OFFSET_AND_FLAGS, BIG_ENDIAN) & 0xffff;
                identification = buffer.getInt(at + IDENTIFICATION, BIG_ENDIAN);
            }
            protocol = buffer.getByte(at + NEXT_HEADER) & 0xff;
            at += length;
            if (fragmentOffset() != 0) {
                break;
            }
        }
        upperProtocol = protocol;
        upperOffset = at;
        return Malformed.NONE;
    }

    /** Of what follows the last header walked; see {@link IpProtocol}. In a non-first fragment, of the whole packet. */
    public int upperProtocol() {
        return upperProtocol;
    }

    /** Where that starts in the buffer. */
    public int upperOffset() {
        return upperOffset;
    }

    /** Whether there is a fragment header, be it that of an "atomic" fragment, RFC 6946. */
    public boolean hasFragmentHeader() {
        return fragmentHeader;
    }

    /** Whether this is a piece of a packet, so not for an atomic fragment. */
    public boolean isFragment() {
        return moreFragments() || fragmentOffset() != 0;
    }

    public boolean moreFragments() {
        return (fragmentOffsetAndFlags & MORE_FRAGMENTS) != 0;
    }

    /** Bytes; 0 without a fragment header. */
    public int fragmentOffset() {
        return fragmentOffsetAndFlags & FRAGMENT_OFFSET_MASK;
    }

    /** 32 bits; 0 without a fragment header. */
    public int identification() {
        return identification;
    }

    private static boolean isExtension(int protocol) {
        return switch (protocol) {
            case IpProtocol.HOP_BY_HOP_OPTIONS,
                    IpProtocol.DESTINATION_OPTIONS,
                    IpProtocol.ROUTING,
                    IpProtocol.FRAGMENT,
                    IpProtocol.AH -> true;
            default -> false;
        };
    }

    /** Bytes, or -1 for an impossible length. */
    private static int length(int protocol, int field) {
        return switch (protocol) {
            case IpProtocol.FRAGMENT -> FRAGMENT_HEADER_LENGTH;
            case IpProtocol.AH -> (field + 2) * 4 < AH_MIN_LENGTH ? -1 : (field + 2) * 4;
            default -> (field + 1) * 8;
        };
    }
}
