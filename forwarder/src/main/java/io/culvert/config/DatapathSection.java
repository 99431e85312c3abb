package io.culvert.config;

import io.culvert.config.GatewayConfig.Datapath;
import io.culvert.config.GatewayConfig.Idle;
import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.config.GatewayConfig.Preset;
import io.culvert.config.TomlValue.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads {@code [datapath]}. Of each key the first of these counts: option, environment variable, file, preset, default.
 */
final class DatapathSection {

    private static final String PRESET = "preset";
    private static final String WORKERS = "workers";
    private static final String CPUS = "cpus";
    private static final String BUSY_POLL = "busy-poll";
    private static final String BATCH = "batch";

    static final List<String> KEYS = List.of(PRESET, "lane", "pipeline", WORKERS, CPUS, "idle", BUSY_POLL, BATCH);

    private static final int MAX_WORKERS = 64;

    /** A second: who waits longer than that without sleeping wants a processor of his own for good. */
    private static final int MAX_BUSY_POLL = 1_000_000;

    /** {@code pipeline.DataPath} has room for so many. */
    private static final int MAX_BATCH = 256;

    /** Highest number in a {@code cpu_set_t} of the default size, sched_setaffinity(2). */
    private static final int MAX_CPU = 1023;

    private final Table table;
    private final SectionReader section;

    DatapathSection(Table table, List<ConfigProblem> problems) {
        this.table = table;
        section = new SectionReader("datapath", table, problems);
    }

    /** @param environment variables, and options by their names with two hyphens */
    Datapath read(Map<String, String> environment) {
        section.refuseUnknown(KEYS);
        for (String key : KEYS) {
            override(key, "CULVERT_" + key.toUpperCase(Locale.ROOT).replace('-', '_'), environment);
            override(key, option(key), environment);
        }
        Datapath defaults = Datapath.DEFAULT;
        Preset preset = section.word(PRESET, Preset.class, defaults.preset());
        Presets.entries(preset).forEach((key, entry) -> {
            if (table.get(key) == null) {
                table.put(key, entry);
            }
        });
        return new Datapath(
                preset,
                section.word("lane", Lane.class, defaults.lane()),
                section.word("pipeline", Pipeline.class, defaults.pipeline()),
                section.integer(WORKERS, "a number of workers", MAX_WORKERS, defaults.workers()),
                section.integers(CPUS, "a processor", MAX_CPU),
                section.word("idle", Idle.class, defaults.idle()),
                section.integer(BUSY_POLL, "a number of microseconds", MAX_BUSY_POLL, defaults.busyPoll()),
                section.integer(BATCH, "a number of packets", MAX_BATCH, defaults.batch()));
    }

    private void override(String key, String variable, Map<String, String> environment) {
        switch (key) {
            case WORKERS, BUSY_POLL, BATCH -> section.overrideNumber(key, variable, environment);
            case CPUS -> section.overrideNumbers(key, variable, environment);
            default -> section.override(key, variable, environment);
        }
    }

    /** The option that sets a key. */
    static String option(String key) {
        return "--" + key;
    }

    /** Where each value comes from that {@link #read} returned: a file's line, an option, a variable, a preset, a default. */
    Map<String, String> origins() {
        Map<String, String> origins = new LinkedHashMap<>();
        KEYS.forEach(key -> origins.put(key, section.origin(key)));
        return origins;
    }
}
