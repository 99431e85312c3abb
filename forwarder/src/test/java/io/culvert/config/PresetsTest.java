package io.culvert.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.ConfigLoader.Loaded;
import io.culvert.config.GatewayConfig.Datapath;
import io.culvert.config.GatewayConfig.Idle;
import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.config.GatewayConfig.Preset;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PresetsTest {

    @TempDir
    private Path directory;

    private Loaded load(String datapath, Map<String, String> environment) throws IOException {
        Path file = Files.writeString(directory.resolve("culvert.toml"), "[datapath]\n" + datapath);
        return ConfigLoader.load(file, null, environment);
    }

    @ParameterizedTest
    @EnumSource
    void everyPresetSetsKeysThatAreRightAndExplained(Preset preset) throws IOException {
        String word = preset.name().toLowerCase(Locale.ROOT);
        Loaded loaded = load("preset = \"" + word + "\"\n", Map.of());
        assertThat(loaded.problems()).isEmpty();
        assertThat(DatapathSection.KEYS).containsAll(Presets.entries(preset).keySet());

        List<String> lines = lines("preset-" + word + ".toml");
        assertThat(lines.getFirst()).contains("\"" + word + "\"");
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isEmpty() && !lines.get(i).startsWith("#")) {
                assertThat(lines.get(i - 1)).as("above %s", lines.get(i)).isNotEmpty();
            }
        }
    }

    private static List<String> lines(String resource) throws IOException {
        try (InputStream in = Presets.class.getResourceAsStream(resource)) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    @Test
    void balancedIsTheDefault() throws IOException {
        assertThat(load("", Map.of()).config().datapath()).isEqualTo(Datapath.DEFAULT);
    }

    @Test
    void throughputAndLatencyDiffer() throws IOException {
        assertThat(load("preset = \"throughput\"\n", Map.of()).config().datapath())
                .isEqualTo(
                        new Datapath(Preset.THROUGHPUT, Lane.AUTO, Pipeline.AUTO, 2, List.of(), Idle.SLEEP, 50, 256));
        assertThat(load("preset = \"latency\"\n", Map.of()).config().datapath())
                .isEqualTo(new Datapath(Preset.LATENCY, Lane.AUTO, Pipeline.FUSED, 2, List.of(), Idle.POLL, 1000, 16));
    }

    /** Option, environment, file, preset, default, in this order. */
    @Test
    void theFirstOfFiveCountsAndIsNamed() throws IOException {
        Loaded loaded = load(
                "preset = \"latency\"\nidle = \"sleep\"\nbusy-poll = 10\nworkers = 4\n",
                Map.of("CULVERT_BUSY_POLL", "20", "CULVERT_WORKERS", "5", "--workers", "6", "CULVERT_CPUS", "0, 1"));

        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.config().datapath())
                .isEqualTo(
                        new Datapath(Preset.LATENCY, Lane.AUTO, Pipeline.FUSED, 6, List.of(0, 1), Idle.SLEEP, 20, 16));
        String file = directory.resolve("culvert.toml").toString();
        assertThat(loaded.origins())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "preset", file + ":2",
                        "lane", "default",
                        "pipeline", "preset latency",
                        "workers", "--workers",
                        "cpus", "CULVERT_CPUS",
                        "idle", file + ":3",
                        "busy-poll", "CULVERT_BUSY_POLL",
                        "batch", "preset latency"));
    }

    @Test
    void wrongValuesOfOptionsAndVariablesAreNamed() throws IOException {
        assertThat(load("", Map.of("--batch", "many", "CULVERT_CPUS", "0,x", "--preset", "latncy"))
                        .problems())
                .extracting(ConfigProblem::toString)
                .allMatch(line -> line.contains("hint") || line.contains("must be"))
                .anyMatch(line -> line.startsWith("--batch: \"batch\" must be an integer, not a string"))
                .anyMatch(line -> line.startsWith("CULVERT_CPUS: \"x\" is not a processor"))
                .anyMatch(line -> line.startsWith("--preset: \"latncy\" is not a preset"));
    }
}
