package io.culvert.control;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The control socket of a gateway: answers JSON lines, one virtual thread a connection. A client that hangs, sends
 * garbage or never reads costs one of {@link #MAX_CONNECTIONS} places for the length of a timeout, nothing more.
 */
public final class ControlServer implements AutoCloseable {

    static final int MAX_CONNECTIONS = 64;

    /** Longest request in bytes. */
    static final int MAX_REQUEST_LENGTH = 1 << 20;

    /** How long a client may take to send a request or to take an answer. */
    private static final Duration CLIENT_TIMEOUT = Duration.ofSeconds(5);

    /** How long {@link #close()} waits for answers that are under way. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private static final System.Logger LOG = System.getLogger(ControlServer.class.getName());

    private final Path path;
    private final RequestHandler handler;
    private final Duration clientTimeout;
    private final ServerSocketChannel listener;
    private final @Nullable Object fileKey;
    private final Set<ControlConnection> connections = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;

    private ControlServer(Path path, RequestHandler handler, Duration clientTimeout, ServerSocketChannel listener)
            throws IOException {
        this.path = path;
        this.handler = handler;
        this.clientTimeout = clientTimeout;
        this.listener = listener;
        this.fileKey = fileKey(path);
        this.acceptor = Thread.ofVirtual().name("control-accept").unstarted(this::accept);
    }

    /**
     * Listens on that path, mode 0660; makes its directory, mode 0750, and replaces a socket that nobody listens on.
     *
     * @throws ControlException if a gateway answers there already, or the socket cannot be made
     */
    public static ControlServer start(Path path, RequestHandler handler) throws ControlException {
        return start(path, handler, CLIENT_TIMEOUT);
    }

    static ControlServer start(Path path, RequestHandler handler, Duration clientTimeout) throws ControlException {
        ServerSocketChannel listener = null;
        try {
            makeDirectory(path);
            removeStale(path);
            listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            listener.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
            ControlServer server = new ControlServer(path, handler, clientTimeout, listener);
            server.acceptor.start();
            return server;
        } catch (IOException e) {
            closeQuietly(listener);
            throw refused(path, e);
        }
    }

    private static ControlException refused(Path path, IOException cause) {
        String remedy = ": choose another path with --socket or control-socket";
        if (cause instanceof AccessDeniedException || "Permission denied".equals(cause.getMessage())) {
            return new ControlException(
                    ExitCode.PRIVILEGE,
                    "control socket " + path + ": permission denied: run as root, or" + remedy.substring(1),
                    cause);
        }
        return new ControlException(
                ExitCode.REFUSED, "control socket " + path + ": " + cause.getMessage() + remedy, cause);
    }

    private static void makeDirectory(Path path) throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            Files.createDirectories(
                    parent, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
        }
    }

    private static void removeStale(Path path) throws IOException, ControlException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException("the file is there and is not a socket");
        }
        try (ControlClient _ = ControlClient.connect(path, CLIENT_TIMEOUT)) {
            throw new ControlException(
                    ExitCode.REFUSED,
                    "a gateway runs on " + path + " already: stop it, or choose another path with --socket");
        } catch (ControlException e) {
            if (e.exitCode() != ExitCode.NO_GATEWAY) {
                throw e;
            }
        }
        Files.deleteIfExists(path);
    }

    /** The socket's path. */
    public Path path() {
        return path;
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                serve(listener.accept());
            } catch (IOException e) {
                if (listener.isOpen()) {
                    LOG.log(System.Logger.Level.WARNING, "control socket " + path + ": " + e.getMessage());
                    pause();
                }
            }
        }
    }

    /** Out of descriptors, most likely: gives others time to close some. */
    private static void pause() {
        try {
            Thread.sleep(Duration.ofMillis(100));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(SocketChannel channel) throws IOException {
        if (connections.size() >= MAX_CONNECTIONS) {
            // A new socket's buffer is empty, so this small line cannot block.
            try (channel) {
                new LineChannel(channel, MAX_REQUEST_LENGTH)
                        .write(Message.failure(
                                ExitCode.REFUSED,
                                MAX_CONNECTIONS + " connections to the gateway are open: try again later"));
            }
            return;
        }
        ControlConnection connection = new ControlConnection(channel, handler, clientTimeout, connections::remove);
        connections.add(connection);
        connection.start();
        if (!listener.isOpen()) {
            // close() may have looked at the connections just before.
            connection.finish();
        }
    }

    /** Stops listening, lets answers that are under way go out, closes every connection and removes the socket. */
    @Override
    public void close() {
        closeQuietly(listener);
        connections.forEach(ControlConnection::finish);
        long deadlineNs = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
        for (ControlConnection connection : connections) {
            connection.awaitEnd(Duration.ofNanos(Math.max(1, deadlineNs - System.nanoTime())));
        }
        removeOwnFile();
    }

    private void removeOwnFile() {
        try {
            // Another gateway may have replaced the file since.
            if (fileKey != null && fileKey.equals(fileKey(path))) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "control socket " + path + " cannot be removed: " + e.getMessage());
        }
    }

    private static @Nullable Object fileKey(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return null;
        }
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    private static void closeQuietly(@Nullable ServerSocketChannel listener) {
        if (listener == null) {
            return;
        }
        try {
            listener.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "control socket: " + e.getMessage());
        }
    }
}
