package io.culvert.perf.report;

import io.culvert.lab.WireMode;
import java.util.List;
import java.util.Locale;

/**
 * A ratio that must hold, computed from medians.
 *
 * @param label what is compared
 * @param wire its bound in wire mode; not a number if there is none
 * @param veth its bound in veth mode
 * @param atMost whether the bound is the highest that may be, not the lowest
 */
public record Ratio(String label, Value above, Value below, double wire, double veth, boolean atMost) {

    /** One side of a ratio. */
    @FunctionalInterface
    public interface Value {
        /** The value in that mode; not a number if it was not measured. */
        double of(Results results, WireMode mode);
    }

    /** The median of a peer's values. */
    public static Value median(String peer, Metric metric) {
        return (results, mode) -> results.spread(mode, peer, metric).median();
    }

    /** What a peer adds to another one's median. */
    public static Value added(String peer, String base, Metric metric) {
        return (results, mode) -> results.spread(mode, peer, metric).median()
                - results.spread(mode, base, metric).median();
    }

    /** A ratio that must be reached. */
    static Ratio atLeast(String label, Value above, Value below, double wire, double veth) {
        return new Ratio(label, above, below, wire, veth, false);
    }

    /** A ratio that must not be passed, in either mode. */
    static Ratio atMost(String label, Value above, Value below, double bound) {
        return new Ratio(label, above, below, bound, bound, true);
    }

    /** Its value in that mode; not a number if a side was not measured. */
    public double value(Results results, WireMode mode) {
        return above.of(results, mode) / below.of(results, mode);
    }

    /** Its bound in that mode. */
    public double bound(WireMode mode) {
        return mode == WireMode.WIRE ? wire : veth;
    }

    /** What to say of it: {@code met}, {@code missed}, {@code reported} where it has no bound, or {@code not measured}. */
    public String verdict(Results results, WireMode mode) {
        double value = value(results, mode);
        double bound = bound(mode);
        if (Double.isNaN(value)) {
            return "not measured";
        }
        if (Double.isNaN(bound)) {
            return "reported";
        }
        return (atMost ? value <= bound : value >= bound) ? "met" : "missed";
    }

    /** The ratios as a table. */
    public static String table(List<Ratio> ratios, Results results) {
        StringBuilder table = new StringBuilder();
        for (WireMode mode : results.modes()) {
            table.append(String.format(
                    Locale.ROOT, "%-56s %8s %10s  %s%n", "ratio, " + Results.word(mode) + " mode", "", "bound", ""));
            for (Ratio ratio : ratios) {
                double bound = ratio.bound(mode);
                table.append(String.format(
                        Locale.ROOT,
                        "%-56s %8s %10s  %s%n",
                        ratio.label,
                        Metric.format(ratio.value(results, mode)),
                        Double.isNaN(bound) ? "-" : (ratio.atMost ? "<= " : ">= ") + Metric.format(bound),
                        ratio.verdict(results, mode)));
            }
            table.append(System.lineSeparator());
        }
        return table.toString();
    }
}
