package io.culvert.gateway;

import io.culvert.control.Events;
import io.culvert.tunnel.Counters;
import io.culvert.tunnel.DropReason;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells when packets begin to be dropped for a reason, and when that has ended: no packet for {@value #QUIET_SECONDS} s.
 * The conductor's thread.
 */
@SuppressWarnings("EnumOrdinal") // an index into arrays of this run
final class DropWatch {

    private static final int QUIET_SECONDS = 5;
    private static final long QUIET_NANOS = QUIET_SECONDS * 1_000_000_000L;
    private static final DropReason[] REASONS = DropReason.values();

    private final Events events;
    private final Map<Key, Episodes> episodes = new HashMap<>();

    private record Key(String tunnel, String direction) {}

    /** What is known of each reason; an episode's first count is -1 while there is none. */
    private static final class Episodes {
        private final long[] seen = new long[DropReason.COUNT];
        private final long[] first = new long[DropReason.COUNT];
        private final long[] lastNanos = new long[DropReason.COUNT];
    }

    DropWatch(Events events) {
        this.events = events;
    }

    void clear() {
        episodes.clear();
    }

    void forget(String tunnel) {
        episodes.keySet().removeIf(key -> key.tunnel.equals(tunnel));
    }

    /**
     * Compares counters with what they were; the first time, with nothing.
     *
     * @param tunnel empty for those of no tunnel
     * @param direction {@code encap} or {@code decap}
     */
    void observe(String tunnel, String direction, Counters counters, long nowNanos) {
        Key key = new Key(tunnel, direction);
        Episodes known = episodes.get(key);
        if (known == null) {
            known = new Episodes();
            Arrays.fill(known.first, -1);
            for (DropReason reason : REASONS) {
                known.seen[reason.ordinal()] = counters.drops(reason);
            }
            episodes.put(key, known);
            return;
        }
        for (DropReason reason : REASONS) {
            observe(key, known, reason, counters.drops(reason), nowNanos);
        }
    }

    private void observe(Key key, Episodes known, DropReason reason, long count, long nowNanos) {
        int i = reason.ordinal();
        if (count > known.seen[i]) {
            if (known.first[i] < 0) {
                known.first[i] = known.seen[i];
                events.publish(event("drops-began", key, reason, count - known.seen[i]));
            }
            known.seen[i] = count;
            known.lastNanos[i] = nowNanos;
        } else if (known.first[i] >= 0 && nowNanos - known.lastNanos[i] >= QUIET_NANOS) {
            events.publish(event("drops-ended", key, reason, count - known.first[i]));
            known.first[i] = -1;
        }
    }

    private ObjectNode event(String name, Key key, DropReason reason, long packets) {
        ObjectNode event = events.event(name);
        if (!key.tunnel.isEmpty()) {
            event.put("tunnel", key.tunnel);
        }
        return event.put("direction", key.direction)
                .put("reason", reason.word())
                .put("packets", packets);
    }
}
