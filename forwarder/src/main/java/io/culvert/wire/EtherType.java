package io.culvert.wire;

/** EtherTypes, which are also GRE protocol types. */
public final class EtherType {
    /** A GRE keepalive carries no protocol. */
    public static final int KEEPALIVE = 0x0000;

    public static final int IPV4 = 0x0800;
    public static final int ARP = 0x0806;
    /** RFC 2332. */
    public static final int NHRP = 0x2001;
    /** An Ethernet frame, as gretap carries. */
    public static final int TRANSPARENT_ETHERNET_BRIDGING = 0x6558;

    /** IEEE 802.1Q. */
    public static final int VLAN = 0x8100;

    public static final int IPV6 = 0x86dd;
    /** RFC 2637, GRE version 1 only. */
    public static final int PPP = 0x880b;

    public static final int WCCP = 0x883e;
    public static final int MPLS = 0x8847;
    public static final int MPLS_MULTICAST = 0x8848;
    /** Types I and II. */
    public static final int ERSPAN = 0x88be;
    /** Type III. */
    public static final int ERSPAN_III = 0x22eb;

    /** IEEE 802.1ad. */
    public static final int SERVICE_VLAN = 0x88a8;

    private EtherType() {}

    /** Appends the type's short name, or {@code proto 0xHHHH}. */
    static StringBuilder append(StringBuilder text, int type) {
        return switch (type) {
            case KEEPALIVE -> text.append("keepalive");
            case IPV4 -> text.append("IPv4");
            case ARP -> text.append("ARP");
            case NHRP -> text.append("NHRP");
            case TRANSPARENT_ETHERNET_BRIDGING -> text.append("TEB");
            case VLAN, SERVICE_VLAN -> text.append("VLAN");
            case IPV6 -> text.append("IPv6");
            case PPP -> text.append("PPP");
            case WCCP -> text.append("WCCP");
            case MPLS, MPLS_MULTICAST -> text.append("MPLS");
            case ERSPAN, ERSPAN_III -> text.append("ERSPAN");
            default -> Text.appendHex(text.append("proto "), type, 4);
        };
    }
}
