package io.culvert.gateway;

import io.culvert.config.ConfigLoader;
import io.culvert.config.ConfigSource;
import io.culvert.config.GatewayConfig;
import io.culvert.control.ControlException;
import io.culvert.control.ControlServer;
import io.culvert.control.ExitCode;
import io.culvert.linux.systemd.Notify;
import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * A gateway as a process: control sockets, readiness, a reload on SIGHUP, and an orderly stop on SIGTERM, SIGINT or request.
 */
public final class GatewayProcess {

    private GatewayProcess() {}

    /**
     * Runs a gateway until it is told to stop. Called on the main thread.
     *
     * @param source where the configuration comes from, to read it again
     * @param loaded the configuration, without problems
     * @param out gets {@code ready} as a line of its own when every tunnel forwards
     * @param err gets why the gateway cannot start
     * @return the exit status
     */
    public static int run(ConfigSource source, ConfigLoader.Loaded loaded, PrintStream out, PrintStream err) {
        UnconfirmedReload kept = UnconfirmedReload.of(source);
        Optional<ConfigLoader.Loaded> before = kept.before(loaded, source);
        before.ifPresent(_ -> err.println("culvert: the reload of " + source.file()
                + " was not confirmed: running the configuration of before; `culvert diff` shows the difference"));
        ConfigLoader.Loaded starting = before.orElse(loaded);
        CountDownLatch stopping = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Thread onSignal = new Thread(() -> {
            stopping.countDown();
            awaitUninterruptibly(stopped);
        });
        Runtime.getRuntime().addShutdownHook(onSignal);
        try {
            run(source, starting, kept, stopping, out);
            return ExitCode.OK;
        } catch (ControlException e) {
            err.println("culvert: " + e.message());
            return e.exitCode();
        } catch (GatewayException e) {
            err.println("culvert: " + e.getMessage());
            return e.exitStatus();
        } finally {
            stopped.countDown();
        }
    }

    @SuppressWarnings("try") // the control servers are at work while they are open
    private static void run(
            ConfigSource source,
            ConfigLoader.Loaded starting,
            UnconfirmedReload kept,
            CountDownLatch stopping,
            PrintStream out)
            throws ControlException {
        GatewayConfig config = starting.config();
        GatewayRequests requests = new GatewayRequests(stopping::countDown);
        try (ControlServer server = ControlServer.start(config.controlSocket(), requests);
                ReadOnlySocket readOnly = ReadOnlySocket.start(config.readOnlySocket(), requests);
                Admin admin = Admin.start(config.admin(), requests);
                Gateway gateway = Gateway.start(config, StateDirectory.of(source.environment()))) {
            Notify notify = Notify.fromEnvironment();
            Reloads reloads = new Reloads(gateway, source, starting, kept, notify);
            requests.serve(gateway, reloads);
            HangUp.handle(reloads::reloadOnSignal);
            out.println("ready");
            out.flush();
            notify.ready();
            awaitUninterruptibly(stopping);
            notify.stopping();
            admin.drain();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
