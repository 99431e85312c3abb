package io.culvert.wire;

/** IP protocol numbers, which are also IPv6 next-header values. */
public final class IpProtocol {
    public static final int HOP_BY_HOP_OPTIONS = 0;
    public static final int ICMP = 1;
    public static final int IGMP = 2;
    /** An IPv4 packet, RFC 2003. */
    public static final int IPV4 = 4;

    public static final int TCP = 6;
    public static final int UDP = 17;
    /** An IPv6 packet, RFC 2473 and RFC 4213. */
    public static final int IPV6 = 41;

    public static final int ROUTING = 43;
    public static final int FRAGMENT = 44;
    public static final int GRE = 47;
    public static final int ESP = 50;
    public static final int AH = 51;

    /** RFC 2004. */
    public static final int MINIMAL_ENCAPSULATION = 55;

    public static final int ICMPV6 = 58;
    public static final int NO_NEXT_HEADER = 59;
    public static final int DESTINATION_OPTIONS = 60;
    /** L2TPv3 without UDP, RFC 3931. */
    public static final int L2TP = 115;

    public static final int SCTP = 132;
    /** RFC 4023. */
    public static final int MPLS = 137;

    private IpProtocol() {}

    /** Appends the protocol's short name, or {@code proto N}. */
    static StringBuilder append(StringBuilder text, int protocol) {
        return switch (protocol) {
            case HOP_BY_HOP_OPTIONS -> text.append("hop-by-hop");
            case ICMP -> text.append("ICMP");
            case IGMP -> text.append("IGMP");
            case IPV4 -> text.append("IPIP");
            case TCP -> text.append("TCP");
            case UDP -> text.append("UDP");
            case IPV6 -> text.append("IPv6");
            case ROUTING -> text.append("routing");
            case FRAGMENT -> text.append("fragment");
            case GRE -> text.append("GRE");
            case ESP -> text.append("ESP");
            case AH -> text.append("AH");
            case MINIMAL_ENCAPSULATION -> text.append("MINENC");
            case ICMPV6 -> text.append("ICMP6");
            case NO_NEXT_HEADER -> text.append("no-next-header");
            case DESTINATION_OPTIONS -> text.append("destination-options");
            case L2TP -> text.append("L2TP");
            case SCTP -> text.append("SCTP");
            case MPLS -> text.append("MPLS");
            default -> text.append("proto ").append(protocol);
        };
    }
}
