package io.culvert.gateway;

import io.culvert.config.HostAndPort;
import io.culvert.control.ControlException;
import io.culvert.control.RequestHandler;
import io.culvert.telemetry.AdminServer;
import org.jspecify.annotations.Nullable;

/** The admin HTTP server; none if the configuration names none. */
final class Admin implements AutoCloseable {

    private final @Nullable AdminServer server;

    private Admin(@Nullable AdminServer server) {
        this.server = server;
    }

    /** @throws ControlException if it cannot listen there */
    static Admin start(@Nullable String address, RequestHandler handler) throws ControlException {
        return new Admin(
                address == null ? null : AdminServer.start(HostAndPort.parse(address), Version.current(), handler));
    }

    /** Says not ready from now on. */
    void drain() {
        if (server != null) {
            server.drain();
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
    }
}
