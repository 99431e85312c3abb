package io.culvert.control;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What happens in a gateway, told to everybody who listens by {@code culvert monitor}. Any thread may call. */
public final class Events {

    private final InstantSource clock;
    private final Runnable onListen;
    private final List<EventQueue> listeners = new CopyOnWriteArrayList<>();

    /**
     * Nobody listens at first.
     *
     * @param clock the time that events bear
     * @param onListen called whenever somebody begins to listen, before the first event is expected
     */
    public Events(InstantSource clock, Runnable onListen) {
        this.clock = clock;
        this.onListen = onListen;
    }

    /** Whether anybody listens; if not, there is no need to find out what happens. */
    public boolean hasListeners() {
        return !listeners.isEmpty();
    }

    /**
     * An event of now: {@code schema}, {@code time} in UTC and milliseconds, {@code event}; the caller adds the rest.
     *
     * @param name such as {@code tunnel-up}
     */
    public ObjectNode event(String name) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("schema", Message.SCHEMA)
                .put("time", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString())
                .put("event", name);
    }

    /** Tells an event; never waits. The event must not change any more. */
    public void publish(ObjectNode event) {
        listeners.forEach(listener -> listener.add(event));
    }

    EventQueue listen() {
        EventQueue queue = new EventQueue(this);
        listeners.add(queue);
        onListen.run();
        return queue;
    }

    void leave(EventQueue queue) {
        listeners.remove(queue);
        queue.close();
    }
}
