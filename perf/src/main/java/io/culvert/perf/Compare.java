package io.culvert.perf;

import io.culvert.control.ExitCode;
import io.culvert.lab.WireMode;
import io.culvert.perf.peer.Peer;
import io.culvert.perf.peer.Peers;
import io.culvert.perf.report.Charts;
import io.culvert.perf.report.Metric;
import io.culvert.perf.report.MustHold;
import io.culvert.perf.report.Ratio;
import io.culvert.perf.report.ResultJson;
import io.culvert.perf.report.ResultTable;
import io.culvert.perf.report.Results;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code culvert bench compare}: the same work over Culvert, the kernel and other programs, in one run. */
@Command(
        name = "compare",
        description = {
            "Compare Culvert with the kernel's tunnels and with other programs, in one run on this machine.",
            "A peer's figures count only if its packets were seen on the link in its tunnel and its payload arrived"
                    + " intact. Needs root."
        },
        exitCodeOnInvalidInput = ExitCode.USAGE,
        exitCodeOnExecutionException = ExitCode.INTERNAL,
        mixinStandardHelpOptions = true)
public final class Compare implements Callable<Integer> {

    /** What the link between the hosts carries. */
    enum Mode {
        wire,
        veth,
        both;

        List<WireMode> modes() {
            return switch (this) {
                case wire -> List.of(WireMode.WIRE);
                case veth -> List.of(WireMode.OFFLOADED);
                case both -> List.of(WireMode.WIRE, WireMode.OFFLOADED);
            };
        }
    }

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description = "wire: frames of at most the MTU, as a cable carries; veth: super-packets, as between"
                    + " containers of one host; both. Default: ${DEFAULT-VALUE}.")
    private Mode mode = Mode.both;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Turns of each peer; the median counts. Default: ${DEFAULT-VALUE}.")
    private int rounds = 5;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long TCP runs in each turn. Default: ${DEFAULT-VALUE}.")
    private int seconds = 2;

    @Option(
            names = "--peers",
            paramLabel = "PEER",
            split = ",",
            description = "Only these, such as plain,socat,culvert-ipip; the beginning of a name up to a hyphen"
                    + " stands for all that begin so. Default: all.")
    private List<String> peers = List.of();

    @Option(names = "--tcp-only", description = "Leave out UDP and round trips.")
    private boolean tcpOnly;

    @Option(
            names = "--results",
            paramLabel = "DIR",
            description = "Write compare.txt, compare.json and compare.png there.")
    private @Nullable Path directory;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        if (rounds < 1 || seconds < 1) {
            throw new ParameterException(spec.commandLine(), "--rounds and --seconds are at least 1");
        }
        Path target = directory == null ? null : Report.directory(directory);
        Results results = new Results();
        Machine.Load before = Machine.load();
        Comparison.Settings settings = new Comparison.Settings(selected(), mode.modes(), rounds, seconds, tcpOnly);
        return Report.run(
                "compare",
                err,
                interrupted -> write(results, before, interrupted, target),
                _ -> new Comparison(settings, results, Lines.to(err)).run());
    }

    private List<Peer> selected() {
        try {
            return peers.isEmpty() ? Peers.all() : Peers.select(peers);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private void write(Results results, Machine.Load before, boolean interrupted, @Nullable Path target) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        List<Ratio> ratios = MustHold.ratios(Runtime.getRuntime().availableProcessors());
        Machine.Load after = Machine.load();
        String text = Machine.describe(before, after)
                + (interrupted ? "interrupted: only what was measured until then\n" : "")
                + System.lineSeparator()
                + ResultTable.format(results)
                + System.lineSeparator()
                + Ratio.table(ratios, results);
        out.print(text);
        out.flush();
        if (target != null) {
            Map<String, Object> machine = Machine.facts(before, after);
            machine.put("rounds", rounds);
            machine.put("seconds", seconds);
            machine.put("interrupted", interrupted);
            Report.writeFile(target.resolve("compare.txt"), text, err);
            Report.writeFile(
                    target.resolve("compare.json"), ResultJson.text(ResultJson.of(results, ratios, machine)), err);
            String problem = Charts.write(
                    Charts.bars(results, Metric.TCP, "One TCP flow through two gateways"),
                    target.resolve("compare.png"));
            if (!problem.isEmpty()) {
                err.println("culvert bench compare: " + problem);
            }
        }
        err.flush();
    }
}
