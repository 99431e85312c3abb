package io.culvert.testing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What a piece of code allocates once it is warm. */
public final class Allocations {
    private static final int ROUNDS = 4;

    private Allocations() {}

    /**
     * Heap bytes that the calling thread allocates in one run: the least of several runs, for the machinery that measures
     * and compiles allocates now and then, while code that allocates does so every time.
     */
    public static long inBytes(Runnable code) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            code.run();
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}
