package io.culvert.pipeline;

/**
 * How a path's threads wait and how much they take at once.
 *
 * @param batch packets that are received at once, at most; 1 to {@link #MAX_BATCH}
 * @param pollNanos how long a thread that finds no packet looks for one before it sleeps; 0 sleeps at once
 * @param adaptive whether it looks only as long as that finds packets
 */
public record Tuning(int batch, long pollNanos, boolean adaptive) {

    /** The largest batch. */
    public static final int MAX_BATCH = IngressStage.MAX_BATCH;

    public Tuning {
        if (batch < 1 || batch > MAX_BATCH) {
            throw new IllegalArgumentException(batch + " packets are no batch: use 1 to " + MAX_BATCH);
        }
    }

    IdleStrategy idle() {
        return new IdleStrategy(pollNanos, adaptive);
    }

    /** How long a staged path's later threads spin before they park: only where polling was asked for outright. */
    long spinNanos() {
        return adaptive ? 0 : pollNanos;
    }
}
