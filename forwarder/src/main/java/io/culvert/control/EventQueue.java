package io.culvert.control;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The events that one client has not taken yet, {@link #CAPACITY} at most: a client that is slower loses events and is told
 * how many, in their place. Any thread may add; nobody ever waits to add.
 */
final class EventQueue {

    static final int CAPACITY = 1024;

    private final Events events;
    private final Deque<ObjectNode> waiting = new ArrayDeque<>();
    private long lost;
    private boolean closed;

    EventQueue(Events events) {
        this.events = events;
    }

    synchronized void add(ObjectNode event) {
        int room = CAPACITY - waiting.size();
        if (room < (lost > 0 ? 2 : 1)) {
            lost++;
            return;
        }
        tellLost();
        waiting.add(event);
        notifyAll();
    }

    private void tellLost() {
        if (lost > 0) {
            waiting.add(events.event("lost").put("events", lost));
            lost = 0;
        }
    }

    /** Waits for the next event; null when the queue is closed. */
    synchronized @Nullable ObjectNode take() throws InterruptedException {
        while (waiting.isEmpty() && !closed) {
            tellLost();
            if (waiting.isEmpty()) {
                wait();
            }
        }
        return closed ? null : waiting.remove();
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
