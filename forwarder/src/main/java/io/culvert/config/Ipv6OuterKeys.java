package io.culvert.config;

import io.culvert.tunnel.Ipv6Outer;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The keys of {@code [[tunnel]]} that only modes with an outer IPv6 header have. */
final class Ipv6OuterKeys {

    private static final String HOP_LIMIT = "hoplimit";
    private static final String ENCAP_LIMIT = "encaplimit";
    private static final String TRAFFIC_CLASS = "tclass";
    private static final String FLOW_LABEL = "flowlabel";
    private static final String DSCP = "dscp";
    private static final String ALLOW_LOCAL_REMOTE = "allow-localremote";
    private static final String INHERIT = "inherit";

    static final List<String> KEYS =
            List.of(HOP_LIMIT, ENCAP_LIMIT, TRAFFIC_CLASS, FLOW_LABEL, DSCP, ALLOW_LOCAL_REMOTE);

    private static final int MAX_BYTE = 0xff;

    private Ipv6OuterKeys() {}

    /** The TTL, which has a second name and another default here. */
    static int hopLimit(SpecReader in, Mode mode) {
        if (!in.isAbsent("ttl") && !in.isAbsent(HOP_LIMIT)) {
            in.problem(HOP_LIMIT, "hoplimit and ttl are the same", "leave one of them out");
        }
        String key = in.isAbsent("ttl") ? HOP_LIMIT : "ttl";
        return in.isAbsent(key) ? TunnelSpec.defaultTtl(mode) : in.ttl(key);
    }

    static Ipv6Outer read(SpecReader in, Mode mode) {
        refuseMisplaced(in, mode);
        Ipv6Outer absent = Ipv6Outer.DEFAULT;
        return new Ipv6Outer(
                in.integerOr(ENCAP_LIMIT, "none", Ipv6Outer.NO_LIMIT, MAX_BYTE, absent.encapLimit()),
                in.integerOr(TRAFFIC_CLASS, INHERIT, Ipv6Outer.INHERIT, MAX_BYTE, absent.trafficClass()),
                in.integerOr(FLOW_LABEL, INHERIT, Ipv6Outer.INHERIT, Ipv6Outer.MAX_FLOW_LABEL, absent.flowLabel()),
                dscpInherit(in),
                in.flag(ALLOW_LOCAL_REMOTE, absent.allowLocalRemote()));
    }

    private static void refuseMisplaced(SpecReader in, Mode mode) {
        if (mode.isOuterIpv6()) {
            if (!in.isAbsent("tos")) {
                in.problem("tos", "mode " + mode.word() + " has no tos", "use tclass");
            }
            if (!in.isAbsent("pmtudisc")) {
                in.problem("pmtudisc", "mode " + mode.word() + " has no pmtudisc", "leave it out");
            }
            return;
        }
        for (String key : KEYS) {
            if (!key.equals(HOP_LIMIT) && !in.isAbsent(key)) {
                String hint = key.equals(TRAFFIC_CLASS) ? "use tos" : "leave it out, or use a mode over IPv6";
                in.problem(key, key + " is not allowed with mode " + mode.word(), hint);
            }
        }
    }

    private static boolean dscpInherit(SpecReader in) {
        String word = in.text(DSCP);
        if (word != null && !word.equals(INHERIT)) {
            in.problem(DSCP, "\"" + word + "\" is no value of dscp", "use \"inherit\", or leave it out");
        }
        return word != null && word.equals(INHERIT);
    }

    /** Writes what is not at its default. */
    static void write(Ipv6Outer outer, ObjectNode tree) {
        Ipv6Outer absent = Ipv6Outer.DEFAULT;
        put(tree, ENCAP_LIMIT, outer.encapLimit(), absent.encapLimit(), "none");
        put(tree, TRAFFIC_CLASS, outer.trafficClass(), absent.trafficClass(), INHERIT);
        put(tree, FLOW_LABEL, outer.flowLabel(), absent.flowLabel(), INHERIT);
        if (outer.dscpInherit()) {
            tree.put(DSCP, INHERIT);
        }
        if (outer.allowLocalRemote()) {
            tree.put(ALLOW_LOCAL_REMOTE, true);
        }
    }

    private static void put(ObjectNode tree, String key, int value, int absent, String negative) {
        if (value == absent) {
            return;
        }
        JsonNode node = value < 0 ? tree.stringNode(negative) : tree.numberNode(value);
        tree.set(key, node);
    }
}
