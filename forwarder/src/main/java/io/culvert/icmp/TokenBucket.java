package io.culvert.icmp;

/**
 * A limit on how often something happens: a rate a second and a burst. Keeps one instant instead of counting tokens (the
 * generic cell rate algorithm), so it needs no timer. Not for several threads at once.
 */
public final class TokenBucket {
    /** Up to here the interval's rounding to nanoseconds changes the rate by less than a thousandth. */
    private static final int MAX_PER_SECOND = 1_000_000;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final long intervalNs;
    private final long toleranceNs;

    /** When the bucket will be full again; in the past if it is. */
    private long fullAtNs;

    /**
     * A full bucket.
     *
     * @param perSecond 1 to 1,000,000
     * @param burst how many may happen at once, at least 1
     * @param nowNs any monotonic clock, such as {@code System.nanoTime()}
     */
    public TokenBucket(int perSecond, int burst, long nowNs) {
        if (perSecond < 1 || perSecond > MAX_PER_SECOND) {
            throw new IllegalArgumentException("rate " + perSecond + "/s is not in 1 to " + MAX_PER_SECOND);
        }
        if (burst < 1) {
            throw new IllegalArgumentException("burst " + burst + " is below 1");
        }
        intervalNs = NANOS_PER_SECOND / perSecond;
        toleranceNs = (burst - 1) * intervalNs;
        fullAtNs = nowNs;
    }

    /**
     * Whether it may happen now; if so, it counts.
     *
     * @param nowNs of the same clock
     */
    public boolean tryTake(long nowNs) {
        long untilFullNs = Math.max(0, fullAtNs - nowNs);
        if (untilFullNs > toleranceNs) {
            return false;
        }
        fullAtNs = nowNs + untilFullNs + intervalNs;
        return true;
    }
}
