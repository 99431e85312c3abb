package io.culvert.config;

import io.culvert.tunnel.Mode;
import io.culvert.tunnel.UdpEncap;
import io.culvert.tunnel.UdpEncap.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The keys of {@code [[tunnel]]} that put UDP between outer header and shim, in the words of {@code ip link}. */
public final class EncapKeys {

    private static final String ENCAP = "encap";
    private static final String SPORT = "encap-sport";
    private static final String DPORT = "encap-dport";
    private static final String CSUM = "encap-csum";
    private static final String CSUM6 = "encap-csum6";

    /** All of them. */
    public static final List<String> ALL = List.of(ENCAP, SPORT, DPORT, CSUM, CSUM6);

    private static final int MAX_PORT = 65_535;

    private EncapKeys() {}

    static @Nullable UdpEncap read(SpecReader in, Mode mode) {
        String word = in.text(ENCAP);
        if (word == null || word.equals("none")) {
            for (String key : List.of(SPORT, DPORT, CSUM, CSUM6)) {
                if (!in.isAbsent(key)) {
                    in.problem(key, key + " is not allowed without encap", "set encap to \"fou\", \"gue\" or \"udp\"");
                }
            }
            return null;
        }
        Kind kind = Kind.ofWord(word);
        if (kind == null) {
            in.problem(
                    ENCAP,
                    "\"" + word + "\" is not an encap",
                    "use none, fou or gue, or udp with modes l2tp and ip6l2tp");
            return null;
        }
        if (in.isAbsent(DPORT)) {
            in.problem(ENCAP, "encap \"" + word + "\" needs a UDP port", "set encap-dport");
        }
        int dport = in.integer(DPORT, 1, MAX_PORT);
        return new UdpEncap(kind, sport(in), dport, csum(in, mode));
    }

    /** As in {@code ip link}, each outer IP version has a word of its own, and only IPv6 a checksum unless told otherwise. */
    private static boolean csum(SpecReader in, Mode mode) {
        boolean ipv6 = mode.isOuterIpv6();
        String other = ipv6 ? CSUM : CSUM6;
        if (!in.isAbsent(other)) {
            in.problem(
                    other,
                    other + " is not allowed with mode " + mode.word() + ", whose outer header is "
                            + (ipv6 ? "IPv6" : "IPv4"),
                    "use " + (ipv6 ? CSUM6 : CSUM));
        }
        return in.flag(ipv6 ? CSUM6 : CSUM, ipv6);
    }

    private static int sport(SpecReader in) {
        JsonNode value = in.value(SPORT);
        boolean isAuto =
                value == null || (value.isString() && value.stringValue().equals("auto"));
        if (value != null && !isAuto && !value.isIntegralNumber()) {
            in.problem(SPORT, "\"" + SPORT + "\" must be a port or \"auto\"", "use 1 to " + MAX_PORT + ", or \"auto\"");
            return 0;
        }
        return isAuto ? 0 : in.integer(SPORT, 1, MAX_PORT);
    }

    /** Writes what is not at its default. */
    static void write(@Nullable UdpEncap encap, Mode mode, ObjectNode tree) {
        if (encap == null) {
            return;
        }
        tree.put(ENCAP, encap.kind().word());
        if (encap.sport() != 0) {
            tree.put(SPORT, encap.sport());
        }
        tree.put(DPORT, encap.dport());
        boolean ipv6 = mode.isOuterIpv6();
        if (encap.csum() != ipv6) {
            tree.put(ipv6 ? CSUM6 : CSUM, encap.csum());
        }
    }
}
