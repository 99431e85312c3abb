package io.culvert.tunnel;

import io.culvert.wire.IpProtocol;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tunnel modes, named as {@code ip tunnel} names them. */
public enum Mode {
    /** IPv4 in IPv4, RFC 2003. */
    IPIP("ipip", "ip/ip", 4, false),
    /** Generic Routing Encapsulation, RFC 2784 and RFC 2890. */
    GRE("gre", "gre/ip", 47, true),
    /** IPv6 in IPv4, RFC 4213; with 6to4, RFC 3056, and 6rd, RFC 5969. */
    SIT("sit", "ipv6/ip", 41, false),
    /** IPv6 in IPv4 within a site, RFC 5214. */
    ISATAP("isatap", "ipv6/ip", 41, false),
    /** Minimal encapsulation within IPv4, RFC 2004; fragments go as mode ipip's packets. */
    MINENC("minenc", "minenc/ip", 55, false),
    /** IPv6 in IPv6, RFC 2473. */
    IP6IP6("ip6ip6", "ipv6/ipv6", 41, false),
    /** IPv4 in IPv6, RFC 2473. */
    IPIP6("ipip6", "ip/ipv6", 4, false),
    /** IPv4, IPv6 and MPLS in IPv6, RFC 2473 and RFC 4023. */
    ANY6("any6", "any/ipv6", 0, false),
    /** Generic Routing Encapsulation over IPv6, RFC 7676. */
    IP6GRE("ip6gre", "gre/ipv6", 47, true),
    /** Ethernet frames in Generic Routing Encapsulation. */
    GRETAP("gretap", "gretap/ip", 47, true),
    /** The same over IPv6. */
    IP6GRETAP("ip6gretap", "gretap/ipv6", 47, true),
    /** Mirrored Ethernet frames in Generic Routing Encapsulation, draft-foschiano-erspan. */
    ERSPAN("erspan", "erspan/ip", 47, true),
    /** The same over IPv6. */
    IP6ERSPAN("ip6erspan", "erspan/ipv6", 47, true),
    /** Ethernet or PPP frames in static sessions of L2TPv3, RFC 3931 and RFC 4719. */
    L2TP("l2tp", "l2tp/ip", 115, false),
    /** The same over IPv6. */
    IP6L2TP("ip6l2tp", "l2tp/ipv6", 115, false),
    /** PPP frames in Generic Routing Encapsulation version 1: the data channel of PPTP, RFC 2637. */
    PPTP("pptp", "ppp/ip", 47, false),
    /** Virtual tunnel interface: ESP in tunnel mode, RFC 4303. */
    VTI("vti", "ip/ip", 50, false),
    /** The same over IPv6. */
    VTI6("vti6", "ipv6/ipv6", 50, false);

    private final String word;
    private final String family;
    private final int protocol;
    private final boolean keyed;
    private final boolean outerIpv6;

    Mode(String word, String family, int protocol, boolean keyed) {
        this.word = word;
        this.family = family;
        this.protocol = protocol;
        this.keyed = keyed;
        outerIpv6 = family.endsWith("/ipv6");
    }

    /** The keyword in {@code culvert.toml} and on the command line. */
    public String word() {
        return word;
    }

    /** The payload/outer pair that {@code ip tunnel show} prints. */
    public String family() {
        return family;
    }

    /** The outer header's IP protocol number; 0 if it depends on the packet. */
    public int protocol() {
        return protocol;
    }

    /** Whether the outer header is IPv6. */
    public boolean isOuterIpv6() {
        return outerIpv6;
    }

    /** What the mode's outer packets are received as. */
    public Set<OuterProtocol> outerProtocols() {
        return switch (this) {
            case ANY6 ->
                Set.of(
                        new OuterProtocol(true, IP6IP6.protocol),
                        new OuterProtocol(true, IPIP6.protocol),
                        new OuterProtocol(true, IpProtocol.MPLS));
            case MINENC -> Set.of(new OuterProtocol(false, protocol), new OuterProtocol(false, IPIP.protocol));
            default -> Set.of(new OuterProtocol(isOuterIpv6(), protocol));
        };
    }

    /** The same for modes of which two tunnels cannot have the same endpoints, as in Linux. */
    public Mode identity() {
        return switch (this) {
            case IP6IP6, IPIP6 -> ANY6;
            case ISATAP -> SIT;
            default -> this;
        };
    }

    /** As which modes' packets a tunnel's are received. */
    Set<Mode> received() {
        return this == ANY6 ? EnumSet.of(ANY6, IP6IP6, IPIP6) : EnumSet.of(this);
    }

    /** Whether key, sequence and checksum options have a place in this mode's header. */
    public boolean isKeyed() {
        return keyed;
    }

    /** Whether the tunnel carries Ethernet frames, to and from a TAP device. */
    public boolean isEthernet() {
        return this == GRETAP || this == IP6GRETAP || isErspan() || isL2tp();
    }

    /** Whether its tunnels say what they carry: their {@link Payload}. */
    public boolean choosesPayload() {
        return this == SIT || this == IPIP;
    }

    /** Whether the frames are mirrored ones, which have a session instead of a key. */
    public boolean isErspan() {
        return this == ERSPAN || this == IP6ERSPAN;
    }

    /** Whether the tunnel is a session of L2TPv3. */
    public boolean isL2tp() {
        return this == L2TP || this == IP6L2TP;
    }

    /**
     * Whether the tunnel's device may hand over super-packets, and packets whose checksum is not finished. Around a packet
     * of minenc there is no header, but in it. Linux's l2tp takes every checksum for finished, and cuts no super-packet.
     * A pseudo-terminal has none.
     */
    public boolean takesUnfinishedPackets() {
        return this != MINENC && !isL2tp() && this != PPTP;
    }

    /** Whether security associations protect the packets. */
    public boolean isProtected() {
        return this == VTI || this == VTI6;
    }

    /** Whether a running tunnel can have the other mode: its device stays, and must be of a kind that both can use. */
    public boolean hasDeviceOf(Mode other) {
        return isEthernet() == other.isEthernet() && isL2tp() == other.isL2tp();
    }

    /** The mode with that keyword or {@code ip tunnel} alias ({@code gre/ip}); null if there is none. */
    public static @Nullable Mode ofWord(String word) {
        for (Mode mode : values()) {
            if (mode.word.equals(word) || mode.family.equals(word)) {
                return mode;
            }
        }
        return null;
    }
}
