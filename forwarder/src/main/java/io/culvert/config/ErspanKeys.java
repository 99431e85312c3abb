package io.culvert.config;

import io.culvert.tunnel.ErspanOptions;
import io.culvert.tunnel.Mode;
import io.culvert.wire.ErspanFlyweight;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The keys of {@code [[tunnel]]} that only modes erspan and ip6erspan have, in the words of {@code ip link}. */
final class ErspanKeys {

    private static final String VERSION = "erspan_ver";
    private static final String INDEX = "erspan";
    private static final String DIRECTION = "erspan_dir";
    private static final String HARDWARE_ID = "erspan_hwid";

    /** All of them. */
    static final List<String> ALL = List.of(VERSION, INDEX, DIRECTION, HARDWARE_ID);

    private static final String INGRESS = "ingress";
    private static final String EGRESS = "egress";

    private ErspanKeys() {}

    static ErspanOptions read(SpecReader in, Mode mode) {
        ErspanOptions none = ErspanOptions.DEFAULT;
        if (!mode.isErspan()) {
            for (String key : ALL) {
                if (!in.isAbsent(key)) {
                    in.problem(
                            key,
                            key + " is not allowed with mode " + mode.word(),
                            "leave it out, or use mode " + (mode.isOuterIpv6() ? Mode.IP6ERSPAN : Mode.ERSPAN).word());
                }
            }
            return none;
        }
        int version = in.isAbsent(VERSION) ? none.version() : in.integer(VERSION, 0, ErspanFlyweight.VERSION_III);
        refuse(in, version != ErspanFlyweight.VERSION_II, List.of(INDEX), "1");
        refuse(in, version != ErspanFlyweight.VERSION_III, List.of(DIRECTION, HARDWARE_ID), "2");
        return new ErspanOptions(
                version,
                in.integer(INDEX, 0, ErspanFlyweight.MAX_INDEX),
                egress(in),
                in.integer(HARDWARE_ID, 0, ErspanFlyweight.MAX_HARDWARE));
    }

    private static void refuse(SpecReader in, boolean hasNone, List<String> keys, String version) {
        for (String key : keys) {
            if (hasNone && !in.isAbsent(key)) {
                in.problem(key, key + " is not allowed with this erspan_ver", "leave it out, or use " + version);
            }
        }
    }

    private static boolean egress(SpecReader in) {
        String word = in.text(DIRECTION);
        if (word != null && !word.equals(INGRESS) && !word.equals(EGRESS)) {
            in.problem(DIRECTION, "\"" + word + "\" is no direction", "use \"ingress\" or \"egress\"");
        }
        return EGRESS.equals(word);
    }

    /** Writes what is not at its default. */
    static void write(ErspanOptions options, ObjectNode tree) {
        ErspanOptions none = ErspanOptions.DEFAULT;
        if (options.version() != none.version()) {
            tree.put(VERSION, options.version());
        }
        if (options.index() != none.index()) {
            tree.put(INDEX, options.index());
        }
        if (options.egress()) {
            tree.put(DIRECTION, EGRESS);
        }
        if (options.hardwareId() != none.hardwareId()) {
            tree.put(HARDWARE_ID, options.hardwareId());
        }
    }
}
