package io.culvert.config;

import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.SitOptions;
import java.net.InetAddress;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The keys of {@code [[tunnel]]} that only modes sit and isatap have. */
final class SitKeys {

    private SitKeys() {}

    static SitOptions read(SpecReader in) {
        SitOptions none = SitOptions.DEFAULT;
        Prefix prefix = in.prefix("6rd-prefix", none.sixRdPrefix());
        // As ip tunnel 6rd does: a prefix of one's own has no relay prefix unless it is named.
        Prefix relay = in.prefix("6rd-relay_prefix", none.sixRdRelayPrefix());
        return none.withSixRd(prefix, relay).withPrl(in.addresses("prl-default"), in.addresses("prl-nodefault"));
    }

    /** Writes what is not at its default. */
    static void write(SitOptions options, ObjectNode tree) {
        SitOptions none = SitOptions.DEFAULT;
        if (!options.sixRdPrefix().equals(none.sixRdPrefix())
                || !options.sixRdRelayPrefix().equals(none.sixRdRelayPrefix())) {
            tree.put("6rd-prefix", options.sixRdPrefix().toString());
            tree.put("6rd-relay_prefix", options.sixRdRelayPrefix().toString());
        }
        if (!options.prlDefault().isEmpty()) {
            putAddresses(tree, "prl-default", options.prlDefault());
        }
        if (!options.prlNodefault().isEmpty()) {
            putAddresses(tree, "prl-nodefault", options.prlNodefault());
        }
    }

    static void writeAll(SitOptions options, ObjectNode tree) {
        tree.put("6rd-prefix", options.sixRdPrefix().toString());
        tree.put("6rd-relay_prefix", options.sixRdRelayPrefix().toString());
        putAddresses(tree, "prl-default", options.prlDefault());
        putAddresses(tree, "prl-nodefault", options.prlNodefault());
    }

    private static void putAddresses(ObjectNode tree, String key, List<InetAddress> addresses) {
        ArrayNode array = tree.putArray(key);
        addresses.forEach(address -> array.add(address.getHostAddress()));
    }
}
