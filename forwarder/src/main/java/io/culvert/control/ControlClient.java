package io.culvert.control;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/** A connection to a running gateway. One thread. */
public final class ControlClient implements AutoCloseable {

    /** How long a gateway may take for one answer. */
    public static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** A gateway's answer may list very many tunnels. */
    private static final int MAX_RESPONSE_LENGTH = 256 << 20;

    private final Path path;
    private final Duration timeout;
    private final LineChannel channel;

    private ControlClient(Path path, Duration timeout, LineChannel channel) {
        this.path = path;
        this.timeout = timeout;
        this.channel = channel;
    }

    /**
     * Connects to the gateway on that socket.
     *
     * @param timeout for the connection and for each answer
     * @throws ControlException with {@link ExitCode#NO_GATEWAY} if none answers, {@link ExitCode#PRIVILEGE} if this
     *     user may not
     */
    public static ControlClient connect(Path path, Duration timeout) throws ControlException {
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try (Deadline _ = new Deadline(channel, timeout)) {
                channel.connect(UnixDomainSocketAddress.of(path));
            }
            return new ControlClient(path, timeout, new LineChannel(channel, MAX_RESPONSE_LENGTH));
        } catch (IOException e) {
            close(channel);
            throw unreachable(path, e);
        }
    }

    private static ControlException unreachable(Path path, IOException cause) {
        if ("Permission denied".equals(cause.getMessage())) {
            return new ControlException(
                    ExitCode.PRIVILEGE,
                    path + ": permission denied: run as root or as a member of the socket's group",
                    cause);
        }
        if (isUnderClosedDirectory(path)) {
            return new ControlException(
                    ExitCode.PRIVILEGE,
                    path + ": permission denied: run as root or as a member of the directory's group",
                    cause);
        }
        return new ControlException(
                ExitCode.NO_GATEWAY, "no gateway runs on " + path + ": start one with `culvert run`", cause);
    }

    private static boolean isUnderClosedDirectory(Path path) {
        Path parent = path.getParent();
        return parent != null && Files.isDirectory(parent) && !Files.isExecutable(parent);
    }

    /**
     * Asks for one command and waits for its result.
     *
     * @param arguments may be empty
     * @throws ControlException what the gateway refuses with, or {@link ExitCode#REFUSED} if it does not answer
     */
    public ObjectNode request(String command, ObjectNode arguments) throws ControlException {
        String line;
        try (Deadline deadline = new Deadline(channel, timeout)) {
            try {
                line = exchange(Message.request(command, arguments));
            } catch (IOException e) {
                throw new ControlException(ExitCode.REFUSED, silence(deadline.hasExpired(), e.getMessage()), e);
            }
        }
        if (line == null) {
            throw new ControlException(ExitCode.REFUSED, silence(false, "it closed the connection"));
        }
        return Message.parseResponse(line);
    }

    /**
     * The next event behind the answer to a command that events follow; waits for it as long as it takes.
     *
     * @return null when the gateway has hung up
     */
    public @Nullable ObjectNode nextEvent() {
        try {
            String line = channel.read();
            return line != null && JsonText.read(line) instanceof ObjectNode event ? event : null;
        } catch (IOException | JacksonException e) {
            return null;
        }
    }

    private @Nullable String exchange(String request) throws IOException {
        try {
            channel.write(request);
        } catch (IOException e) {
            // A gateway that takes no more connections says so and hangs up without reading.
            String refusal = channel.read();
            if (refusal == null) {
                throw e;
            }
            return refusal;
        }
        return channel.read();
    }

    private String silence(boolean isLate, @Nullable String reason) {
        String gateway = "the gateway on " + path;
        return isLate
                ? gateway + " did not answer within " + timeout.toMillis() + " ms"
                : gateway + " did not answer: " + reason;
    }

    @Override
    public void close() {
        close(channel);
    }

    private static void close(@Nullable Closeable channel) {
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw new IllegalStateException("a socket does not close", e);
        }
    }
}
