package io.culvert.perf;

import io.culvert.config.GatewayConfig.Datapath;
import io.culvert.config.GatewayConfig.Idle;
import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.config.GatewayConfig.Preset;
import io.culvert.lab.LabException;
import io.culvert.lab.MissingRequirementException;
import io.culvert.lab.WireMode;
import io.culvert.perf.load.CheckedTcp;
import io.culvert.perf.load.Iperf;
import io.culvert.perf.peer.Bed;
import io.culvert.perf.peer.CulvertPeer;
import io.culvert.perf.report.Metric;
import io.culvert.perf.report.Spread;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Finds settings one step at a time: each step tries the alternatives to one setting beside the best so far, in interleaved
 * rounds, and takes the best one if it is better by more than what is noise anyway. One thread runs it; any may ask for the
 * section.
 */
final class Tuning {

    /** A setting that is better by less than this is not worth deviating from the default. */
    private static final double WORTH = 1.03;

    private final TuneGoal goal;
    private final WireMode mode;
    private final int rounds;
    private final int seconds;
    private final Consumer<String> progress;
    private final List<String> evidence = new ArrayList<>();

    /** What the step under way has measured. */
    private final Map<Map<String, String>, List<Double>> values = new LinkedHashMap<>();

    private Map<String, String> best = new LinkedHashMap<>();

    Tuning(TuneGoal goal, WireMode mode, int rounds, int seconds, Consumer<String> progress) {
        this.goal = goal;
        this.mode = mode;
        this.rounds = rounds;
        this.seconds = seconds;
        this.progress = progress;
    }

    /** Measures all steps. */
    void run() {
        for (Step step : steps(Runtime.getRuntime().availableProcessors())) {
            List<Map<String, String>> candidates = new ArrayList<>();
            candidates.add(best);
            for (Map<String, String> alternative : step.alternatives) {
                Map<String, String> candidate = new LinkedHashMap<>(best);
                candidate.putAll(alternative);
                candidates.add(candidate);
            }
            choose(step.name, candidates);
        }
    }

    /**
     * Alternatives to one setting.
     *
     * @param name for progress
     * @param alternatives keys of {@code [datapath]} and their values as TOML
     */
    record Step(String name, List<Map<String, String>> alternatives) {}

    /** What there is to try, on a host with that many processors. */
    static List<Step> steps(int processors) {
        List<Map<String, String>> presets = new ArrayList<>();
        for (Preset preset : Preset.values()) {
            if (preset != Datapath.DEFAULT.preset()) {
                presets.add(Map.of("preset", word(preset)));
            }
        }
        List<Map<String, String>> lanes = new ArrayList<>();
        for (Lane lane : Lane.values()) {
            if (lane != Lane.AUTO) {
                lanes.add(Map.of("lane", word(lane)));
            }
        }
        List<Map<String, String>> pipelines = new ArrayList<>();
        pipelines.add(Map.of("pipeline", word(Pipeline.FUSED)));
        for (int workers = 1; workers <= Math.max(2, processors / 2); workers *= 2) {
            pipelines.add(Map.of("pipeline", word(Pipeline.STAGED), "workers", Integer.toString(workers)));
        }
        List<Map<String, String>> idles = new ArrayList<>(List.of(Map.of("idle", word(Idle.SLEEP))));
        for (int busyPoll : new int[] {50, 1000}) {
            idles.add(Map.of("idle", word(Idle.ADAPTIVE), "busy-poll", Integer.toString(busyPoll)));
            idles.add(Map.of("idle", word(Idle.POLL), "busy-poll", Integer.toString(busyPoll)));
        }
        List<Map<String, String>> batches = new ArrayList<>();
        for (int batch : new int[] {16, 64, 256}) {
            batches.add(Map.of("batch", Integer.toString(batch)));
        }
        List<Step> steps = new ArrayList<>(List.of(
                new Step("preset", presets),
                new Step("lane", lanes),
                new Step("pipeline", pipelines),
                new Step("idle", idles),
                new Step("batch", batches)));
        if (processors > 1) {
            steps.add(new Step("pinning", List.of(Map.of("cpus", "[0, 1]"), Map.of("cpus", "[1, 0]"))));
        }
        return steps;
    }

