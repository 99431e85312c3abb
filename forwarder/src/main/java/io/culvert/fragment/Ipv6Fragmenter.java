package io.culvert.fragment;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Malformed;
import java.security.SecureRandom;
import java.util.SplittableRandom;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Splits an IPv6 packet to an MTU, RFC 8200 section 4.5, as its source may, one fragment at a time; used as {@link
 * Ipv4Fragmenter} is. Only the IPv6 header itself stands in front of the fragment header: there must be no extension header
 * that routers look at. A packet that fits is copied as it is. One thread, no allocation.
 */
public final class Ipv6Fragmenter {

    /** Bytes of the fragment header. */
    static final int FRAGMENT_HEADER_LENGTH = 8;

    private static final int HEADERS_LENGTH = Ipv6Flyweight.HEADER_LENGTH + FRAGMENT_HEADER_LENGTH;
    private static final int OFFSET_FIELD = 2;
    private static final int IDENTIFICATION = 4;
    private static final int MORE_FRAGMENTS = 1;

    /** Fragment offsets count units of this many bytes. */
    private static final int UNIT = 8;

    /** RFC 7739: nobody can guess the next identification, or count how many there were. */
    private final SplittableRandom identifications = new SplittableRandom(new SecureRandom().nextLong());

    private final Ipv6Flyweight ipv6 = new Ipv6Flyweight();

    /** Of no meaning before the first {@link #start}. */
    private MutableDirectBuffer packet = new UnsafeBuffer(new byte[0]);

    private int packetOffset;
    private int payloadLength;
    private int fragmentLength;
    private int identification;
    private int position;

    /** Fragments to come. */
    private int left;

    /**
     * Begins with a packet, whose bytes must stay as they are until the last fragment was taken.
     *
     * @param available bytes from {@code offset}; those beyond the packet's length are ignored
     * @param mtu of the fragments, headers included, bytes, at least {@link Ipv6Flyweight#MIN_MTU}
     * @return how many fragments there will be, 1 if the packet fits; 0 if it is malformed
     */
    public int start(MutableDirectBuffer source, int offset, int available, int mtu) {
        left = 0;
        if (mtu < Ipv6Flyweight.MIN_MTU || Ipv6Flyweight.validate(source, offset, available) != Malformed.NONE) {
            return 0;
        }
        packet = source;
        packetOffset = offset;
        payloadLength = ipv6.wrap(source, offset).payloadLength();
        position = 0;
        fragmentLength = (mtu - HEADERS_LENGTH) & -UNIT;
        boolean fits = Ipv6Flyweight.HEADER_LENGTH + payloadLength <= mtu;
        left = fits ? 1 : (payloadLength + fragmentLength - 1) / fragmentLength;
        identification = fits ? 0 : identifications.nextInt();
        return left;
    }

    /**
     * Writes the next fragment. The target must not overlap what is left of the packet.
     *
     * @param target with room for the MTU from {@code targetOffset}
     * @return the fragment's length, bytes
     */
    public int next(MutableDirectBuffer target, int targetOffset) {
        boolean isLast = left == 1;
        if (isLast && position == 0) {
            target.putBytes(targetOffset, packet, packetOffset, Ipv6Flyweight.HEADER_LENGTH + payloadLength);
            left = 0;
            return Ipv6Flyweight.HEADER_LENGTH + payloadLength;
        }
        int length = isLast ? payloadLength - position : fragmentLength;
        target.putBytes(targetOffset, packet, packetOffset, Ipv6Flyweight.HEADER_LENGTH);
        int nextHeader = ipv6.wrap(target, targetOffset).nextHeader();
        ipv6.nextHeader(IpProtocol.FRAGMENT).payloadLength(FRAGMENT_HEADER_LENGTH + length);
        int header = targetOffset + Ipv6Flyweight.HEADER_LENGTH;
        target.putShort(header, (short) (nextHeader << Byte.SIZE), BIG_ENDIAN);
        target.putShort(header + OFFSET_FIELD, (short) (position | (isLast ? 0 : MORE_FRAGMENTS)), BIG_ENDIAN);
        target.putInt(header + IDENTIFICATION, identification, BIG_ENDIAN);
        int payload = packetOffset + Ipv6Flyweight.HEADER_LENGTH + position;
        target.putBytes(header + FRAGMENT_HEADER_LENGTH, packet, payload, length);
        position += length;
        left--;
        return HEADERS_LENGTH + length;
    }
}
