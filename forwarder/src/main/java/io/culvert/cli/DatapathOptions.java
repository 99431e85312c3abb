package io.culvert.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that set keys of {@code [datapath]}; they go before the environment and the file, and are judged alike. */
final class DatapathOptions {

    private static final String AS_KEY = "As the key of [datapath] in culvert.toml.";

    @Option(names = "--preset", paramLabel = "WORD", description = AS_KEY)
    private @Nullable String preset;

    @Option(names = "--lane", paramLabel = "WORD", description = AS_KEY)
    private @Nullable String lane;

    @Option(names = "--pipeline", paramLabel = "WORD", description = AS_KEY)
    private @Nullable String pipeline;

    @Option(names = "--workers", paramLabel = "N", description = AS_KEY)
    private @Nullable String workers;

    @Option(names = "--cpus", paramLabel = "N,N...", description = AS_KEY)
    private @Nullable String cpus;

    @Option(names = "--idle", paramLabel = "WORD", description = AS_KEY)
    private @Nullable String idle;

    @Option(names = "--busy-poll", paramLabel = "MICROSECONDS", description = AS_KEY)
    private @Nullable String busyPoll;

    @Option(names = "--batch", paramLabel = "N", description = AS_KEY)
    private @Nullable String batch;

    /** The values that were given, by the names of their options. */
    Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        put(values, "--preset", preset);
        put(values, "--lane", lane);
        put(values, "--pipeline", pipeline);
        put(values, "--workers", workers);
        put(values, "--cpus", cpus);
        put(values, "--idle", idle);
        put(values, "--busy-poll", busyPoll);
        put(values, "--batch", batch);
        return values;
    }

    private static void put(Map<String, String> values, String option, @Nullable String value) {
        if (value != null) {
            values.put(option, value);
        }
    }
}
