package io.culvert.config;

import io.culvert.tunnel.SitOptions;
import io.culvert.tunnel.SitPayload;
import java.util.Arrays;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** The keys of {@code [[tunnel]]} that only modes sit and isatap have. */
final class SitKeys {

    private static final String PROTO = "proto";

    private SitKeys() {}

    static SitOptions read(SpecReader in) {
        return SitOptions.DEFAULT.withPayload(payload(in));
    }

    private static SitPayload payload(SpecReader in) {
        String word = in.text(PROTO);
        SitPayload payload = word == null ? SitPayload.IP6IP : SitPayload.ofWord(word);
        if (payload == null) {
            String words =
                    Arrays.stream(SitPayload.values()).map(SitPayload::word).collect(Collectors.joining(", "));
            in.problem(PROTO, "\"" + word + "\" cannot be carried by a TUN device", "use one of " + words);
        }
        return payload == null ? SitPayload.IP6IP : payload;
    }

    /** Writes what is not at its default. */
    static void write(SitOptions options, ObjectNode tree) {
        if (options.payload() != SitPayload.IP6IP) {
            tree.put(PROTO, options.payload().word());
        }
    }
}
