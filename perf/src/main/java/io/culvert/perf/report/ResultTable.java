package io.culvert.perf.report;

import io.culvert.lab.WireMode;
import java.util.Collection;
import java.util.Locale;

/** Results for people: a row a peer, a block a metric, with the spread of the rounds. */
public final class ResultTable {

    private ResultTable() {}

    /** All that was measured, what does not count, and what was not there. */
    public static String format(Results results) {
        StringBuilder table = new StringBuilder();
        for (WireMode mode : results.modes()) {
            for (Metric metric : Metric.values()) {
                if (results.has(mode, metric)) {
                    block(table, results, mode, metric);
                }
            }
        }
        list(table, "not counted", results.refusals());
        list(table, "failed in a round", results.failures());
        results.missing().forEach((peer, remedy) -> table.append(String.format("missing: %s: %s%n", peer, remedy)));
        return table.toString();
    }

    private static void list(StringBuilder table, String what, Collection<Results.Refusal> refusals) {
        for (Results.Refusal refusal : refusals) {
            table.append(String.format(
                    "%s, %s mode: %s: %s%n", what, Results.word(refusal.mode()), refusal.peer(), refusal.reason()));
        }
    }

    private static void block(StringBuilder table, Results results, WireMode mode, Metric metric) {
        table.append(String.format(
                Locale.ROOT,
                "%-48s %10s %10s %10s %4s%n",
                Results.word(mode) + ": " + metric.title(),
                "median",
                "min",
                "max",
                "n"));
        for (String peer : results.peers()) {
            Spread spread = results.spread(mode, peer, metric);
            if (spread.count() > 0) {
                table.append(String.format(
                        Locale.ROOT,
                        "  %-46s %10s %10s %10s %4d%n",
                        peer,
                        Metric.format(spread.median()),
                        Metric.format(spread.min()),
                        Metric.format(spread.max()),
                        spread.count()));
            }
        }
        table.append(System.lineSeparator());
    }
}
