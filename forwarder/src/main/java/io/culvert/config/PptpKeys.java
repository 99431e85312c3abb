package io.culvert.config;

import io.culvert.tunnel.Mode;
import io.culvert.tunnel.PptpOptions;
import io.culvert.tunnel.TunnelSpec;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The keys of {@code [[tunnel]]} that only mode pptp has. */
final class PptpKeys {

    private static final String CALL_ID = "call_id";
    private static final String PEER_CALL_ID = "peer_call_id";

    private PptpKeys() {}

    static PptpOptions read(SpecReader in, Mode mode) {
        if (mode == Mode.PPTP) {
            return new PptpOptions(id(in, CALL_ID), id(in, PEER_CALL_ID));
        }
        for (String key : List.of(CALL_ID, PEER_CALL_ID)) {
            if (!in.isAbsent(key)) {
                in.problem(key, key + " is not allowed with mode " + mode.word(), "leave it out, or use mode pptp");
            }
        }
        return PptpOptions.DEFAULT;
    }

    private static int id(SpecReader in, String key) {
        return in.isAbsent(key) ? PptpOptions.UNSAID : in.integer(key, 0, PptpOptions.MAX_CALL_ID);
    }

    /** Writes what was said. */
    static void write(TunnelSpec spec, ObjectNode tree) {
        put(tree, CALL_ID, spec.pptp().callId());
        put(tree, PEER_CALL_ID, spec.pptp().peerCallId());
    }

    private static void put(ObjectNode tree, String key, int id) {
        if (id != PptpOptions.UNSAID) {
            tree.put(key, id);
        }
    }
}
