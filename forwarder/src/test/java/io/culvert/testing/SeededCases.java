package io.culvert.testing;

import java.util.SplittableRandom;

/**
 * Random cases that can be had again: case n draws from a generator of seed n, and a failure names its seed.
 * {@code -Dculvert.seed=N} runs that case alone.
 */
public final class SeededCases {
    private static final String PROPERTY = "culvert.seed";

    private SeededCases() {}

    /** What is to hold for every case. */
    @FunctionalInterface
    public interface Property {
        void check(SplittableRandom random);
    }

    /** Checks seeds 0 to {@code cases - 1}. */
    public static void check(int cases, Property property) {
        Long only = Long.getLong(PROPERTY);
        if (only != null) {
            checkOne(only, property);
            return;
        }
        for (int seed = 0; seed < cases; seed++) {
            checkOne(seed, property);
        }
    }

    private static void checkOne(long seed, Property property) {
        try {
            property.check(new SplittableRandom(seed));
        } catch (RuntimeException | Error e) {
            throw new AssertionError(
                    "seed " + seed + " (again: -D" + PROPERTY + "=" + seed + "): " + e.getMessage(), e);
        }
    }
}
