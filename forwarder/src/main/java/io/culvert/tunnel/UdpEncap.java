package io.culvert.tunnel;

import io.culvert.tunnel.TunnelSpec.Problem;
import io.culvert.wire.GueHeader;
import io.culvert.wire.L2tpUdpHeader;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * UDP between a tunnel's outer IP header and its shim, as {@code ip link}'s {@code encap}: to pass what only knows UDP, and
 * to spread a tunnel's flows over the paths and receive queues of a network.
 *
 * @param kind what stands behind the UDP header
 * @param sport UDP source port; 0 makes one of each inner flow
 * @param dport UDP destination port, but for L2TP of packets in both directions
 * @param csum whether sent packets have a UDP checksum; over IPv6, whether received ones must have one too, RFC 6936
 *     section 5
 */
public record UdpEncap(Kind kind, int sport, int dport, boolean csum) {

    private static final Set<Mode> MODES = EnumSet.of(
            Mode.IPIP,
            Mode.GRE,
            Mode.SIT,
            Mode.ISATAP,
            Mode.IP6IP6,
            Mode.IPIP6,
            Mode.ANY6,
            Mode.IP6GRE,
            Mode.GRETAP,
            Mode.IP6GRETAP,
            Mode.ERSPAN,
            Mode.IP6ERSPAN);

    /** What stands between UDP header and shim. */
    public enum Kind {
        /** Foo over UDP: nothing. The port says what is carried. */
        FOU("fou"),
        /** Generic UDP Encapsulation: a header that says what is carried. */
        GUE("gue"),
        /** L2TPv3 over UDP: a header of its own, between two ports as any connection by UDP. */
        L2TP("udp");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /** The word in {@code culvert.toml} and of {@code ip link}. */
        public String word() {
            return word;
        }

        /** The kind with that word; null if there is none. */
        public static @Nullable Kind ofWord(String word) {
            for (Kind kind : values()) {
                if (kind.word.equals(word)) {
                    return kind;
                }
            }
            return null;
        }
    }

    /** UDP destination port of received packets. */
    int receivingPort() {
        return kind == Kind.L2TP ? sport : dport;
    }

    /** Bytes between UDP header and shim. */
    int headerLength() {
        return switch (kind) {
            case FOU -> 0;
            case GUE -> GueHeader.LENGTH;
            case L2TP -> L2tpUdpHeader.LENGTH;
        };
    }

    /** Adds what is wrong with it in a tunnel like that. */
    void addProblems(TunnelSpec spec, List<Problem> problems) {
        if (spec.mode().isL2tp() || kind == Kind.L2TP) {
            l2tpProblems(spec.mode(), problems);
        } else if (!MODES.contains(spec.mode())) {
            problems.add(new Problem(
                    "encap",
                    "encap is not allowed with mode " + spec.mode().word(),
                    "use mode " + MODES.stream().map(Mode::word).collect(Collectors.joining(", "))));
        } else if (kind == Kind.FOU && spec.payloads().size() > 1) {
            problems.add(new Problem(
                    "encap",
                    "encap \"fou\" cannot say which of several payloads a packet carries",
                    "use encap \"gue\", or a mode and proto that is not \"any\""));
        }
    }

    private void l2tpProblems(Mode mode, List<Problem> problems) {
        if (!mode.isL2tp() || kind != Kind.L2TP) {
            String hint = mode.isL2tp() ? "use encap \"udp\", or leave it out" : "use encap \"fou\" or \"gue\"";
            problems.add(new Problem(
                    "encap", "encap \"" + kind.word() + "\" is not allowed with mode " + mode.word(), hint));
        } else if (sport == 0) {
            problems.add(new Problem(
                    "encap",
                    "encap \"udp\" needs the UDP port of this end",
                    "set encap-sport to the peer's encap-dport"));
        }
    }
}
