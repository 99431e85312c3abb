package io.culvert.pipeline;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Unexpected exceptions on the paths. Each costs its packet only; each distinct one is logged once, and counted.
 */
final class PathErrors {

    private static final System.Logger LOG = System.getLogger(PathErrors.class.getName());
    private static final int MAX_DISTINCT = 100;

    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

    void record(RuntimeException error) {
        StackTraceElement[] trace = error.getStackTrace();
        String key = error.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]);
        LongAdder count = counts.get(key);
        if (count == null && counts.size() < MAX_DISTINCT) {
            LongAdder added = new LongAdder();
            count = counts.putIfAbsent(key, added);
            if (count == null) {
                count = added;
                LOG.log(System.Logger.Level.ERROR, "a packet was dropped by an error in the gateway", error);
            }
        }
        if (count != null) {
            count.increment();
        }
    }
}
