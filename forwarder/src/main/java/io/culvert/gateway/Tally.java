package io.culvert.gateway;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What is needed by anybody, and how often; knows what came and what went since it was asked last. So a change costs what
 * it changes, not what is there. One thread.
 *
 * @param <T> what is needed
 */
final class Tally<T> {

    private final Map<T, Integer> counts = new HashMap<>();
    private final Set<T> touched = new HashSet<>();

    /** Each is needed once more. */
    void add(Collection<? extends T> needed) {
        for (T each : needed) {
            if (counts.merge(each, 1, Integer::sum) == 1) {
                touched.add(each);
            }
        }
    }

    /** Each is needed once less. */
    void remove(Collection<? extends T> needed) {
        for (T each : needed) {
            if (counts.computeIfPresent(each, (_, count) -> count == 1 ? null : count - 1) == null) {
                touched.add(each);
            }
        }
    }

    /** What is needed now; a view. */
    Set<T> present() {
        return Collections.unmodifiableSet(counts.keySet());
    }

    boolean contains(T each) {
        return counts.containsKey(each);
    }

    /** What may have come or gone since {@link #settle}; a view. */
    Set<T> touched() {
        return Collections.unmodifiableSet(touched);
    }

    /** What was touched is taken care of. */
    void settle() {
        touched.clear();
    }
}
