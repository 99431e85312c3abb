package io.culvert.tunnel;

import io.culvert.tunnel.TunnelSpec.Problem;
import io.culvert.wire.IpProtocol;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a tunnel of mode sit or ipip carries, in the words of {@code ip link add type sit mode} and {@code type ipip mode}.
 */
public enum Payload {
    /** IPv6 packets, protocol 41. */
    IP6IP("ip6ip"),
    /** IPv4 packets, protocol 4. */
    IPIP("ipip"),
    /** MPLS packets, protocol 137, RFC 4023. */
    MPLSIP("mplsip"),
    /** All that the mode can carry: MPLS, IPv4, and IPv6 in mode sit. */
    ANY("any");

    private final String word;

    Payload(String word) {
        this.word = word;
    }

    /** What a tunnel carries that is added without saying; of modes other than sit and ipip it says nothing. */
    public static Payload defaultOf(Mode mode) {
        return mode == Mode.IPIP ? IPIP : IP6IP;
    }

    void addProblems(Mode mode, List<Problem> problems) {
        if (mode != Mode.SIT && (mode != Mode.IPIP || this == IP6IP) && this != defaultOf(mode)) {
            String hint = mode == Mode.IPIP ? "use mode sit" : "use mode sit, or leave it out";
            problems.add(new Problem("proto", "proto \"" + word + "\" is not allowed with mode " + mode.word(), hint));
        }
    }

    /** What outer packets of a tunnel of mode sit or ipip are received as. */
    Set<OuterProtocol> outerProtocols(Mode mode) {
        Set<OuterProtocol> protocols = new LinkedHashSet<>();
        if (carries(mode, 6)) {
            protocols.add(new OuterProtocol(false, IpProtocol.IPV6));
        }
        if (carries(mode, 4)) {
            protocols.add(new OuterProtocol(false, IpProtocol.IPV4));
        }
        if (carriesMpls()) {
            protocols.add(new OuterProtocol(false, IpProtocol.MPLS));
        }
        return protocols;
    }

    /** The value of {@code proto} in {@code culvert.toml}. */
    public String word() {
        return word;
    }

    /** Whether a tunnel of mode sit or ipip carries inner packets of that IP version. */
    boolean carries(Mode mode, int innerVersion) {
        return innerVersion == 4 ? this == IPIP || this == ANY : this == IP6IP || (this == ANY && mode == Mode.SIT);
    }

    /** Whether a tunnel of mode sit or ipip carries MPLS packets. */
    boolean carriesMpls() {
        return this == MPLSIP || this == ANY;
    }

    /** What {@code ip tunnel show} prints before the slash of {@code any/ip}. */
    String shown() {
        return switch (this) {
            case IP6IP -> "ipv6";
            case IPIP -> "ip";
            case MPLSIP -> "mpls";
            case ANY -> "any";
        };
    }

    /** The payload with that word; null if there is none. */
    public static @Nullable Payload ofWord(String word) {
        for (Payload payload : values()) {
            if (payload.word.equals(word)) {
                return payload;
            }
        }
        return null;
    }
}
