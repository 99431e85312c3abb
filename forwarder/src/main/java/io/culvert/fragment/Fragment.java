package io.culvert.fragment;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Malformed;
import java.util.Arrays;
import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A piece of an IP packet, RFC 791 section 3.2 and RFC 8200 section 4.5, for those who explain what they see: packets that
 * are forwarded are reassembled by the kernel.
 *
 * @param packet tells the fragments of one packet from those of others
 * @param offset where its payload is in the packet's, in bytes
 * @param isLast whether the packet ends with it
 * @param header what stands in front of the packet's payload
 * @param payload of this fragment
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Fragment(String packet, int offset, boolean isLast, byte[] header, byte[] payload) {

    private static final int IPV4_IDENTIFICATION = 4;
    private static final int IPV4_PROTOCOL = 9;
    private static final int IPV4_ADDRESSES = 12;
    private static final int IPV6_NEXT_HEADER = 6;
    private static final int IPV6_ADDRESSES = 8;
    private static final int OFFSET_FIELD = 2;
    private static final int IDENTIFICATION = 4;
    private static final int OFFSET_MASK = 0xfff8;
    private static final int MORE_FRAGMENTS = 1;
    private static final int UNIT = 8;

    /**
     * Reads one.
     *
     * @return null if the packet is whole, or its headers are not sound
     */
    public static @Nullable Fragment of(byte[] bytes) {
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        if (Ipv4Flyweight.validate(buffer, 0, bytes.length) == Malformed.NONE) {
            return ofIpv4(bytes, new Ipv4Flyweight().wrap(buffer, 0));
        }
        return Ipv6Flyweight.validate(buffer, 0, bytes.length) == Malformed.NONE ? ofIpv6(bytes, buffer) : null;
    }

    private static @Nullable Fragment ofIpv4(byte[] bytes, Ipv4Flyweight ipv4) {
        if (!ipv4.isFragment()) {
            return null;
        }
        String packet = hex(bytes, IPV4_ADDRESSES, Ipv4Flyweight.MIN_HEADER_LENGTH)
                + hex(bytes, IPV4_IDENTIFICATION, IPV4_IDENTIFICATION + Short.BYTES)
                + hex(bytes, IPV4_PROTOCOL, IPV4_PROTOCOL + 1);
        return new Fragment(
                packet,
                ipv4.fragmentOffset(),
                !ipv4.moreFragments(),
                Arrays.copyOf(bytes, ipv4.headerLength()),
                Arrays.copyOfRange(bytes, ipv4.headerLength(), ipv4.totalLength()));
    }

    /** The fragment header is behind those that routers look at, and does not belong to the whole packet. */
    private static @Nullable Fragment ofIpv6(byte[] bytes, UnsafeBuffer buffer) {
        int end = new Ipv6Flyweight().wrap(buffer, 0).totalLength();
        int typeAt = IPV6_NEXT_HEADER;
        int at = Ipv6Flyweight.HEADER_LENGTH;
        while (isOption(bytes[typeAt] & 0xff) && at + UNIT <= end) {
            typeAt = at;
            at += (1 + (bytes[at + 1] & 0xff)) * UNIT;
        }
        int behind = at + Ipv6Fragmenter.FRAGMENT_HEADER_LENGTH;
        if (behind > end || bytes[typeAt] != IpProtocol.FRAGMENT) {
            return null;
        }
        int field = buffer.getShort(at + OFFSET_FIELD, BIG_ENDIAN) & 0xffff;
        boolean isLast = (field & MORE_FRAGMENTS) == 0;
        byte[] header = Arrays.copyOf(bytes, at);
        header[typeAt] = bytes[at];
        String packet = hex(bytes, IPV6_ADDRESSES, Ipv6Flyweight.HEADER_LENGTH)
                + hex(bytes, at + IDENTIFICATION, at + IDENTIFICATION + Integer.BYTES);
        // RFC 6946: one that is first and last is a packet of its own.
        return isLast && (field & OFFSET_MASK) == 0
                ? null
                : new Fragment(packet, field & OFFSET_MASK, isLast, header, Arrays.copyOfRange(bytes, behind, end));
    }

    private static boolean isOption(int protocol) {
        return switch (protocol) {
            case IpProtocol.HOP_BY_HOP_OPTIONS, IpProtocol.ROUTING, IpProtocol.DESTINATION_OPTIONS -> true;
            default -> false;
        };
    }

    private static String hex(byte[] bytes, int from, int to) {
        return HexFormat.of().formatHex(bytes, from, to);
    }

    /** A packet that is not fragmented, with this fragment's header. */
    public byte[] whole(byte[] data) {
        byte[] bytes = Arrays.copyOf(header, header.length + data.length);
        System.arraycopy(data, 0, bytes, header.length, data.length);
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        if ((bytes[0] & 0xf0) == 0x60) {
            new Ipv6Flyweight().wrap(buffer, 0).payloadLength(bytes.length - Ipv6Flyweight.HEADER_LENGTH);
        } else {
            new Ipv4Flyweight()
                    .wrap(buffer, 0)
                    .totalLength(bytes.length)
                    .flagsAndFragmentOffset(0)
                    .updateChecksum();
        }
        return bytes;
    }
}
