package io.culvert.gateway;

import io.culvert.config.GatewayConfig;
import io.culvert.control.ControlException;
import io.culvert.control.ControlServer;
import io.culvert.control.ExitCode;
import io.culvert.linux.systemd.Notify;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;

/** A gateway as a process: control socket, readiness, and an orderly stop on SIGTERM, SIGINT or request. */
public final class GatewayProcess {

    private GatewayProcess() {}

    /**
     * Runs a gateway until it is told to stop. Called on the main thread.
     *
     * @param config without problems
     * @param out gets {@code ready} as a line of its own when every tunnel forwards
     * @param err gets why the gateway cannot start
     * @return the exit status
     */
    @SuppressWarnings("try") // the control server is at work while it is open
    public static int run(GatewayConfig config, PrintStream out, PrintStream err) {
        warnOfWhatIsMissing(config, err);
        CountDownLatch stopping = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Thread onSignal = new Thread(() -> {
            stopping.countDown();
            awaitUninterruptibly(stopped);
        });
        Runtime.getRuntime().addShutdownHook(onSignal);
        GatewayRequests requests = new GatewayRequests(stopping::countDown);
        try (ControlServer server = ControlServer.start(config.controlSocket(), requests);
                Gateway gateway = Gateway.start(config)) {
            requests.serve(gateway);
            Notify notify = Notify.fromEnvironment();
            out.println("ready");
            out.flush();
            notify.ready();
            awaitUninterruptibly(stopping);
            notify.stopping();
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

    /** What a file may say and this version does not do yet is said at start, not ignored in silence. */
    private static void warnOfWhatIsMissing(GatewayConfig config, PrintStream err) {
        if (config.admin() != null) {
            err.println("culvert: admin: this version has no admin HTTP server, nothing listens on " + config.admin());
        }
        if (config.datapath().preset() != GatewayConfig.Preset.BALANCED) {
            err.println("culvert: preset: this version has \"balanced\" only, and uses it");
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
