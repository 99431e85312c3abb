package io.culvert.testing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/** What a piece of code allocates once it is warm. */
public final class Allocations {
    /** Some rounds at least; and as long as anything is allocated, until the compiler has had time even on a busy machine. */
    private static final int ROUNDS = 4;

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    private Allocations() {}

    /**
     * Heap bytes that the calling thread allocates in one run: the least of several runs, for the machinery that measures
     * and compiles allocates now and then, while code that allocates does so every time.
     */
    public static long inBytes(Runnable code) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        long start = System.nanoTime();
        for (int round = 0; round < ROUNDS || (least > 0 && System.nanoTime() - start < PATIENCE); round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            code.run();
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}
