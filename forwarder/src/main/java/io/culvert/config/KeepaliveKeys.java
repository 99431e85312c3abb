package io.culvert.config;

import io.culvert.tunnel.Keepalive;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The keys of {@code [[tunnel]]} for keepalives, in Cisco's word. */
final class KeepaliveKeys {

    private static final String KEEPALIVE = "keepalive";
    private static final String RETRIES = "keepalive-retries";
    private static final String ANSWER = "answer";

    /** All of them. */
    static final List<String> ALL = List.of(KEEPALIVE, RETRIES);

    private KeepaliveKeys() {}

    static @Nullable Keepalive read(SpecReader in) {
        if (in.isAbsent(KEEPALIVE)) {
            if (!in.isAbsent(RETRIES)) {
                in.problem(
                        RETRIES,
                        RETRIES + " is not allowed without keepalive",
                        "set keepalive to an interval in seconds");
            }
            return null;
        }
        int retries = in.isAbsent(RETRIES) ? Keepalive.DEFAULT_RETRIES : in.integer(RETRIES, 1, Keepalive.MAX_RETRIES);
        int interval = in.integerOr(KEEPALIVE, ANSWER, 0, Keepalive.MAX_INTERVAL, 0);
        return new Keepalive(interval, retries);
    }

    /** Writes what is not at its default. */
    static void write(@Nullable Keepalive keepalive, ObjectNode tree) {
        if (keepalive == null) {
            return;
        }
        if (keepalive.interval() == 0) {
            tree.put(KEEPALIVE, ANSWER);
        } else {
            tree.put(KEEPALIVE, keepalive.interval());
        }
        if (keepalive.retries() != Keepalive.DEFAULT_RETRIES) {
            tree.put(RETRIES, keepalive.retries());
        }
    }
}
