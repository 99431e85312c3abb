package io.culvert.gateway;

import io.culvert.linux.Epoll;
import io.culvert.linux.EventFd;
import io.culvert.linux.netlink.NetlinkMonitor;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The one thread that changes things: it runs commands one after the other, hears of the host's changes, and
 * keeps the timers. Paths and tunnels read what it publishes.
 */
final class Conductor implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Conductor.class.getName());
    private static final long MONITOR = 1;
    private static final long WAKE_UP = 2;
    private static final long ERRORS = 3;
    private static final int TICK_MILLIS = 1000;

    /** RFC 2637 leaves the time to the receiver; pptp-linux takes twice as long. */
    private static final int ACKNOWLEDGMENT_MILLIS = 250;

    private final Tunnels tunnels;
    private final HostChanges hostChanges;
    private final Runnable watch;
    private final Epoll epoll = Epoll.open(4);
    private final EventFd wakeUp = EventFd.open();
    private final NetlinkMonitor monitor;
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::loop, "culvert-conductor");
    private volatile boolean running = true;

    /** @param watch is called when something may have happened, and every second */
    Conductor(Tunnels tunnels, Runnable watch) {
        this.tunnels = tunnels;
        hostChanges = tunnels.hostChanges();
        this.watch = watch;
        monitor = NetlinkMonitor.open();
        epoll.add(monitor.fd(), Epoll.IN, MONITOR);
        epoll.add(wakeUp.fd(), Epoll.IN, WAKE_UP);
        epoll.add(tunnels.errorsFd(), Epoll.IN, ERRORS);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    Thread thread() {
        return thread;
    }

    /**
     * Runs a command on the conductor's thread and waits for its end; any other thread.
     *
     * @throws RuntimeException what the command threw
     */
    void run(Runnable command) {
        call(() -> {
            command.run();
            return true;
        });
    }

    /**
     * Runs a command on the conductor's thread and waits for its result; any other thread.
     *
     * @throws RuntimeException what the command threw
     */
    <T> T call(Supplier<T> command) {
        try {
            return submit(command).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /**
     * Waits for the conductor to come round.
     *
     * @throws GatewayException if it does not in that time
     */
    void ping(Duration patience) {
        try {
            submit(() -> true)
                    .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException e) {
            throw new GatewayException(
                    GatewayException.REFUSED, "the conductor has not answered for " + patience.toMillis() + " ms", e);
        }
    }

    private <T> CompletableFuture<T> submit(Supplier<T> command) {
        CompletableFuture<T> result = new CompletableFuture<>();
        if (!running) {
            throw new GatewayException(GatewayException.REFUSED, "the gateway is stopping");
        }
        commands.add(() -> {
            try {
                result.complete(command.get());
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        wakeUp.signal();
        return result;
    }

    private void loop() {
        long nextTick = System.nanoTime();
        while (running) {
            epoll.await(tunnels.hasCalls() ? ACKNOWLEDGMENT_MILLIS : TICK_MILLIS);
            wakeUp.drain();
            guarded(() -> monitor.poll(hostChanges));
            runCommands();
            guarded(tunnels::readErrors);
            guarded(tunnels::acknowledge);
            if (hostChanges.takeStale()) {
                guarded(tunnels::resolveRoutes);
            }
            if (System.nanoTime() - nextTick >= 0) {
                nextTick = System.nanoTime() + TICK_MILLIS * 1_000_000L;
                guarded(tunnels::tick);
            }
            guarded(watch);
        }
        runCommands();
    }

    private void runCommands() {
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
            command.run();
        }
    }

    /** Does one of its duties: the conductor outlives whatever goes wrong there. */
    static void guarded(Runnable duty) {
        try {
            duty.run();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "the conductor could not finish a duty: " + e.getMessage(), e);
        }
    }

    /** Stops the thread after the command that runs now. */
    @Override
    public void close() {
        running = false;
        wakeUp.signal();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        monitor.close();
        epoll.close();
        wakeUp.close();
    }
}
