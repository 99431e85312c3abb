package io.culvert.perf.report;

import io.culvert.perf.load.RoundTrips;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What {@code culvert bench latency} found, for people and programs. Any thread may call. */
public final class LatencyRows {

    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99, 100};
    private static final double NANOS_PER_MICRO = 1000;

    private final List<Row> rows = new ArrayList<>();

    /**
     * A rate that was held.
     *
     * @param load {@code 1000pps}, or a share of the highest rate without loss, as {@code 50%}
     * @param rate packets a second
     */
    private record Row(String peer, String load, double rate, RoundTrips.Result result) {}

    /** Adds a rate that was held. */
    public synchronized void add(String peer, String load, double rate, RoundTrips.Result result) {
        rows.add(new Row(peer, load, rate, result));
    }

    /** The rows as text, in microseconds. */
    public synchronized String table() {
        StringBuilder table = new StringBuilder();
        table.append(String.format(
                "%-24s %8s %10s %8s %8s %8s %8s %8s %8s %8s%n",
                "round trip, us", "load", "packets/s", "p50", "p90", "p99", "p99.9", "p99.99", "max", "lost %"));
        for (Row row : rows) {
            table.append(String.format(Locale.ROOT, "%-24s %8s %,10.0f", row.peer, row.load, row.rate));
            for (double percentile : PERCENTILES) {
                table.append(String.format(Locale.ROOT, " %8.0f", row.result.micros(percentile)));
            }
            table.append(String.format(Locale.ROOT, " %8.3f%n", 100 * row.result.loss()));
        }
        return table.toString();
    }

    /** The rows as JSON. */
    public synchronized String json(Map<String, Object> machine) {
        ObjectNode report = JsonNodeFactory.instance.objectNode().put("schema", 1);
        ObjectNode where = report.putObject("machine");
        machine.forEach((key, value) -> where.putPOJO(key, value));
        ArrayNode array = report.putArray("round-trips");
        for (Row row : rows) {
            ObjectNode node = array.addObject()
                    .put("peer", row.peer)
                    .put("load", row.load)
                    .put("pps", row.rate)
                    .put("loss", row.result.loss());
            for (double percentile : PERCENTILES) {
                String key = percentile == 100 ? "max-us" : "p" + number(percentile) + "-us";
                node.put(key, row.result.micros(percentile));
            }
        }
        return ResultJson.text(report);
    }

    /**
     * Writes a histogram log a row, in microseconds, and a chart a load.
     *
     * @return what could not be written, and why
     */
    public synchronized List<String> writeLogsAndCharts(Path directory) {
        List<String> problems = new ArrayList<>();
        Map<String, Map<String, Histogram>> loads = new LinkedHashMap<>();
        for (Row row : rows) {
            Histogram histogram = row.result.histogram();
            loads.computeIfAbsent(row.load, load -> new LinkedHashMap<>()).put(row.peer, histogram);
            Path file = directory.resolve("latency-" + row.peer + "-" + word(row.load) + ".hlog");
            try (PrintStream stream = new PrintStream(file.toFile(), StandardCharsets.UTF_8)) {
                HistogramLogWriter writer = new HistogramLogWriter(stream);
                writer.outputLogFormatVersion();
                writer.outputComment("round trips in nanoseconds, shown in microseconds; packets/s: " + row.rate);
                writer.outputLegend();
                writer.outputIntervalHistogram(
                        histogram.getStartTimeStamp() / 1000.0,
                        histogram.getEndTimeStamp() / 1000.0,
                        histogram,
                        NANOS_PER_MICRO);
            } catch (IOException e) {
                problems.add("cannot write " + file + ": " + e.getMessage());
            }
        }
        loads.forEach((load, histograms) -> {
            Path file = directory.resolve("latency-" + word(load) + ".png");
            String problem = Charts.write(Charts.percentiles(histograms, "Round trips, load " + load), file);
            if (!problem.isEmpty()) {
                problems.add(problem);
            }
        });
        return problems;
    }

    private static String word(String load) {
        return load.replace("%", "percent");
    }

    private static String number(double percentile) {
        return percentile == Math.rint(percentile) ? Long.toString((long) percentile) : Double.toString(percentile);
    }
}
