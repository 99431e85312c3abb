package io.culvert.config;

import io.culvert.tunnel.TunnelSpec;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A whole {@code culvert.toml}, checked and with every default filled in.
 *
 * @param controlSocket path of the control socket
 * @param readOnlySocket path of a second control socket that changes nothing; null for none
 * @param admin {@code HOST:PORT} of the admin HTTP server; null for none
 * @param datapath how packets are moved
 * @param tunnels the tunnels, in the file's order
 */
public record GatewayConfig(
        Path controlSocket,
        @Nullable Path readOnlySocket,
        @Nullable String admin,
        Datapath datapath,
        List<TunnelSpec> tunnels) {

    /** Where the control socket is if nobody says otherwise. */
    public static final Path DEFAULT_CONTROL_SOCKET = Path.of("/run/culvert/control.sock");

    /** What a file without a line means. */
    public static final GatewayConfig DEFAULT =
            new GatewayConfig(DEFAULT_CONTROL_SOCKET, null, null, Datapath.DEFAULT, List.of());

    public GatewayConfig {
        tunnels = List.copyOf(tunnels);
    }

    /** The same with other tunnels. */
    public GatewayConfig withTunnels(List<TunnelSpec> others) {
        return new GatewayConfig(controlSocket, readOnlySocket, admin, datapath, others);
    }

    /** Which system calls carry outer packets. */
    public enum Lane {
        AUTO,
        /** Packet sockets, whole super-packets. */
        SUPER,
        /** Packet sockets, one frame a segment. */
        SPLIT,
        /** Raw IP sockets. */
        RAW
    }

    /** How a path's three stages are spread over threads. */
    public enum Pipeline {
        AUTO,
        /** One thread runs the three stages of a batch to completion. */
        FUSED,
        /** A thread a stage with a ring between them, and several workers. */
        STAGED
    }

    /** What a path's first thread does while no packet is there. */
    public enum Idle {
        /** Sleeps in the kernel at once. */
        SLEEP,
        /** Looks for packets without sleeping as long as that finds some, and sleeps else. */
        ADAPTIVE,
        /** Looks for packets without sleeping after each one, and sleeps when none came. */
        POLL
    }

    /** Named sets of data path settings: the files beside this class. */
    public enum Preset {
        BALANCED,
        THROUGHPUT,
        LATENCY
    }

    /**
     * The {@code [datapath]} section.
     *
     * @param preset named settings, which count where the others are not set
     * @param lane system calls for outer packets
     * @param pipeline stages to threads
     * @param workers workers a path, staged only, 1 to 64
     * @param cpus processors to pin the path's threads to, in turn; empty pins none
     * @param idle what happens while no packet is there
     * @param busyPoll how long a thread looks for packets before it sleeps, in microseconds; {@code SLEEP} does not ask
     * @param batch packets that a path receives at once, at most
     */
    public record Datapath(
            Preset preset,
            Lane lane,
            Pipeline pipeline,
            int workers,
            List<Integer> cpus,
            Idle idle,
            int busyPoll,
            int batch) {

        /** The defaults of {@code culvert.toml}, where neither the file nor the preset says anything. */
        public static final Datapath DEFAULT =
                new Datapath(Preset.BALANCED, Lane.AUTO, Pipeline.AUTO, 2, List.of(), Idle.SLEEP, 50, 64);

        public Datapath {
            cpus = List.copyOf(cpus);
        }
    }
}
