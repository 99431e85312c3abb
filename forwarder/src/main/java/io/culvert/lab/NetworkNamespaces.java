package io.culvert.lab;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.SystemCalls;
import java.lang.foreign.Arena;

/** Moves threads between network namespaces. */
final class NetworkNamespaces {

    private static final int O_CLOEXEC = 02_000_000;
    private static final int CLONE_NEWNET = 0x4000_0000;

    private NetworkNamespaces() {}

    /** Moves the calling thread into the namespace that {@code ip netns} knows by that name, for good. */
    static void enter(String name) {
        String path = "/run/netns/" + name;
        try (Arena arena = Arena.ofConfined()) {
            int fd = ErrnoException.check(
                    SystemCalls.open(arena.allocateFrom(path).address(), O_CLOEXEC, 0), "open(" + path + ")");
            try {
                ErrnoException.check(SystemCalls.setns(fd, CLONE_NEWNET), "setns(" + path + ")");
            } finally {
                SystemCalls.close(fd);
            }
        }
    }
}
