package io.culvert.tunnel;

import io.culvert.icmp.OuterError;
import io.culvert.wire.EtherType;
import io.culvert.wire.EthernetFlyweight;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The outer header of a tunnel for one route: link header, IP header and shim built once, fixed up for each packet. Which
 * IP version it has is settled when the tunnel is made. Immutable; any worker may use it at any time.
 */
public abstract class OuterHeader {

    private static final int TEMPLATE_CAPACITY = 128;

    private static final int IPV4_ADDRESSES = 12;
    private static final int IPV6_ADDRESSES = 8;

    final Encapsulator encapsulator;

    /** Link header, IP header and shim; what differs by packet is 0. */
    final UnsafeBuffer template = new UnsafeBuffer(ByteBuffer.allocateDirect(TEMPLATE_CAPACITY));

    /** IP header with its extension headers, in bytes. */
    final int ipLength;

    /** IP header and shim, in bytes. */
    final int length;

    private final Tunnel tunnel;
    private final OuterRoute route;

    /** @param ipLength bytes in front of the shim: the IP header and its extension headers */
    OuterHeader(Tunnel tunnel, OuterRoute route, int ipLength) {
        this(tunnel, route, ipLength, tunnel.encapsulator());
    }

    /** @param encapsulator what is behind the IP header, if it is not the tunnel's own */
    OuterHeader(Tunnel tunnel, OuterRoute route, int ipLength, Encapsulator encapsulator) {
        this.tunnel = tunnel;
        this.route = route;
        this.ipLength = ipLength;
        this.encapsulator = encapsulator.behind(ipLength);
        length = ipLength + this.encapsulator.shimLength();
        if (route.link() != null) {
            template.putBytes(0, route.link());
        }
    }

    /** The header of that tunnel's mode. */
    static OuterHeader of(Tunnel tunnel, OuterRoute route) {
        if (tunnel.spec().mode() == Mode.MINENC) {
            return new MinencOuterHeader(tunnel, route);
        }
        return tunnel.spec().mode().isOuterIpv6()
                ? new Ipv6OuterHeader(tunnel, route)
                : new Ipv4OuterHeader(tunnel, route);
    }

    /** Where the packets go. */
    public final OuterRoute route() {
        return route;
    }

    /** Bytes that it adds to an inner packet: IP header and shim. */
    public final int length() {
        return length;
    }

    /** Whether the outer header is IPv6. */
    public final boolean isIpv6() {
        return this instanceof Ipv6OuterHeader;
    }

    /** The header for an inner packet that brings a tunnel encapsulation limit; null if the limit is of no concern. */
    public @Nullable OuterHeader withEncapLimit() {
        return null;
    }

    /** The header for a packet that acknowledges what was received, if the mode has that and there is something; else this. */
    public OuterHeader acknowledging() {
        return this;
    }

    /** Whether a packet socket can send: the link header in front is complete. */
    public final boolean isResolved() {
        return route.link() != null;
    }

    /** Whether super-packets with this header go out whole: the device takes them, and their segments are alike. */
    public final boolean isSuper() {
        return route.superLane() && isResolved() && encapsulator.segmentsAlike();
    }

    /** Why nothing can be sent; null if something can. */
    public final @Nullable DropReason unusable() {
        return route.unusable();
    }

    /**
     * Whether a packet with this header may be what an ICMP error quotes: as far as the quote goes, everything that all of
     * its packets have in common is there.
     */
    public boolean isQuotedBy(OuterError error) {
        if (error.isIpv6() != isIpv6() || !isProtocol(error.protocol())) {
            return false;
        }
        int addresses = isIpv6() ? IPV6_ADDRESSES : IPV4_ADDRESSES;
        int end = isIpv6() ? Ipv6Flyweight.HEADER_LENGTH : Ipv4Flyweight.MIN_HEADER_LENGTH;
        for (int i = addresses; i < end; i++) {
            if (error.buffer().getByte(error.header() + i) != template.getByte(OuterRoute.LINK_LENGTH + i)) {
                return false;
            }
        }
        return encapsulator.isQuotedBy(error.buffer(), error.payload(), error.end() - error.payload());
    }

    /** Where the inner packet is in what an ICMP error quotes, if it goes so far. */
    public final int innerOffset(OuterError error) {
        return error.payload() + encapsulator.shimLength();
    }

    /** Whether what an ICMP error quotes of this header's is an IP packet. */
    public final boolean quotesIp(OuterError error) {
        return encapsulator.quotesIp(error.buffer(), error.payload(), error.protocol());
    }

