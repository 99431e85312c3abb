package io.culvert.tunnel;

import io.culvert.icmp.OuterError;
import io.culvert.wire.Icmpv4Flyweight;
import io.culvert.wire.Icmpv6Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Ipv6Options;

/**
 * What inner senders are told of an ICMP error about an outer packet: RFC 2003 section 4, RFC 2473 section 8, and where these
 * leave it open, what Linux does. It always is that their destination cannot be reached: what is too big is told about the
 * next packet, by the path MTU.
 */
public enum ErrorRelay {
    /** Nothing. */
    NONE,
    /** The senders of the next packets are told, see {@link SoftErrors}. */
    NEXT_PACKET,
    /** The sender of the quoted packet is told, if enough of it is quoted; else those of the next packets. */
    AT_ONCE;

    /** What to do about an error that quotes a packet of that tunnel. */
    public static ErrorRelay of(TunnelSpec spec, OuterError error, int innerVersion) {
        if (spec.mode().isProtected() || spec.mode() == Mode.MINENC) {
            // Behind ESP nothing from the unprotected side is believed: RFC 4301 section 6 leaves that to policy.
            return NONE;
        }
        return error.isIpv6() ? ofIpv6(spec, error) : ofIpv4(spec, error, innerVersion);
    }

    private static ErrorRelay ofIpv4(TunnelSpec spec, OuterError error, int innerVersion) {
        ErrorRelay relay = innerVersion == 6 ? AT_ONCE : NEXT_PACKET;
        return switch (error.type()) {
            case Icmpv4Flyweight.DESTINATION_UNREACHABLE ->
                switch (error.code()) {
                    case Icmpv4Flyweight.FRAGMENTATION_NEEDED, Icmpv4Flyweight.SOURCE_ROUTE_FAILED -> NONE;
                    case Icmpv4Flyweight.PORT_UNREACHABLE -> spec.mode() == Mode.GRE ? NONE : relay;
                    default -> relay;
                };
            // RFC 2003 section 4.4; as in Linux not where the inner TTL is the outer one, for the sender may have
            // wanted that.
            case Icmpv4Flyweight.TIME_EXCEEDED ->
                error.code() == Icmpv4Flyweight.TTL_EXCEEDED && spec.ttl() != 0 ? relay : NONE;
            default -> NONE;
        };
    }

    private static ErrorRelay ofIpv6(TunnelSpec spec, OuterError error) {
        ErrorRelay relay = spec.mode() == Mode.IP6GRE ? NEXT_PACKET : AT_ONCE;
        return switch (error.type()) {
            case Icmpv6Flyweight.DESTINATION_UNREACHABLE -> relay;
            case Icmpv6Flyweight.TIME_EXCEEDED -> error.code() == 0 ? relay : NONE;
            case Icmpv6Flyweight.PARAMETER_PROBLEM -> isEncapLimit(error) ? relay : NONE;
            default -> NONE;
        };
    }

    /** Whether it is about a tunnel encapsulation limit of 0, RFC 2473 section 8.2. */
    private static boolean isEncapLimit(OuterError error) {
        int limit = Ipv6Flyweight.HEADER_LENGTH + Ipv6Options.LIMIT_OFFSET;
        return error.word() == limit
                && error.payload() > error.header() + limit
                && error.buffer().getByte(error.header() + limit) == 0;
    }
}
