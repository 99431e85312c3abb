package io.culvert.perf.load;

import io.culvert.linux.SystemCalls;
import java.util.concurrent.locks.LockSupport;

/** Waiting for a moment, more exactly than a thread is woken by default. */
final class TimerSlack {

    private static final long SYS_PRCTL = System.getProperty("os.arch").equals("aarch64") ? 167 : 157;
    private static final int PR_SET_TIMERSLACK = 29;

    /** What waking up takes; the rest of the time a thread spins. */
    private static final long WAKE_UP_NANOS = 30_000;

    private TimerSlack() {}

    /** Lets the kernel wake the calling thread up to the nanosecond, where it gathers wake-ups of 50 us else. */
    static void remove() {
        // Nothing depends on it but the exactness.
        var _ = SystemCalls.syscall(SYS_PRCTL, PR_SET_TIMERSLACK, 1, 0);
    }

    /** Waits until {@link System#nanoTime} shows that moment. Spins for the last bit. */
    static void awaitNanoTime(long moment) {
        for (long left = moment - System.nanoTime(); left > 0; left = moment - System.nanoTime()) {
            if (left > WAKE_UP_NANOS) {
                LockSupport.parkNanos(left - WAKE_UP_NANOS);
            } else {
                Thread.onSpinWait();
            }
        }
    }
}
