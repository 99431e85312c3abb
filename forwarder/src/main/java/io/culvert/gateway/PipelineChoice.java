package io.culvert.gateway;

import io.culvert.config.GatewayConfig.Datapath;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.tunnel.TunnelSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the stages of the paths are spread over threads, and why. It is chosen at start and stays.
 *
 * @param isStaged whether stages have threads of their own
 * @param reason why, for people
 */
record PipelineChoice(boolean isStaged, String reason) {

    /** Both paths, with three kinds of threads each, want so many: perf/README.md has the measurement. */
    private static final int PROCESSORS = 4;

    /**
     * Chooses: staged where there are processors for it and workers have something to do. To cut super-packets is nothing for
     * them: egress does it while it sends.
     *
     * @param tunnels those at start
     * @param processors that this process may use
     */
    static PipelineChoice make(Datapath settings, List<TunnelSpec> tunnels, int processors) {
        if (settings.pipeline() != Pipeline.AUTO) {
            return new PipelineChoice(settings.pipeline() == Pipeline.STAGED, "configured");
        }
        int usable = settings.cpus().isEmpty()
                ? processors
                : (int) Math.min(processors, settings.cpus().stream().distinct().count());
        String host = usable + (usable == 1 ? " processor" : " processors");
        if (usable < PROCESSORS) {
            return new PipelineChoice(false, host + ", and staged gains with " + PROCESSORS + " or more");
        }
        for (TunnelSpec tunnel : tunnels) {
            String work = work(tunnel);
            if (work != null) {
                return new PipelineChoice(true, host + ", and tunnel " + tunnel.name() + " " + work);
            }
        }
        return new PipelineChoice(
                false, host + ", but no tunnel at start encrypts or has checksums: nothing to spread");
    }

    /** What makes a packet more than a header's worth of work; null if nothing does. */
    private static @Nullable String work(TunnelSpec tunnel) {
        if (tunnel.mode().isProtected()) {
            return "encrypts";
        }
        return tunnel.icsum() || tunnel.ocsum() ? "has checksums" : null;
    }
}
