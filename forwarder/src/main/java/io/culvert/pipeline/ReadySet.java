package io.culvert.pipeline;

import io.culvert.linux.Epoll;
import io.culvert.linux.EventFd;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which of a stage's sources have something to read. The stage's thread waits and takes; the conductor's thread adds and
 * removes, and must let the path come to rest before it closes what it removed.
 *
 * @param <S> a source
 */
final class ReadySet<S> implements AutoCloseable {

    private static final int CAPACITY = 256;
    private static final long WAKE_UP = -1;

    private final Epoll epoll = Epoll.open(CAPACITY);
    private final EventFd wakeUp = EventFd.open();

    /** By token; written in place, then published by writing the field again. */
    private volatile @Nullable Object[] sources = new Object[16];

    private int firstFree;
    private int ready;
    private int cursor;

    ReadySet() {
        epoll.add(wakeUp.fd(), Epoll.IN, WAKE_UP);
    }

    /** Adds a source that is ready as long as it can be read; the conductor. */
    void add(int fd, S source) {
        add(fd, Epoll.IN, source);
    }

    /** Adds a source that is ready by these events of {@link Epoll}; the conductor. */
    synchronized void add(int fd, int events, S source) {
        @Nullable Object[] present = sources;
        while (firstFree < present.length && present[firstFree] != null) {
            firstFree++;
        }
        if (firstFree == present.length) {
            present = Arrays.copyOf(present, 2 * present.length);
        }
        present[firstFree] = source;
        sources = present;
        epoll.add(fd, events, firstFree);
    }

    /** Removes a source; the conductor. It may still be read until the path has come to rest. */
    synchronized void remove(int fd, S source) {
        epoll.remove(fd);
        @Nullable Object[] present = sources;
        for (int i = 0; i < present.length; i++) {
            if (source.equals(present[i])) {
                present[i] = null;
                firstFree = Math.min(firstFree, i);
            }
        }
        sources = present;
    }

    /** Waits until a source is ready, {@link #wakeUp}, or the time is over; whether it was not the time; the stage. */
    boolean await(int timeoutMillis) {
        ready = Math.max(epoll.await(timeoutMillis), 0);
        cursor = 0;
        return ready > 0;
    }

    /** Ends the current or next {@link #await}; any thread. */
    void wakeUp() {
        wakeUp.signal();
    }

    /** The first source that is ready and not {@link #drained} yet; null if there is none; the stage. */
    @Nullable
    S current() {
        while (cursor < ready) {
            long token = epoll.token(cursor);
            if (token == WAKE_UP) {
                wakeUp.drain();
            } else {
                @Nullable Object[] now = sources;
                Object source = token < now.length ? now[(int) token] : null;
                if (source != null) {
                    @SuppressWarnings("unchecked")
                    S typed = (S) source;
                    return typed;
                }
            }
            cursor++;
        }
        return null;
    }

    /** Goes on to the next source: the current one is empty, or had its turn; the stage. */
    void drained() {
        cursor++;
    }

    /**
     * Goes on to the next source though the current one may not be empty, and finds that one ready again by the next {@link
     * #await}; the stage.
     *
     * @param events as it was added
     */
    void postpone(int fd, int events) {
        if ((events & Epoll.EDGE) != 0) {
            // A source that was removed meanwhile is not watched any more, and that is right.
            epoll.report(fd, events, epoll.token(cursor));
        }
        cursor++;
    }

    @Override
    public void close() {
        epoll.close();
        wakeUp.close();
    }
}
