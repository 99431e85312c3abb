package io.culvert.linux;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** The system calls of the packet path. */
public final class PathCalls {

    private static final int NO_DESCRIPTOR = -1;
    /** Together several times what the JVM counts before it compiles a call, see {@link SystemCalls}. */
    private static final int ROUNDS = 50;

    /** For the compiler, which a busy machine keeps waiting: a minute. */
    private static final int MOST_ROUNDS = 3_000;

    private static final int CALLS_A_ROUND = 20;
    /** The JVM compiles in the background, first without optimization, and counts again then. */
    private static final Duration PAUSE = Duration.ofMillis(20);

    private static final Call[] CALLS = Call.values();

    /** One of the calls; made here so that it does nothing, for the sake of making it. */
    enum Call {
        EPOLL_WAIT,
        POLL,
        READ,
        WRITE,
        WRITEV,
        RECVFROM,
        RECVMMSG,
        SENDMMSG;

        int make() {
            return switch (this) {
                case EPOLL_WAIT -> SystemCalls.epollWait(NO_DESCRIPTOR, 0, 1, 0);
                case POLL -> SystemCalls.poll(0, 0, 0);
                case READ -> SystemCalls.read(NO_DESCRIPTOR, 0, 0);
                case WRITE -> SystemCalls.write(NO_DESCRIPTOR, 0, 0);
                case WRITEV -> SystemCalls.writev(NO_DESCRIPTOR, 0, 0);
                case RECVFROM -> SystemCalls.recvfrom(NO_DESCRIPTOR, 0, 0, 0, 0, 0);
                case RECVMMSG -> SystemCalls.recvmmsg(NO_DESCRIPTOR, 0, 0, 0);
                case SENDMMSG -> SystemCalls.sendmmsg(NO_DESCRIPTOR, 0, 0, 0);
            };
        }
    }

    private PathCalls() {}

    /**
     * Has the JVM compile every call: without this, a call that is rare, such as that of a packet in several pieces, makes objects for
     * minutes. Changes nothing; takes a second, most of which it waits, and on a busy machine until no call makes an object. Any thread
     * may call.
     *
     * @param allocated bytes that the calling thread has allocated so far, as {@code com.sun.management.ThreadMXBean} tells
     */
    public static void prepare(LongSupplier allocated) {
        boolean makesObjects = true;
        for (int round = 0; round < ROUNDS || (makesObjects && round < MOST_ROUNDS); round++) {
            long before = allocated.getAsLong();
            for (int call = 0; call < CALLS_A_ROUND; call++) {
                for (Call each : CALLS) {
                    each.make();
                }
            }
            makesObjects = allocated.getAsLong() > before;
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
