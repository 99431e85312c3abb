package io.culvert.icmp;

import io.culvert.wire.Icmpv4Flyweight;
import io.culvert.wire.Icmpv6Flyweight;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6ExtensionHeaders;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Malformed;
import org.agrona.MutableDirectBuffer;

/**
 * Builds ICMP errors about packets that cannot be forwarded. An error goes to the packet's source, comes from the packet's
 * destination (a host ignores an error that claims to come from itself) and quotes as much of the packet as fits.
 *
 * <p>Every method returns the length of the error in bytes, or 0 where RFC 1812 4.3.2.7 or RFC 4443 2.4 (e) forbid one:
 * about an ICMP error, about a fragment other than the first, about what was sent to a multicast or broadcast address or
 * from an address that is no single host's, about a malformed packet. How many errors are sent is not decided here, see
 * {@link TokenBucket}.
 *
 * <p>The error may be built over the packet it is about. One thread, no allocation.
 */
public final class IcmpErrorBuilder {
    /** RFC 1812 4.3.2.3: the longest ICMP error, IP header included, bytes. */
    public static final int MAX_LENGTH_IPV4 = 576;
    /** RFC 4443 2.4 (c): the longest ICMPv6 error, IPv6 header included, bytes. */
    public static final int MAX_LENGTH_IPV6 = Ipv6Flyweight.MIN_MTU;

    /** RFC 4443 3.1. */
    private static final int ADDRESS_UNREACHABLE = 3;

    private static final int TTL = 64;
    /** RFC 1812 4.3.2.5: precedence "internetwork control". */
    private static final int TOS = 0xc0;

    private static final int QUOTE_OFFSET_IPV4 = Ipv4Flyweight.MIN_HEADER_LENGTH + Icmpv4Flyweight.HEADER_LENGTH;
    private static final int QUOTE_OFFSET_IPV6 = Ipv6Flyweight.HEADER_LENGTH + Icmpv6Flyweight.HEADER_LENGTH;

    /** Least bytes behind the IP header, RFC 792. */
    private static final int MIN_PAYLOAD = 8;

    private final boolean aboutQuotes;
    private final Ipv4Flyweight ipv4 = new Ipv4Flyweight();
    private final Icmpv4Flyweight icmpv4 = new Icmpv4Flyweight();
    private final Ipv6Flyweight ipv6 = new Ipv6Flyweight();
    private final Ipv6ExtensionHeaders extensions = new Ipv6ExtensionHeaders();
    private final Icmpv6Flyweight icmpv6 = new Icmpv6Flyweight();

    /** Builds errors about whole packets. */
    public IcmpErrorBuilder() {
        this(false);
    }

    private IcmpErrorBuilder(boolean aboutQuotes) {
        this.aboutQuotes = aboutQuotes;
    }

    /** One that builds errors about packets that another error quotes: they may be cut 8 bytes behind their headers. */
    public static IcmpErrorBuilder aboutQuotes() {
        return new IcmpErrorBuilder(true);
    }

    /**
     * IPv4 type 3 code 4, RFC 1191.
     *
     * @param offset of the packet that is too big
     * @param available bytes from there
     * @param mtu the size that would have fitted, bytes
     * @param target where the error goes, with room for {@link #MAX_LENGTH_IPV4} bytes from {@code targetOffset}
     */
    public int fragmentationNeeded(
            MutableDirectBuffer packet,
            int offset,
            int available,
            int mtu,
            MutableDirectBuffer target,
            int targetOffset) {
        return buildIpv4(
                packet,
                offset,
                available,
                Icmpv4Flyweight.DESTINATION_UNREACHABLE,
                Icmpv4Flyweight.FRAGMENTATION_NEEDED,
                mtu,
                target,
                targetOffset);
    }

    /** IPv4 type 3 code 1; parameters as of {@link #fragmentationNeeded}. */
    public int hostUnreachable(
            MutableDirectBuffer packet, int offset, int available, MutableDirectBuffer target, int targetOffset) {
        return buildIpv4(
                packet,
                offset,
                available,
                Icmpv4Flyweight.DESTINATION_UNREACHABLE,
                Icmpv4Flyweight.HOST_UNREACHABLE,
                0,
                target,
                targetOffset);
    }

