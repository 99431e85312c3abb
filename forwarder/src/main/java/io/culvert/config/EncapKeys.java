package io.culvert.config;

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

    /** All of them. */
    public static final List<String> ALL = List.of(ENCAP, SPORT, DPORT, CSUM);

    private static final int MAX_PORT = 65_535;

    private EncapKeys() {}

    static @Nullable UdpEncap read(SpecReader in) {
        String word = in.text(ENCAP);
        if (word == null || word.equals("none")) {
            for (String key : List.of(SPORT, DPORT, CSUM)) {
                if (!in.isAbsent(key)) {
                    in.problem(key, key + " is not allowed without encap", "set encap to \"fou\" or \"gue\"");
                }
            }
            return null;
        }
        Kind kind = Kind.ofWord(word);
        if (kind == null) {
            in.problem(ENCAP, "\"" + word + "\" is not an encap", "use none, fou or gue");
            return null;
        }
        if (in.isAbsent(DPORT)) {
            in.problem(ENCAP, "encap \"" + word + "\" needs a UDP port", "set encap-dport");
        }
        int dport = in.integer(DPORT, 1, MAX_PORT);
        return new UdpEncap(kind, sport(in), dport, in.flag(CSUM, false));
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
    static void write(@Nullable UdpEncap encap, ObjectNode tree) {
        if (encap == null) {
            return;
        }
        tree.put(ENCAP, encap.kind().word());
        if (encap.sport() != 0) {
            tree.put(SPORT, encap.sport());
        }
        tree.put(DPORT, encap.dport());
        if (encap.csum()) {
            tree.put(CSUM, true);
        }
    }
}
