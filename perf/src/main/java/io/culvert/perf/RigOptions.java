package io.culvert.perf;

import io.culvert.lab.LabException;
import io.culvert.lab.MissingRequirementException;
import io.culvert.lab.WireMode;
import io.culvert.perf.peer.Bed;
import io.culvert.perf.peer.Peer;
import io.culvert.perf.peer.Peers;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Options of every command that measures between two hosts. */
final class RigOptions {

    /** What the link between the hosts carries. */
    enum Link {
        wire,
        veth;

        WireMode mode() {
            return this == wire ? WireMode.WIRE : WireMode.OFFLOADED;
        }
    }

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description = "wire: frames of at most the MTU, as a cable carries; veth: super-packets, as between"
                    + " containers of one host. Default: ${DEFAULT-VALUE}.")
    Link link = Link.wire;

    @Option(
            names = "--peers",
            paramLabel = "PEER",
            split = ",",
            description = "What carries the packets, as in culvert bench compare.")
    List<String> peers = List.of();

    @Option(names = "--results", paramLabel = "DIR", description = "Write tables, JSON and charts there too.")
    @Nullable
    Path directory;

    /** The peers that were asked for, or those; without those that this host lacks something for, which are named. */
    List<Peer> present(CommandLine commandLine, String... defaults) {
        try {
            return Peers.select(peers.isEmpty() ? List.of(defaults) : peers).stream()
                    .filter(peer -> {
                        String missing = peer.missing();
                        if (missing != null) {
                            commandLine.getErr().println(peer.id() + ": missing: " + missing);
                        }
                        return missing == null;
                    })
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(commandLine, String.valueOf(e.getMessage()), e);
        }
    }

    /** Measures each peer by itself; one that fails is named and left out, for the others have nothing to do with it. */
    void each(List<Peer> measured, Report report, Consumer<String> progress, Consumer<Bed> measurement) {
        for (Peer peer : measured) {
            try (Bed bed = Bed.open(peer, link.mode())) {
                measurement.accept(bed);
            } catch (MissingRequirementException e) {
                throw e;
            } catch (LabException e) {
                if (report.isInterrupted()) {
                    return;
                }
                progress.accept(peer.id() + ": not counted: " + e.getMessage());
            }
        }
    }
}
