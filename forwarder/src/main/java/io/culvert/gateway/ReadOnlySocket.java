package io.culvert.gateway;

import io.culvert.control.ControlException;
import io.culvert.control.ControlServer;
import io.culvert.control.ExitCode;
import io.culvert.control.RequestHandler;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A second control socket whose clients may look and change nothing; none if the configuration names none. */
final class ReadOnlySocket implements AutoCloseable {

    /** The commands that change nothing. */
    private static final Set<String> ALLOWED = Set.of("show", "config", "explain", "health");

    private final @Nullable ControlServer server;

    private ReadOnlySocket(@Nullable ControlServer server) {
        this.server = server;
    }

    /** @throws ControlException if the socket cannot be made */
    static ReadOnlySocket start(@Nullable Path path, RequestHandler handler) throws ControlException {
        return new ReadOnlySocket(path == null ? null : ControlServer.start(path, readOnly(handler)));
    }

    static RequestHandler readOnly(RequestHandler handler) {
        return (command, arguments) -> {
            if (!ALLOWED.contains(command)) {
                throw new ControlException(
                        ExitCode.PRIVILEGE,
                        "this socket is read-only: use the gateway's control-socket for \"" + command + "\"");
            }
            return handler.handle(command, arguments);
        };
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
    }
}
