package io.culvert.perf.report;

import java.util.Arrays;
import java.util.Collection;

/**
 * The middle and the ends of what several runs gave; not numbers if there was none.
 *
 * @param count runs
 */
public record Spread(int count, double min, double median, double max) {

    /** What no run gave. */
    public static final Spread NONE = new Spread(0, Double.NaN, Double.NaN, Double.NaN);

    /** Of any number of values, in any order. */
    public static Spread of(Collection<Double> values) {
        if (values.isEmpty()) {
            return NONE;
        }
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new Spread(sorted.length, sorted[0], median(sorted), sorted[sorted.length - 1]);
    }

    /** The middle value, or the mean of the two; of an array that is sorted and not empty. */
    public static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
    }
}