    /**
     * IPv6 type 2, RFC 4443 3.2. Refused, too, for a multicast destination, about which RFC 4443 would allow it, for lack
     * of an address that it could come from.
     *
     * @param offset of the packet that is too big
     * @param available bytes from there
     * @param mtu the size that would have fitted, bytes, not below {@link Ipv6Flyweight#MIN_MTU}
     * @param target where the error goes, with room for {@link #MAX_LENGTH_IPV6} bytes from {@code targetOffset}
     */
    public int packetTooBig(
            MutableDirectBuffer packet,
            int offset,
            int available,
            int mtu,
            MutableDirectBuffer target,
            int targetOffset) {
        return buildIpv6(packet, offset, available, Icmpv6Flyweight.PACKET_TOO_BIG, 0, mtu, target, targetOffset);
    }

    /**
     * IPv6 type 4 code 0, RFC 4443 3.4: a field of the packet has a value that it must not have.
     *
     * @param pointer where that field is, bytes from the packet's first one
     */
    public int parameterProblem(
            MutableDirectBuffer packet,
            int offset,
            int available,
            int pointer,
            MutableDirectBuffer target,
            int targetOffset) {
        return buildIpv6(
                packet, offset, available, Icmpv6Flyweight.PARAMETER_PROBLEM, 0, pointer, target, targetOffset);
    }

    /** IPv6 type 1 code 3; parameters and refusals as of {@link #packetTooBig}. */
    public int addressUnreachable(
            MutableDirectBuffer packet, int offset, int available, MutableDirectBuffer target, int targetOffset) {
        return buildIpv6(
                packet,
                offset,
                available,
                Icmpv6Flyweight.DESTINATION_UNREACHABLE,
                ADDRESS_UNREACHABLE,
                0,
                target,
                targetOffset);
    }

    private int buildIpv6(
            MutableDirectBuffer packet,
            int offset,
            int available,
            int type,
            int code,
            int word,
            MutableDirectBuffer target,
            int targetOffset) {
        if (!mayAnswerIpv6(packet, offset, available)) {
            return 0;
        }
        int quoted = Math.min(Math.min(ipv6.totalLength(), available), MAX_LENGTH_IPV6 - QUOTE_OFFSET_IPV6);
        long sourceHigh = ipv6.sourceHigh();
        long sourceLow = ipv6.sourceLow();
        long destinationHigh = ipv6.destinationHigh();
        long destinationLow = ipv6.destinationLow();

        // The quote first: target and packet may overlap.
        target.putBytes(targetOffset + QUOTE_OFFSET_IPV6, packet, offset, quoted);
        int icmpLength = Icmpv6Flyweight.HEADER_LENGTH + quoted;
        ipv6.wrap(target, targetOffset)
                .trafficClass(0)
                .flowLabel(0)
                .payloadLength(icmpLength)
                .nextHeader(IpProtocol.ICMPV6)
                .hopLimit(TTL)
                .source(destinationHigh, destinationLow)
                .destination(sourceHigh, sourceLow);
        icmpv6.wrap(target, ipv6.payloadOffset())
                .type(type)
                .code(code)
                .mtu(word)
                .updateChecksum(ipv6.pseudoHeader(IpProtocol.ICMPV6, icmpLength), icmpLength);
        return Ipv6Flyweight.HEADER_LENGTH + icmpLength;
    }