    /** The winning section, with the evidence; what was measured so far, if the run was cut short. */
    synchronized String section(String machine) {
        StringBuilder toml = new StringBuilder();
        machine.lines().forEach(line -> toml.append("# ").append(line).append('\n'));
        toml.append("# median (min to max) of ")
                .append(rounds)
                .append(" rounds, ")
                .append(goal.unit())
                .append('\n');
        evidence.forEach(line -> toml.append("# ").append(line).append('\n'));
        values.forEach((setting, measured) ->
                toml.append("# ").append(line(setting, Spread.of(measured))).append(", not all rounds\n"));
        toml.append("[datapath]\n");
        best.forEach(
                (key, value) -> toml.append(key).append(" = ").append(value).append('\n'));
        return toml.toString();
    }

    private void choose(String step, List<Map<String, String>> candidates) {
        List<Bed> beds = new ArrayList<>();
        Map<Bed, Map<String, String>> settings = new HashMap<>();
        try {
            for (Map<String, String> candidate : candidates) {
                open(candidate, beds, settings);
            }
            for (int round = 1; round <= rounds; round++) {
                for (Bed bed : round % 2 == 1 ? beds : beds.reversed()) {
                    Map<String, String> setting = settings.get(bed);
                    if (setting == null) {
                        continue;
                    }
                    double value = goal.measure(bed, seconds);
                    add(setting, value);
                    progress.accept(step + ", round " + round + "/" + rounds + ": " + text(setting) + ": "
                            + Metric.format(value) + " " + goal.unit());
                }
            }
        } finally {
            beds.forEach(Bed::close);
        }
        decide(candidates);
    }

    /** Adds what was measured for a candidate of the step under way. */
    synchronized void add(Map<String, String> setting, double value) {
        values.computeIfAbsent(setting, each -> new ArrayList<>()).add(value);
    }

    private void open(Map<String, String> candidate, List<Bed> beds, Map<Bed, Map<String, String>> settings) {
        StringBuilder toml = new StringBuilder();
        candidate.forEach(
                (key, value) -> toml.append(key).append(" = ").append(value).append('\n'));
        CulvertPeer peer = CulvertPeer.withDatapath("culvert", toml.toString(), List.of());
        try {
            Bed bed = Bed.open(peer, mode);
            beds.add(bed);
            CheckedTcp.prove(bed);
            Iperf.warmUp(bed);
            goal.measure(bed, 1);
            settings.put(bed, candidate);
        } catch (MissingRequirementException e) {
            throw e;
        } catch (LabException e) {
            progress.accept(text(candidate) + ": does not run here: " + e.getMessage());
        }
    }

    /** Keeps the first candidate, which is the best so far, unless another one is clearly better. */
    synchronized void decide(List<Map<String, String>> candidates) {
        Map<String, String> winner = candidates.getFirst();
        double value = Spread.of(values.getOrDefault(winner, List.of())).median();
        for (Map<String, String> candidate : candidates) {
            Spread spread = Spread.of(values.getOrDefault(candidate, List.of()));
            if (spread.count() > 0) {
                evidence.add(line(candidate, spread));
            }
            if (goal.gain(spread.median(), value) > WORTH) {
                winner = candidate;
                value = spread.median();
            }
        }
        best = winner;
        values.clear();
    }

    private static String line(Map<String, String> setting, Spread spread) {
        return String.format(
                Locale.ROOT,
                "%-56s %10s (%s to %s)",
                text(setting),
                Metric.format(spread.median()),
                Metric.format(spread.min()),
                Metric.format(spread.max()));
    }

    private static String text(Map<String, String> setting) {
        return setting.isEmpty() ? "defaults" : setting.toString().replaceAll("[{}\"]", "");
    }

    private static String word(Enum<?> value) {
        return '"' + value.name().toLowerCase(Locale.ROOT) + '"';
    }
}
