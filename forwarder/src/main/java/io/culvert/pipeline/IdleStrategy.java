package io.culvert.pipeline;

/**
 * What a path's first thread does while no packet is there: it may look for packets for a while, which finds them sooner than
 * a wake-up would bring them and takes a processor meanwhile, and then sleeps in the kernel. Adaptively it looks only as long
 * as that pays: the time grows with each packet that it would have found, and shrinks with each that it would not. One thread;
 * one instance each.
 */
final class IdleStrategy {

    /** The shortest time worth looking. */
    private static final long SHORTEST_NANOS = 5_000;

    private final long longestNanos;
    private final boolean adaptive;
    private long pollNanos;

    /**
     * @param longestNanos how long to look for packets before sleeping, at most; 0 sleeps at once
     * @param adaptive whether to look only as long as that finds packets
     */
    IdleStrategy(long longestNanos, boolean adaptive) {
        this.longestNanos = longestNanos;
        this.adaptive = adaptive;
        pollNanos = adaptive ? 0 : longestNanos;
    }

    /** Waits until there may be a packet, or {@link IngressStage#wakeUp} was called. */
    void await(IngressStage ingress) {
        if (longestNanos == 0) {
            ingress.await(-1);
            return;
        }
        long start = System.nanoTime();
        boolean found = poll(ingress, start);
        if (!found) {
            ingress.await(-1);
        }
        if (adaptive && !found) {
            adapt(System.nanoTime() - start);
        }
    }

    /** Yields between two looks: on a host with too few processors the next packet is made by who else runs here. */
    @SuppressWarnings("ThreadPriorityCheck") // a hint is all that is needed
    private boolean poll(IngressStage ingress, long start) {
        if (pollNanos == 0) {
            return false;
        }
        do {
            if (ingress.await(0)) {
                return true;
            }
            Thread.yield();
        } while (System.nanoTime() - start < pollNanos);
        return false;
    }

    private void adapt(long waitedNanos) {
        if (waitedNanos <= longestNanos) {
            pollNanos = Math.min(Math.max(2 * pollNanos, SHORTEST_NANOS), longestNanos);
        } else {
            pollNanos = pollNanos / 2 < SHORTEST_NANOS ? 0 : pollNanos / 2;
        }
    }

    /** How long the next wait looks for packets. */
    long pollNanos() {
        return pollNanos;
    }
}
