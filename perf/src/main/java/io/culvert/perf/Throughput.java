package io.culvert.perf;

import io.culvert.control.ExitCode;
import io.culvert.lab.LabException;
import io.culvert.perf.load.CheckedTcp;
import io.culvert.perf.load.Iperf;
import io.culvert.perf.load.PacketSizes;
import io.culvert.perf.load.RateSearch;
import io.culvert.perf.load.UdpRig;
import io.culvert.perf.load.UdpTrial;
import io.culvert.perf.peer.Bed;
import io.culvert.perf.peer.Peer;
import io.culvert.perf.peer.Peers;
import io.culvert.perf.report.Metric;
import io.culvert.perf.report.ThroughputRows;
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

/** {@code culvert bench throughput}: TCP rates, and the highest UDP rates with none and with few packets lost. */
@Command(
        name = "throughput",
        description = {
            "TCP rates with 1 and 4 flows both ways; the highest rates of UDP packets of 64, 512, 1400 bytes and of a mix"
                    + " at which none, and at which 0.5 %% is lost (RFC 2544 section 26.1, with shorter trials).",
            "Sizes are of the inner IP packets. Needs root."
        },
        exitCodeOnInvalidInput = ExitCode.USAGE,
        exitCodeOnExecutionException = ExitCode.INTERNAL,
        mixinStandardHelpOptions = true)
public final class Throughput implements Callable<Integer> {

    private static final double FEW_LOST = 0.005;
    private static final List<PacketSizes> SIZES =
            List.of(PacketSizes.of(64), PacketSizes.of(512), PacketSizes.of(1400), PacketSizes.IMIX);
    private static final Duration WARM_UP = Duration.ofSeconds(2);

    @Mixin
    private RigOptions options = new RigOptions();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long each TCP run takes. Default: ${DEFAULT-VALUE}.")
    private int seconds = 5;

    @Option(
            names = "--trial",
            paramLabel = "N",
            description = "How long each UDP trial takes, in seconds; RFC 2544 asks for 60. Default: ${DEFAULT-VALUE}.")
    private int trial = 2;

    @Option(
            names = "--soak",
            paramLabel = "N",
            description = "Instead: that many seconds of TCP at full load through two gateways, and what it made their"
                    + " JVMs allocate and stop for. 60 is a good number.")
    private int soak;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        if (seconds < 1 || trial < 1 || soak < 0) {
            throw new ParameterException(spec.commandLine(), "--seconds, --trial and --soak are at least 1");
        }
        return soak > 0 ? soak(err) : throughput(err);
    }

    private int soak(PrintWriter err) {
        Soak.Result result;
        try {
            result = new Soak(options.link.mode(), Lines.to(err)).run(soak);
        } catch (LabException e) {
            return Report.failed("throughput", err, e);
        }
        spec.commandLine().getOut().print(result.text());
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }

    private int throughput(PrintWriter err) {
        Path target = options.directory == null ? null : Report.directory(options.directory);
        List<Peer> peers = options.present(spec.commandLine(), Peers.CULVERT_IPIP);
        Consumer<String> progress = Lines.to(err);
        ThroughputRows rows = new ThroughputRows();
        Machine.Load before = Machine.load();
        return Report.run(
                "throughput",
                err,
                _ -> write(rows, before, target),
                report -> options.each(peers, report, progress, bed -> measure(bed, rows, progress)));
    }

    private void measure(Bed bed, ThroughputRows rows, Consumer<String> progress) {
        String peer = bed.peer().id();
        CheckedTcp.prove(bed);
        Iperf.run(bed.left(), bed.right(), bed.ends().right(), (int) WARM_UP.toSeconds(), 1);
        for (int flows : new int[] {1, 4}) {
            Iperf.Result there = Iperf.run(bed.left(), bed.right(), bed.ends().right(), seconds, flows);
            rows.addTcp(peer, flows, "there", there);
            Iperf.Result back = Iperf.run(bed.right(), bed.left(), bed.ends().left(), seconds, flows);
            rows.addTcp(peer, flows, "back", back);
            progress.accept(peer + ": TCP, flows: " + flows + ": " + Metric.format(there.gigabits()) + " and "
                    + Metric.format(back.gigabits()) + " Gb/s");
        }
        try (UdpRig rig = UdpRig.open(bed)) {
            for (PacketSizes sizes : SIZES) {
                rig.run(sizes, 0, WARM_UP);
                RateSearch search = new RateSearch(rate -> rig.run(sizes, rate, Duration.ofSeconds(trial)));
                double none = search.highest(0);
                double few = search.highest(FEW_LOST);
                List<UdpTrial> trials = search.trials();
                rows.addUdp(peer, sizes.name(), none, few, trials);
                progress.accept(peer + ": UDP " + sizes.name() + ": " + Math.round(none) + " packets/s without loss");
            }
        }
    }

    private void write(ThroughputRows rows, Machine.Load before, @Nullable Path target) {
        PrintWriter out = spec.commandLine().getOut();
        Machine.Load after = Machine.load();
        String text = Machine.describe(before, after) + System.lineSeparator() + rows.table();
        out.print(text);
        out.flush();
        if (target != null) {
            PrintWriter err = spec.commandLine().getErr();
            Report.writeFile(target.resolve("throughput.txt"), text, err);
            Report.writeFile(target.resolve("throughput.json"), rows.json(Machine.facts(before, after)), err);
        }
    }
}
