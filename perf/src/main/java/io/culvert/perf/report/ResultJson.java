package io.culvert.perf.report;

import io.culvert.lab.WireMode;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Results for programs. */
public final class ResultJson {

    private static final int SCHEMA = 1;

    private ResultJson() {}

    /**
     * All that was measured, every round's value, the ratios, and where.
     *
     * @param machine what was measured on and how, by key
     */
    public static ObjectNode of(Results results, List<Ratio> ratios, Map<String, Object> machine) {
        ObjectNode report = JsonNodeFactory.instance.objectNode().put("schema", SCHEMA);
        ObjectNode where = report.putObject("machine");
        machine.forEach((key, value) -> where.putPOJO(key, value));
        ObjectNode versions = report.putObject("versions");
        results.peers().forEach(peer -> versions.put(peer, results.versions().get(peer)));
        ObjectNode missing = report.putObject("missing");
        results.missing().forEach(missing::put);
        ObjectNode proofs = report.putObject("seen-on-the-link");
        results.proofs().forEach(proofs::put);
        putRefusals(report.putArray("not-counted"), results.refusals());
        putRefusals(report.putArray("failed"), results.failures());
        ArrayNode figures = report.putArray("figures");
        ArrayNode bounds = report.putArray("ratios");
        for (WireMode mode : results.modes()) {
            putFigures(figures, results, mode);
            ratios.forEach(ratio -> putRatio(bounds, ratio, results, mode));
        }
        return report;
    }

    /** The text of the file. */
    public static String text(ObjectNode report) {
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(report) + System.lineSeparator();
    }

    private static void putRefusals(ArrayNode array, Collection<Results.Refusal> refusals) {
        for (Results.Refusal refusal : refusals) {
            array.addObject()
                    .put("mode", Results.word(refusal.mode()))
                    .put("peer", refusal.peer())
                    .put("reason", refusal.reason());
        }
    }

    private static void putFigures(ArrayNode figures, Results results, WireMode mode) {
        for (String peer : results.peers()) {
            for (Metric metric : Metric.values()) {
                Spread spread = results.spread(mode, peer, metric);
                if (spread.count() > 0) {
                    ObjectNode figure = figures.addObject()
                            .put("mode", Results.word(mode))
                            .put("peer", peer)
                            .put("metric", metric.word())
                            .put("median", spread.median())
                            .put("min", spread.min())
                            .put("max", spread.max());
                    ArrayNode values = figure.putArray("values");
                    results.values(mode, peer, metric).forEach(values::add);
                }
            }
        }
    }

    private static void putRatio(ArrayNode bounds, Ratio ratio, Results results, WireMode mode) {
        ObjectNode node = bounds.addObject()
                .put("mode", Results.word(mode))
                .put("ratio", ratio.label())
                .put("verdict", ratio.verdict(results, mode));
        putNumber(node, "value", ratio.value(results, mode));
        putNumber(node, ratio.atMost() ? "at-most" : "at-least", ratio.bound(mode));
    }

    /** JSON has no word for what is not a number. */
    private static void putNumber(ObjectNode node, String key, double value) {
        if (Double.isNaN(value)) {
            node.putNull(key);
        } else {
            node.put(key, value);
        }
    }
}
