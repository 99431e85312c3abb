package io.culvert.perf;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.ConfigLoader;
import io.culvert.lab.WireMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuningTest {

    private static final Map<String, String> DEFAULTS = Map.of();
    private static final Map<String, String> RAW = Map.of("lane", "\"raw\"");
    private static final Map<String, String> SPLIT = Map.of("lane", "\"split\"");

    @TempDir
    private Path directory;

    @Test
    void takesWhatIsClearlyBetter() {
        Tuning tuning = tuning(TuneGoal.throughput);
        List.of(5.0, 6.0, 7.0).forEach(value -> tuning.add(DEFAULTS, value));
        tuning.add(RAW, 7.0);
        tuning.add(SPLIT, 6.5);
        tuning.decide(List.of(DEFAULTS, RAW, SPLIT));

        assertThat(tuning.section("a machine"))
                .endsWith("[datapath]\nlane = \"raw\"\n")
                .contains("# a machine");
    }

    @Test
    void staysWithTheDefaultForAHairsBreadth() {
        Tuning tuning = tuning(TuneGoal.throughput);
        tuning.add(DEFAULTS, 6.0);
        tuning.add(RAW, 6.1);
        tuning.decide(List.of(DEFAULTS, RAW));

        assertThat(tuning.section("")).endsWith("[datapath]\n").containsPattern("# lane=raw +6\\.10");
    }

    @Test
    void lessIsBetterForLatency() {
        Tuning tuning = tuning(TuneGoal.latency);
        tuning.add(DEFAULTS, 90.0);
        tuning.add(RAW, 60.0);
        tuning.decide(List.of(DEFAULTS, RAW));

        assertThat(tuning.section("")).endsWith("lane = \"raw\"\n");
    }

    @Test
    void saysWhatAnInterruptedStepHasMeasuredAndTakesNothingFromIt() {
        Tuning tuning = tuning(TuneGoal.throughput);
        tuning.add(DEFAULTS, 5.0);
        tuning.add(RAW, 9.0);

        assertThat(tuning.section(""))
                .containsPattern("# defaults +5\\.00 .*, not all rounds\n# lane=raw +9\\.00 .*, not all rounds")
                .endsWith("[datapath]\n");
    }

    /** A candidate that the gateway would not read measures nothing. */
    @Test
    void triesOnlyWhatTheFileKnows() throws Exception {
        for (Tuning.Step step : Tuning.steps(8)) {
            for (Map<String, String> alternative : step.alternatives()) {
                StringBuilder toml = new StringBuilder("[datapath]\n");
                alternative.forEach((key, value) -> toml.append(key + " = " + value + "\n"));
                Path file = Files.writeString(directory.resolve("culvert.toml"), toml);
                assertThat(ConfigLoader.load(file, null, Map.of()).problems())
                        .as(toml.toString())
                        .isEmpty();
            }
        }
    }

    @Test
    void readsTheJvmsLog() {
        Soak.Result result = Soak.read(
                List.of(
                        "[1.1s][safepoint] Safepoint \"ICBufferFull\", Time since last: 5 ns, Reaching safepoint: 1 ns,"
                                + " At safepoint: 2 ns, Total: 48000 ns",
                        "[1.2s][gc] GC(0) Pause Young (Allocation Failure) 17M->1M(61M) 1.234ms",
                        "[1.3s][safepoint] Safepoint \"Cleanup\", Time since last: 5 ns, Reaching safepoint: 1 ns,"
                                + " At safepoint: 2 ns, Total: 1200000 ns"),
                5,
                1000,
                16,
                10);

        assertThat(result).isEqualTo(new Soak.Result(5, 1000, 16, 1, 2, 1_200_000, 10));
        assertThat(result.text()).contains("0.0160 a packet").contains("1.200 ms");
    }

    private static Tuning tuning(TuneGoal goal) {
        return new Tuning(goal, WireMode.WIRE, 3, 1, line -> {});
    }
}
