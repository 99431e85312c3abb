package io.culvert.perf;

import io.culvert.control.ExitCode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code culvert bench tune}: the {@code [datapath]} section that is best on this host, with the evidence. */
@Command(
        name = "tune",
        description = {
            "Try presets, lanes, pipelines, idling, batches and pinning on this host, one after the other, and print"
                    + " the [datapath] section that did best, with what was measured as comments.",
            "Needs root."
        },
        exitCodeOnInvalidInput = ExitCode.USAGE,
        exitCodeOnExecutionException = ExitCode.INTERNAL,
        mixinStandardHelpOptions = true)
public final class Tune implements Callable<Integer> {

    @Option(
            names = "--for",
            paramLabel = "GOAL",
            description =
                    "throughput: TCP; packets: 64-byte UDP packets without loss; latency: 99th percentile of round"
                            + " trips at 1,000 packets a second. Default: ${DEFAULT-VALUE}.")
    private TuneGoal goal = TuneGoal.throughput;

    @Option(names = "--mode", paramLabel = "MODE", description = "wire or veth. Default: ${DEFAULT-VALUE}.")
    private RigOptions.Link link = RigOptions.Link.wire;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Turns of each setting; the median counts. Default: ${DEFAULT-VALUE}.")
    private int rounds = 3;

    @Option(names = "--seconds", paramLabel = "N", description = "Length of each turn. Default: ${DEFAULT-VALUE}.")
    private int seconds = 2;

    @Option(
            names = "--results",
            paramLabel = "DIR",
            description = "Write datapath.toml there too, to be put into /etc/culvert/culvert.toml.")
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
        Machine.Load before = Machine.load();
        Tuning tuning = new Tuning(goal, link.mode(), rounds, seconds, Lines.to(err));
        return Report.run("tune", err, _ -> write(tuning, before, target), _ -> tuning.run());
    }

    private void write(Tuning tuning, Machine.Load before, @Nullable Path target) {
        PrintWriter out = spec.commandLine().getOut();
        String text = tuning.section(Machine.describe(before, Machine.load()));
        out.print(text);
        out.flush();
        if (target != null) {
            Report.writeFile(
                    target.resolve("datapath.toml"), text, spec.commandLine().getErr());
        }
    }
}
