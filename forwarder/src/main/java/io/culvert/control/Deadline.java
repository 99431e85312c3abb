package io.culvert.control;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Closes a channel unless it is closed itself in time: blocking reads and writes of a Unix socket have no timeout of
 * their own.
 */
final class Deadline implements AutoCloseable {

    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final ScheduledFuture<?> alarm;
    private volatile boolean expired;

    Deadline(Closeable channel, Duration timeout) {
        alarm = TIMER.schedule(() -> expire(channel), timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("control-timer").daemon().factory());
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    private void expire(Closeable channel) {
        expired = true;
        try {
            channel.close();
        } catch (IOException e) {
            throw new IllegalStateException("a channel does not close", e);
        }
    }

    boolean hasExpired() {
        return expired;
    }

    @Override
    public void close() {
        alarm.cancel(false);
    }
}