    private int buildIpv4(
            MutableDirectBuffer packet,
            int offset,
            int available,
            int type,
            int code,
            int mtu,
            MutableDirectBuffer target,
            int targetOffset) {
        if (!mayAnswerIpv4(packet, offset, available)) {
            return 0;
        }
        int quoted = Math.min(Math.min(ipv4.totalLength(), available), MAX_LENGTH_IPV4 - QUOTE_OFFSET_IPV4);
        int source = ipv4.source();
        int destination = ipv4.destination();

        // The quote first: target and packet may overlap.
        target.putBytes(targetOffset + QUOTE_OFFSET_IPV4, packet, offset, quoted);
        int length = QUOTE_OFFSET_IPV4 + quoted;
        // An unfragmentable packet may carry any identification, RFC 6864 4.1.
        ipv4.wrap(target, targetOffset)
                .headerLength(Ipv4Flyweight.MIN_HEADER_LENGTH)
                .tos(TOS)
                .totalLength(length)
                .identification(0)
                .flagsAndFragmentOffset(Ipv4Flyweight.DONT_FRAGMENT)
                .ttl(TTL)
                .protocol(IpProtocol.ICMP)
                .source(destination)
                .destination(source)
                .updateChecksum();
        icmpv4.wrap(target, ipv4.payloadOffset())
                .type(type)
                .code(code)
                .nextHopMtu(mtu)
                .updateChecksum(Icmpv4Flyweight.HEADER_LENGTH + quoted);
        return length;
    }

    private boolean mayAnswerIpv4(MutableDirectBuffer packet, int offset, int available) {
        int malformed = aboutQuotes
                ? Ipv4Flyweight.validateHeader(packet, offset, available)
                : Ipv4Flyweight.validate(packet, offset, available);
        if (malformed != Malformed.NONE) {
            return false;
        }
        ipv4.wrap(packet, offset);
        if (aboutQuotes && available - ipv4.headerLength() < MIN_PAYLOAD) {
            return false;
        }
        return ipv4.isChecksumValid()
                && isHost(ipv4.source())
                && isHost(ipv4.destination())
                && ipv4.fragmentOffset() == 0
                && !(ipv4.protocol() == IpProtocol.ICMP && isIcmpv4Error(packet));
    }

    /** An ICMP message too short to have a type counts as an error. */
    private boolean isIcmpv4Error(MutableDirectBuffer packet) {
        return ipv4.payloadLength() < 1 || Icmpv4Flyweight.isError(packet.getByte(ipv4.payloadOffset()) & 0xff);
    }

    /** Not in 0/8, 127/8, multicast 224/4 or reserved 240/4, which holds the broadcast address. */
    private static boolean isHost(int address) {
        int network = address >>> 24;
        return network != 0 && network != 127 && network < 224;
    }

    private boolean mayAnswerIpv6(MutableDirectBuffer packet, int offset, int available) {
        int malformed = aboutQuotes
                ? Ipv6Flyweight.validateHeader(packet, offset, available)
                : Ipv6Flyweight.validate(packet, offset, available);
        if (malformed != Malformed.NONE || extensions.parse(packet, offset, available) != Malformed.NONE) {
            return false;
        }
        ipv6.wrap(packet, offset);
        if (aboutQuotes && offset + available - extensions.upperOffset() < MIN_PAYLOAD) {
            return false;
        }
        return isHost(ipv6.sourceHigh(), ipv6.sourceLow())
                && isHost(ipv6.destinationHigh(), ipv6.destinationLow())
                && extensions.fragmentOffset() == 0
                && !(extensions.upperProtocol() == IpProtocol.ICMPV6 && isIcmpv6Error(packet));
    }

    /** An ICMPv6 message too short to have a type counts as an error, and so does a redirect, RFC 4443 2.4 (e.2). */
    private boolean isIcmpv6Error(MutableDirectBuffer packet) {
        if (extensions.upperOffset() == ipv6.payloadOffset() + ipv6.payloadLength()) {
            return true;
        }
        int type = packet.getByte(extensions.upperOffset()) & 0xff;
        return Icmpv6Flyweight.isError(type) || type == Icmpv6Flyweight.REDIRECT;
    }

    /** Neither unspecified nor loopback nor multicast ff00::/8. */
    private static boolean isHost(long high, long low) {
        return high >>> 56 != 0xff && !(high == 0 && (low == 0 || low == 1));
    }
}
