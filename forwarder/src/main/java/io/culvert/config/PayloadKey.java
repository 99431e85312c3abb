package io.culvert.config;

import io.culvert.tunnel.Payload;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.util.Arrays;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** The key {@code proto} of {@code [[tunnel]]}, which only modes sit and ipip have. */
final class PayloadKey {

    private static final String KEY = "proto";

    private PayloadKey() {}

    static void read(SpecReader in, TunnelSpecBuilder builder) {
        String word = in.text(KEY);
        if (word == null) {
            return;
        }
        Payload payload = Payload.ofWord(word);
        if (payload == null) {
            String words = Arrays.stream(Payload.values()).map(Payload::word).collect(Collectors.joining(", "));
            in.problem(KEY, "\"" + word + "\" is nothing that a tunnel carries", "use one of " + words);
        } else {
            builder.payload(payload);
        }
    }

    /** Writes what is not at its default. */
    static void write(TunnelSpec spec, ObjectNode tree) {
        if (spec.payload() != Payload.defaultOf(spec.mode())) {
            tree.put(KEY, spec.payload().word());
        }
    }
}
