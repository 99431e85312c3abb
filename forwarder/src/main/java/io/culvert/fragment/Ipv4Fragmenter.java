package io.culvert.fragment;

import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Malformed;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Splits an IPv4 packet to an MTU, RFC 791 3.2, one fragment at a time:
 *
 * <pre>{@code
 * fragmenter.start(packet, offset, available, mtu);
 * while (fragmenter.hasNext()) {
 *     int length = fragmenter.next(target, targetOffset);
 *     ...
 * }
 * }</pre>
 *
 * The packet may be a fragment itself. A TCP or UDP checksum in it must be complete, not partial, for no device can finish
 * one over fragments. One thread, no allocation.
 */
public final class Ipv4Fragmenter {
    /** RFC 791: the smallest MTU of a link, bytes. With it, no header is too long to leave room for payload. */
    public static final int MIN_MTU = 68;

    /** Fragment offsets count units of this many bytes. */
    private static final int UNIT = 8;

    private static final int END_OF_OPTIONS = 0;
    private static final int NO_OPERATION = 1;
    /** In an option's type: it goes into every fragment, not only into the first. */
    private static final int COPIED = 0x80;

    private final Ipv4Flyweight ipv4 = new Ipv4Flyweight();
    private final UnsafeBuffer laterHeader = new UnsafeBuffer(new byte[Ipv4Flyweight.MAX_HEADER_LENGTH]);

    /** Of no meaning before the first {@link #start}. */
    private MutableDirectBuffer packet = laterHeader;

    private int headerOffset;
    private int headerLength;
    private int laterHeaderLength;
    private int mtu;

    /** Not 0 if the packet is a fragment itself, bytes. */
    private int originalOffset;

    private boolean originalHasMore;
    private int payloadLength;
    /** How much of the payload was written, bytes. */
    private int position;
    /** Fragments to come. */
    private int left;

    /**
     * Begins with a packet, whose bytes must stay as they are until the last fragment was taken.
     *
     * @param available bytes from {@code offset}; those beyond the total length are ignored
     * @param mtu of the fragments, header included, bytes, at least {@link #MIN_MTU}
     * @return how many fragments there will be, 1 if the packet fits; 0 if it must not be fragmented (DF) or is malformed
     */
    public int start(MutableDirectBuffer packet, int offset, int available, int mtu) {
        left = 0;
        if (mtu < MIN_MTU || Ipv4Flyweight.validate(packet, offset, available) != Malformed.NONE) {
            return 0;
        }
        ipv4.wrap(packet, offset);
        if (ipv4.dontFragment() || !isPossibleFragment()) {
            return 0;
        }
        this.packet = packet;
        this.mtu = mtu;
        headerOffset = offset;
        headerLength = ipv4.headerLength();
        originalOffset = ipv4.fragmentOffset();
        originalHasMore = ipv4.moreFragments();
        payloadLength = ipv4.payloadLength();
        position = 0;
        laterHeaderLength = buildLaterHeader();
        left = laterHeaderLength == 0 ? 0 : count();
        return left;
    }

    /** Whether {@link #next} has another fragment to write. */
    public boolean hasNext() {
        return left > 0;
    }

    /**
     * Writes the next fragment. The target must not overlap what is left of the packet.
     *
     * @param target with room for the MTU from {@code targetOffset}
     * @return the fragment's total length, bytes
     */
    public int next(MutableDirectBuffer target, int targetOffset) {
        boolean isFirst = position == 0;
        boolean isLast = left == 1;
        int header = isFirst ? headerLength : laterHeaderLength;
        int length = isLast ? payloadLength - position : roundDown(mtu - header);

        if (isFirst) {
            target.putBytes(targetOffset, packet, headerOffset, header);
        } else {
            target.putBytes(targetOffset, laterHeader, 0, header);
        }
        target.putBytes(targetOffset + header, packet, headerOffset + headerLength + position, length);
        int more = isLast && !originalHasMore ? 0 : Ipv4Flyweight.MORE_FRAGMENTS;
        ipv4.wrap(target, targetOffset)
                .totalLength(header + length)
                .flagsAndFragmentOffset(more | (originalOffset + position) / UNIT)
                .updateChecksum();
        position += length;
        left--;
        return header + length;
    }

    /** Whether its bytes can be a piece of an IPv4 packet at all: whole units before more, and no end beyond 65,535. */
    private boolean isPossibleFragment() {
        return (!ipv4.moreFragments() || ipv4.payloadLength() % UNIT == 0)
                && ipv4.fragmentOffset() + ipv4.totalLength() <= Ipv4Flyweight.MAX_TOTAL_LENGTH;
    }

    private int count() {
        int first = mtu - headerLength;
        int later = mtu - laterHeaderLength;
        if (payloadLength <= first) {
            return 1;
        }
        int unit = roundDown(later);
        int beyondSecond = Math.max(0, payloadLength - roundDown(first) - later);
        return 2 + (beyondSecond + unit - 1) / unit;
    }

    private static int roundDown(int length) {
        return length & -UNIT;
    }

    /**
     * Builds the header of all fragments but the first: that of the packet with those of its options that are copied.
     *
     * @return its length, or 0 if an option is malformed
     */
    private int buildLaterHeader() {
        laterHeader.putBytes(0, packet, headerOffset, Ipv4Flyweight.MIN_HEADER_LENGTH);
        int end = headerOffset + headerLength;
        int to = Ipv4Flyweight.MIN_HEADER_LENGTH;
        int from = headerOffset + to;
        while (from < end && packet.getByte(from) != END_OF_OPTIONS) {
            int type = packet.getByte(from) & 0xff;
            int length = 1;
            if (type != NO_OPERATION) {
                length = from + 1 < end ? packet.getByte(from + 1) & 0xff : 0;
                if (length < 2 || length > end - from) {
                    return 0;
                }
            }
            if ((type & COPIED) != 0) {
                laterHeader.putBytes(to, packet, from, length);
                to += length;
            }
            from += length;
        }
        while (to % Integer.BYTES != 0) {
            laterHeader.putByte(to++, (byte) END_OF_OPTIONS);
        }
        ipv4.wrap(laterHeader, 0).headerLength(to);
        return to;
    }
}
