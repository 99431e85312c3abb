package io.culvert.linux.systemd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.FileDescriptor;
import io.culvert.linux.SystemCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells the service manager how the service is, as sd_notify(3) does, in datagrams to the socket that NOTIFY_SOCKET names.
 * Without that variable every call does nothing. Any thread may call; each call opens and closes a socket.
 *
 * <p>Calls throw {@link ErrnoException} if the service manager cannot be reached.
 */
public final class Notify {

    static final int AF_UNIX = 1;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int MSG_NOSIGNAL = 0x4000;

    /** {@code struct sockaddr_un}: u16 family, path. An abstract name starts with NUL and ends with the address. */
    static final int PATH = 2;

    static final int PATH_CAPACITY = 108;

    private final @Nullable String socket;
    private final long watchdogMicros;

    private Notify(@Nullable String socket, long watchdogMicros) {
        this.socket = socket;
        this.watchdogMicros = watchdogMicros;
    }

    /** @param socket a path, or {@code @} and an abstract name */
    Notify(String socket) {
        this(checked(socket), 0);
    }

    /**
     * Speaks to whoever started the process.
     *
     * @throws IllegalArgumentException if NOTIFY_SOCKET is neither an absolute path nor an abstract name
     */
    public static Notify fromEnvironment() {
        return from(System.getenv(), ProcessHandle.current().pid());
    }

    static Notify from(Map<String, String> environment, long pid) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        return new Notify(socket.isEmpty() ? null : checked(socket), watchdogMicros(environment, pid));
    }

    private static String checked(String socket) {
        int length = socket.getBytes(StandardCharsets.UTF_8).length;
        boolean absolute = socket.startsWith("/") || socket.startsWith("@");
        if (!absolute || length < 2 || length >= PATH_CAPACITY) {
            throw new IllegalArgumentException("NOTIFY_SOCKET=" + socket
                    + ": neither an absolute path nor @ with an abstract name, of 2 to 107 bytes");
        }
        return socket;
    }

    private static long watchdogMicros(Map<String, String> environment, long pid) {
        String interval = environment.getOrDefault("WATCHDOG_USEC", "");
        String watched = environment.getOrDefault("WATCHDOG_PID", "");
        boolean ours = watched.isEmpty() || watched.equals(Long.toString(pid));
        return ours && interval.matches("[0-9]{1,18}") ? Long.parseLong(interval) : 0;
    }

    /** Whether there is a service manager that listens. */
    public boolean isEnabled() {
        return socket != null;
    }

    /** The time in microseconds within which each {@link #watchdog} must follow the last, 0 if none is expected. */
    public long watchdogMicros() {
        return watchdogMicros;
    }

    /** Start-up, or a reload, is complete. */
    public void ready() {
        send("READY=1");
    }

    /** Sets the line that {@code systemctl status} shows. */
    public void status(String status) {
        send("STATUS=" + status.replace('\n', ' '));
    }

    /** A reload has begun; {@link #ready} ends it. With the time, as Type=notify-reload wants it. */
    public void reloading() {
        // On Linux System.nanoTime is CLOCK_MONOTONIC.
        send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
    }

    /** The service is about to end. */
    public void stopping() {
        send("STOPPING=1");
    }

    /** The service is alive. */
    public void watchdog() {
        send("WATCHDOG=1");
    }

    private void send(String message) {
        if (socket == null) {
            return;
        }
        String call = "notify(" + socket + ")";
        int opened = SystemCalls.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        try (FileDescriptor descriptor = new FileDescriptor(ErrnoException.check(opened, call));
                Arena arena = Arena.ofConfined()) {
            byte[] text = message.getBytes(StandardCharsets.UTF_8);
            byte[] path = socket.getBytes(StandardCharsets.UTF_8);
            MemorySegment address = address(arena, path);
            int sent = SystemCalls.sendto(
                    descriptor.fd(),
                    arena.allocateFrom(JAVA_BYTE, text).address(),
                    text.length,
                    MSG_NOSIGNAL,
                    address.address(),
                    PATH + path.length);
            if (sent < 0) {
                throw new ErrnoException(
                        call,
                        -sent,
                        "the service manager does not take what NOTIFY_SOCKET promises; see NotifyAccess=");
            }
        }
    }

    private static MemorySegment address(Arena arena, byte[] path) {
        MemorySegment address = arena.allocate(PATH + PATH_CAPACITY, Short.BYTES);
        address.set(JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(path, 0, address, JAVA_BYTE, PATH, path.length);
        if (path[0] == '@') {
            address.set(JAVA_BYTE, PATH, (byte) 0);
        }
        return address;
    }
}
