package io.culvert.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/** Waits for one descriptor. */
public final class Poll {

    /** Bytes of memory that {@link #await(MemorySegment, int, int, int)} needs, aligned to 4: a {@code struct pollfd}. */
    public static final int MEMORY = 8;

    static final int POLLFD_FD = 0;
    static final int POLLFD_EVENTS = 4;
    static final int POLLFD_REVENTS = 6;

    private Poll() {}

    /**
     * Waits until {@code fd} is ready. Signals do not cut the wait short. Allocates its memory.
     *
     * @param events {@link Epoll#IN} and {@link Epoll#OUT}, or 0 for errors only
     * @param timeoutMillis 0 to look only, -1 to wait for ever
     * @return what happened, an or of {@link Epoll}'s constants; 0 after the timeout; or {@code -errno}
     */
    public static int await(int fd, int events, int timeoutMillis) {
        try (Arena call = Arena.ofConfined()) {
            return await(call.allocate(MEMORY, 4), fd, events, timeoutMillis);
        }
    }

    /**
     * Waits as {@link #await(int, int, int)} does, and allocates nothing.
     *
     * @param polled {@link #MEMORY} bytes of the caller's
     */
    public static int await(MemorySegment polled, int fd, int events, int timeoutMillis) {
        if (fd < 0) {
            // poll(2) passes over negative numbers, and would wait for ever where the descriptor is closed already.
            return -Errno.EBADF;
        }
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        polled.set(JAVA_INT, POLLFD_FD, fd);
        polled.set(JAVA_SHORT, POLLFD_EVENTS, (short) events);
        int left = timeoutMillis;
        while (true) {
            int ready = SystemCalls.poll(polled.address(), 1, left);
            if (ready != -Errno.EINTR) {
                return ready <= 0 ? ready : happened(polled);
            }
            if (timeoutMillis >= 0) {
                left = (int) Math.max(0, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
            }
        }
    }

    private static int happened(MemorySegment polled) {
        int events = polled.get(JAVA_SHORT, POLLFD_REVENTS) & 0xffff;
        return (events & Abi.POLLNVAL) != 0 ? -Errno.EBADF : events;
    }
}