    private boolean isProtocol(int number) {
        return (carries(4) && encapsulator.protocol(4) == number)
                || (carries(6) && encapsulator.protocol(6) == number)
                || (carriesType(EtherType.MPLS) && encapsulator.protocol(0) == number);
    }

    /** Whether the outer identification is the gateway's own, and not the inner packet's. */
    public boolean hasOwnIdentification() {
        return !isIpv6();
    }

    /**
     * Whether what is too big for the path may go in fragments of the outer packet, as DF is not set there: around an inner
     * packet with DF only if that is to be ignored.
     */
    public boolean mayBeFragmented(boolean innerDontFragment) {
        return false;
    }

    /** Whether no inner IPv6 packet is told what the path takes: all go, in fragments of the outer packet if need be. */
    public boolean ignoresPathMtu() {
        return false;
    }

    /** Largest inner packet or frame the route takes, in bytes. */
    public final int innerMtu() {
        return innerMtu(route.mtu());
    }

    /** Largest inner packet or frame, in bytes, whose outer packet has that many. */
    public final int innerMtu(int outerMtu) {
        return encapsulator.innerMtu(outerMtu - ipLength);
    }

    /** The MTU of the tunnel's device, in bytes: an Ethernet header does not count to it. */
    public final int deviceMtu(int outerMtu) {
        return innerMtu(outerMtu) - (tunnel.spec().isEthernet() ? EthernetFlyweight.HEADER_LENGTH : 0);
    }

    /** Bytes that are put behind an inner packet of that length. */
    public final int trailerLength(int innerLength) {
        return encapsulator.trailerLength(innerLength);
    }

    /** Whether a frame that is too big is cut to what fits. */
    public final boolean truncates() {
        return encapsulator.truncates();
    }

    /** Whether outer packets are encrypted or authenticated as a whole: super-packets are cut before. */
    public final boolean seals() {
        return encapsulator.seals();
    }

    /**
     * Encrypts and authenticates a segment of a super-packet in place; drops the slot's packet if that cannot be.
     *
     * @param ip where the segment's outer IP header is, this header's length in front of the inner packet
     * @param innerLength bytes of the inner packet, whose checksums are finished
     */
    public final void sealSegment(MutableDirectBuffer buffer, int ip, int innerLength, Slot slot, int segment) {
        encapsulator.seal(buffer, ip + ipLength, innerLength, slot, segment);
    }

    /** Whether the mode carries inner packets of that IP version. */
    public final boolean carries(int innerVersion) {
        return encapsulator.carries(innerVersion);
    }

    /** Whether the mode carries packets of that EtherType, which is not IP's. */
    public final boolean carriesType(int etherType) {
        return encapsulator.carriesType(etherType);
    }

    /**
     * Prepends the outer header, and in front of it the link header, which does not count to the slot's packet.
     *
     * @param slot holds the inner packet or frame, {@link Slot#MAX_PACKET} with the outer header at most
     * @param innerVersion 4 or 6; 0 of a frame without an IP packet, and of a packet that is not IP
     * @param innerTos the inner DS field
     * @param innerTtl the inner TTL or hop limit
     * @param innerDontFragment the inner DF bit; false for IPv6
     */
    public abstract void prepend(Slot slot, int innerVersion, int innerTos, int innerTtl, boolean innerDontFragment);

    /**
     * Turns a copy of a super-packet's headers into those of one of its segments, as far as they are outer headers.
     *
     * @param headers the copy, with inner headers that are the segment's already
     * @param ip where the outer IP header is in the copy
     * @param segment which segment, from 0
     * @param total the segment's outer total length in bytes, without trailer
     * @param checksumStart where the inner layer 4 header is in the copy
     * @param checksumField where the partial inner checksum is in the copy
     */
    public abstract void fixUpSegment(
            MutableDirectBuffer headers,
            int ip,
            Slot slot,
            int segment,
            int total,
            int checksumStart,
            int checksumField);

    /**
     * Gives a packet with this header, or each segment of a super-packet, the next number to send, where the mode has
     * numbers. The encapsulation path's egress stage only, in the order of sending: what is dropped before takes none.
     */
    public final void number(Slot slot) {
        if (encapsulator.isNumbered()) {
            boolean isWhole = slot.gsoType == 0;
            slot.sequence = tunnel.takeOutputSequence(isWhole ? 1 : slot.segments);
            if (isWhole) {
                encapsulator.putSequence(slot.buffer, slot.offset + ipLength, slot.sequence);
                if (encapsulator.acknowledges()) {
                    encapsulator.putAcknowledgment(
                            slot.buffer, slot.offset + ipLength, tunnel.call().takeAcknowledgment());
                }
            }
        }
    }

    @Override
    public final String toString() {
        return tunnel + " by " + route;
    }
}
