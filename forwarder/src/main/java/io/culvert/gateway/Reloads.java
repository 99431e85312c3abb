package io.culvert.gateway;

import io.culvert.config.ConfigLoader;
import io.culvert.config.ConfigProblem;
import io.culvert.config.ConfigSource;
import io.culvert.config.ConfigWriter;
import io.culvert.config.GatewayConfig;
import io.culvert.control.Events;
import io.culvert.control.ExitCode;
import io.culvert.linux.systemd.Notify;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the configuration again and applies the difference, all of it or nothing; takes it back if nobody confirms it in
 * time. Any thread; one reload at a time.
 */
final class Reloads {

    private static final System.Logger LOG = System.getLogger(Reloads.class.getName());

    private final Gateway gateway;
    private final ConfigSource source;
    private final ConfigLoader.Loaded started;
    private final UnconfirmedReload kept;
    private final Notify notify;
    private @Nullable Pending pending;
    private boolean lastSuccessful = true;
    private Instant lastSuccess = Instant.now();

    /** What is taken back unless it is confirmed. */
    private record Pending(GatewayConfig before, long deadlineNanos) {

        long secondsLeft() {
            return Math.max(
                    0, Duration.ofNanos(deadlineNanos - System.nanoTime()).toSeconds());
        }
    }

    /**
     * @param source where the gateway's configuration comes from
     * @param started what it started with
     * @param kept where it keeps the configuration of before
     */
    Reloads(Gateway gateway, ConfigSource source, ConfigLoader.Loaded started, UnconfirmedReload kept, Notify notify) {
        this.gateway = gateway;
        this.source = source;
        this.started = started;
        this.kept = kept;
        this.notify = notify;
    }

    /** The running configuration: what the gateway started with, and the tunnels of now. */
    GatewayConfig running() {
        return started.config().withTunnels(gateway.specifications());
    }

    /** {@code culvert.toml} as it would have to be for this state, and where the file is. */
    ObjectNode describe() {
        ObjectNode answer = ConfigWriter.tree(running()).objectNode();
        answer.set("config", ConfigWriter.tree(running()));
        ObjectNode origins = answer.putObject("origins").putObject("datapath");
        started.origins().forEach(origins::put);
        answer.put("file", source.file().toString());
        Path confD = source.confD();
        if (confD != null) {
            answer.put("conf-d", confD.toString());
        }
        return answer;
    }

    /** Adds to a report how the last reload went, the start being one, and that one waits to be confirmed. */
    synchronized void describe(ObjectNode report) {
        report.putObject("last-reload")
                .put("successful", lastSuccessful)
                .put("time", lastSuccess.truncatedTo(ChronoUnit.SECONDS).toString());
        if (pending != null) {
            report.put("confirm-within-seconds", pending.secondsLeft());
        }
    }

    /**
     * What a reload would do.
     *
     * @param file null for the gateway's own
     * @throws GatewayException if the file has problems
     */
    ObjectNode diff(@Nullable Path file, @Nullable Path confD) {
        return ConfigDifference.report(running(), load(file, confD).config());
    }

    /**
     * Applies the difference between the running tunnels and a file.
     *
     * @param file null for the gateway's own
     * @param confirmWithin null if it counts at once
     * @return what was done
     * @throws GatewayException if the file has problems, or the kernel refuses something; nothing has changed then
     */
    synchronized ObjectNode reload(@Nullable Path file, @Nullable Path confD, @Nullable Duration confirmWithin) {
        if (pending != null) {
            throw new GatewayException(
                    GatewayException.REFUSED,
                    "a reload waits to be confirmed: `culvert confirm` keeps it, in " + pending.secondsLeft()
                            + " s it is taken back");
        }
        notify.reloading();
        lastSuccessful = false;
        try {
            ObjectNode difference = reloadAnnounced(load(file, confD), confirmWithin);
            lastSuccessful = true;
            lastSuccess = Instant.now();
            return difference;
        } finally {
            notify.ready();
        }
    }

    private ObjectNode reloadAnnounced(ConfigLoader.Loaded loaded, @Nullable Duration confirmWithin) {
        GatewayConfig before = running();
        ObjectNode difference = ConfigDifference.report(before, loaded.config());
        if (confirmWithin == null) {
            gateway.applyDifference(loaded.config().tunnels());
            kept.delete();
        } else {
            kept.write(before, loaded.digest());
            try {
                gateway.applyDifference(loaded.config().tunnels());
            } catch (RuntimeException e) {
                kept.delete();
                throw e;
            }
            await(new Pending(before, System.nanoTime() + confirmWithin.toNanos()), confirmWithin);
            difference.put("confirm-within-seconds", confirmWithin.toSeconds());
        }
        int added = difference.path("added").size();
        int changed = difference.path("changed").size();
        int removed = difference.path("removed").size();
        LOG.log(
                System.Logger.Level.INFO,
                "reloaded: {0} tunnels added, {1} changed, {2} removed",
                added,
                changed,
                removed);
        Events events = gateway.events();
        events.publish(events.event("reload")
                .put("added", added)
                .put("changed", changed)
                .put("removed", removed));
        return difference;
    }

    private void await(Pending next, Duration within) {
        pending = next;
        Executor later = CompletableFuture.delayedExecutor(within.toMillis(), TimeUnit.MILLISECONDS);
        later.execute(() -> rollBack(next));
    }

    /**
     * Keeps the last reload for good.
     *
     * @throws GatewayException if none waits
     */
    synchronized void confirm() {
        if (pending == null) {
            throw new GatewayException(
                    GatewayException.REFUSED,
                    "no reload waits to be confirmed: it was taken back, or confirmed before");
        }
        kept.delete();
        pending = null;
    }

    /** What is kept on disk stays: the file that was not confirmed is still there at the next start. */
    private synchronized void rollBack(Pending due) {
        if (!due.equals(pending)) {
            return;
        }
        pending = null;
        try {
            gateway.applyDifference(due.before.tunnels());
            LOG.log(System.Logger.Level.WARNING, "nobody confirmed the reload: it was taken back");
            Events events = gateway.events();
            events.publish(events.event("reload").put("taken-back", true));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "nobody confirmed the reload, and it cannot be taken back", e);
        }
    }

    /** As {@link #reload}, for SIGHUP: the log gets what is wrong. */
    void reloadOnSignal() {
        try {
            reload(null, null, null);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "the configuration stays as it was: {0}", e.getMessage());
            if (e instanceof GatewayException refusal && refusal.exitStatus() == ExitCode.PROBLEMS) {
                for (ConfigProblem problem : source.load().problems()) {
                    LOG.log(System.Logger.Level.WARNING, "{0}", problem);
                }
            }
        }
    }

    /** The answer to a client names no content of the file, which the client itself may not be allowed to read. */
    private ConfigLoader.Loaded load(@Nullable Path file, @Nullable Path confD) {
        ConfigSource from = file == null ? source : source.at(file, confD);
        ConfigLoader.Loaded loaded = from.load();
        if (!loaded.isValid()) {
            int problems = loaded.problems().size();
            throw new GatewayException(
                    ExitCode.PROBLEMS,
                    from.file() + " has " + (problems == 1 ? "a problem" : problems + " problems")
                            + ": nothing has changed; `culvert check -c " + from.file() + "` tells more");
        }
        return loaded;
    }
}
