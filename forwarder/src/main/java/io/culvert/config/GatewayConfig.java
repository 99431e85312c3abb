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

    /** Named sets of data path settings. */
    public enum Preset {
        BALANCED,
        THROUGHPUT,
        LATENCY
    }

    /**
     * The {@code [datapath]} section.
     *
     * @param preset named settings
     * @param lane system calls for outer packets
     * @param pipeline stages to threads
     * @param workers workers a path, staged only, 1 to 64
     * @param cpus processors to pin the path's threads to, in turn; empty pins none
     */
    public record Datapath(Preset preset, Lane lane, Pipeline pipeline, int workers, List<Integer> cpus) {

        /** The defaults of {@code culvert.toml}. */
        public static final Datapath DEFAULT = new Datapath(Preset.BALANCED, Lane.AUTO, Pipeline.AUTO, 2, List.of());

        public Datapath {
            cpus = List.copyOf(cpus);
        }
    }
}
