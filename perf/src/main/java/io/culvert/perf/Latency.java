package io.culvert.perf;

import io.culvert.control.ExitCode;
import io.culvert.perf.load.CheckedTcp;
import io.culvert.perf.load.PacketSizes;
import io.culvert.perf.load.RateSearch;
import io.culvert.perf.load.RoundTrips;
import io.culvert.perf.load.UdpRig;
import io.culvert.perf.peer.Bed;
import io.culvert.perf.peer.Peer;
import io.culvert.perf.peer.Peers;
import io.culvert.perf.report.LatencyRows;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code culvert bench latency}: round trips at fixed rates, from the moment at which each packet was due. */
@Command(
        name = "latency",
        description = {
            "Round trips of 64-byte packets at 1,000 a second and at 10, 50 and 90 %% of the highest rate without loss (half"
                    + " of the one-way rate, as each crosses the tunnel twice), timed from the moment at which each was due, whatever delayed it.",
            "Needs root."
        },
        exitCodeOnInvalidInput = ExitCode.USAGE,
        exitCodeOnExecutionException = ExitCode.INTERNAL,
        mixinStandardHelpOptions = true)
public final class Latency implements Callable<Integer> {

    private static final double SLOW = 1000;
    private static final double[] SHARES = {0.1, 0.5, 0.9};
    private static final Duration TRIAL = Duration.ofSeconds(1);
    private static final PacketSizes SMALL = PacketSizes.of(64);

    @Mixin
    private RigOptions options = new RigOptions();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long each rate is held. Default: ${DEFAULT-VALUE}.")
    private int seconds = 10;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        if (seconds < 1) {
            throw new ParameterException(spec.commandLine(), "--seconds is at least 1");
        }
        Path target = options.directory == null ? null : Report.directory(options.directory);
        List<Peer> peers = options.present(spec.commandLine(), Peers.PLAIN, Peers.SOCAT, Peers.CULVERT_IPIP);
        Consumer<String> progress = Lines.to(spec.commandLine().getErr());
        LatencyRows rows = new LatencyRows();
        Machine.Load before = Machine.load();
        return Report.run(
                "latency",
                spec.commandLine().getErr(),
                _ -> write(rows, before, target),
                report -> options.each(peers, report, progress, bed -> measure(bed, rows, progress)));
    }

    private void measure(Bed bed, LatencyRows rows, Consumer<String> progress) {
        String peer = bed.peer().id();
        CheckedTcp.prove(bed);
        double highest;
        try (UdpRig rig = UdpRig.open(bed)) {
            rig.run(SMALL, 0, TRIAL);
            // What comes back crosses the tunnel twice.
            highest = new RateSearch(rate -> rig.run(SMALL, rate, TRIAL)).highest(0) / 2;
        }
        progress.accept(peer + ": " + Math.round(highest) + " round trips a second without loss");
        try (RoundTrips trips = RoundTrips.open(bed)) {
            hold(trips, rows, progress, peer, "1000pps", SLOW);
            for (double share : SHARES) {
                hold(trips, rows, progress, peer, Math.round(100 * share) + "%", share * highest);
            }
        }
    }

    private void hold(
            RoundTrips trips, LatencyRows rows, Consumer<String> progress, String peer, String load, double rate) {
        if (rate < 1) {
            return;
        }
        long start = System.currentTimeMillis();
        RoundTrips.Result result = trips.run(rate, Duration.ofSeconds(seconds));
        result.histogram().setStartTimeStamp(start);
        result.histogram().setEndTimeStamp(System.currentTimeMillis());
        rows.add(peer, load, rate, result);
        progress.accept(peer + ", " + load + ": p50 " + Math.round(result.micros(50)) + " us");
    }

    private void write(LatencyRows rows, Machine.Load before, @Nullable Path target) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Machine.Load after = Machine.load();
        String text = Machine.describe(before, after) + System.lineSeparator() + rows.table();
        out.print(text);
        out.flush();
        if (target != null) {
            Report.writeFile(target.resolve("latency.txt"), text, err);
            Report.writeFile(target.resolve("latency.json"), rows.json(Machine.facts(before, after)), err);
            rows.writeLogsAndCharts(target).forEach(problem -> err.println("culvert bench latency: " + problem));
            err.flush();
        }
    }
}
