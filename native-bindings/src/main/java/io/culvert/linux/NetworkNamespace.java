package io.culvert.linux;

import java.lang.foreign.Arena;
import java.nio.file.Path;

/**
 * Moves threads between network namespaces.
 *
 * <p>The namespace belongs to the thread, not to the process: sockets, TUN devices and netlink see the namespace in which
 * their thread was when it opened them, and keep it. A thread that is started later inherits its starter's namespace.
 */
public final class NetworkNamespace {

    private static final Path NAMED = Path.of("/run/netns");
    static final int O_CLOEXEC = 0x80000;
    static final int CLONE_NEWNET = 0x40000000;

    private NetworkNamespace() {}

    /**
     * Moves the calling thread into the namespace that {@code ip netns add NAME} made. It stays there until it enters another.
     *
     * @throws ErrnoException if there is no such namespace or the thread may not enter it
     * @throws IllegalArgumentException if {@code name} is not the name of a file
     * @throws IllegalStateException on a virtual thread, which has no namespace of its own
     */
    public static void enter(String name) {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0) {
            throw new IllegalArgumentException("'" + name + "' is not the name of a network namespace");
        }
        enter(NAMED.resolve(name));
    }

    /**
     * Moves the calling thread into the namespace of a file such as {@code /proc/self/ns/net} or {@code /run/netns/NAME}.
     *
     * @throws ErrnoException if the file is no network namespace or the thread may not enter it
     * @throws IllegalStateException on a virtual thread, which has no namespace of its own
     */
    public static void enter(Path file) {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("entering network namespace " + file
                    + " from a virtual thread would move its carrier; use a platform" + " thread");
        }
        int fd = open(file);
        int entered = SystemCalls.setns(fd, CLONE_NEWNET);
        SystemCalls.close(fd);
        if (entered < 0) {
            throw new ErrnoException("setns(" + file + ")", -entered, remedy(file, -entered));
        }
    }

    private static int open(Path file) {
        int fd;
        try (Arena arena = Arena.ofConfined()) {
            fd = SystemCalls.open(arena.allocateFrom(file.toString()).address(), O_CLOEXEC, 0);
        }
        if (fd < 0) {
            throw new ErrnoException("open(" + file + ")", -fd, remedy(file, -fd));
        }
        return fd;
    }

    private static String remedy(Path file, int errno) {
        return switch (errno) {
            case Errno.ENOENT -> "no such network namespace; 'ip netns add " + file.getFileName() + "' makes it";
            case Errno.EPERM, Errno.EACCES -> "entering a network namespace needs CAP_SYS_ADMIN";
            case Errno.EINVAL -> "the file is not a network namespace; 'ip netns' lists those that are";
            default -> "cannot enter the network namespace";
        };
    }
}
