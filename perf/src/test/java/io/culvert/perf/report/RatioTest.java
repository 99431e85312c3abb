package io.culvert.perf.report;

import static io.culvert.lab.WireMode.OFFLOADED;
import static io.culvert.lab.WireMode.WIRE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RatioTest {

    private final Results results = new Results();

    @Test
    void spreadIsOfTheSortedValues() {
        assertThat(Spread.of(List.of(3.0, 1.0, 2.0))).isEqualTo(new Spread(3, 1, 2, 3));
        assertThat(Spread.of(List.of(4.0, 1.0)).median()).isEqualTo(2.5);
        assertThat(Spread.of(List.of()).median()).isNaN();
    }

    @Test
    void comparesMediansWithTheModesOwnBound() {
        add("a", Metric.TCP, 8, 10, 100);
        add("b", Metric.TCP, 9, 10, 11);
        Ratio ratio = Ratio.atLeast("a : b", Ratio.median("a", Metric.TCP), Ratio.median("b", Metric.TCP), 1.0, 2.0);

        assertThat(ratio.value(results, WIRE)).isEqualTo(1);
        assertThat(ratio.verdict(results, WIRE)).isEqualTo("met");
        results.add(OFFLOADED, "a", Metric.TCP, 1, 19);
        assertThat(ratio.verdict(results, OFFLOADED)).isEqualTo("not measured");
        results.add(OFFLOADED, "b", Metric.TCP, 1, 10);
        assertThat(ratio.verdict(results, OFFLOADED)).isEqualTo("missed");
    }

    @Test
    void comparesWhatIsAdded() {
        add("plain", Metric.RTT_P50, 30);
        add("ours", Metric.RTT_P50, 70);
        add("theirs", Metric.RTT_P50, 80);
        Ratio ratio = Ratio.atMost(
                "added",
                Ratio.added("ours", "plain", Metric.RTT_P50),
                Ratio.added("theirs", "plain", Metric.RTT_P50),
                0.8);

        assertThat(ratio.value(results, WIRE)).isEqualTo(0.8);
        assertThat(ratio.verdict(results, WIRE)).isEqualTo("met");
        add("ours", Metric.RTT_P50, 72, 74);
        assertThat(ratio.verdict(results, WIRE)).isEqualTo("missed");
    }

    @Test
    void hasNoBoundForWorkersOnFewProcessors() {
        assertThat(MustHold.ratios(2).getLast().bound(WIRE)).isNaN();
        assertThat(MustHold.ratios(4).getLast().bound(WIRE)).isEqualTo(1.3);
    }

    @Test
    void refusedPeersHaveNoFigures() {
        results.takesPart("liar", "1");
        add("liar", Metric.TCP, 50);
        results.refuse(WIRE, "liar", "in the clear");

        assertThat(results.spread(WIRE, "liar", Metric.TCP)).isEqualTo(Spread.of(List.of()));
        assertThat(ResultTable.format(results))
                .contains("not counted, wire mode: liar: in the clear")
                .doesNotContain("50");
    }

    @Test
    void tellsAllInTableAndJson() {
        results.takesPart("a", "a 1.0");
        results.missing("c", "c not found: apt-get install c");
        results.proof(WIRE, "a", "9 packets");
        add("a", Metric.TCP, 1, 3, 2);
        Ratio ratio = Ratio.atLeast("a : b", Ratio.median("a", Metric.TCP), Ratio.median("b", Metric.TCP), 1, 1);

        assertThat(ResultTable.format(results))
                .containsPattern("a +2\\.00 +1\\.00 +3\\.00 +3")
                .contains("missing: c: c not found: apt-get install c");
        assertThat(Ratio.table(List.of(ratio), results)).containsPattern("a : b +- +>= 1\\.00 +not measured");
        JsonNode json = ResultJson.of(results, List.of(ratio), Map.of("kernel", "6.18"));
        assertThat(json.path("schema").asInt()).isEqualTo(1);
        assertThat(json.path("machine").path("kernel").asString()).isEqualTo("6.18");
        assertThat(json.at("/figures/0/median").asDouble()).isEqualTo(2);
        assertThat(json.at("/figures/0/values").size()).isEqualTo(3);
        assertThat(json.at("/ratios/0/value").isNull()).isTrue();
        assertThat(json.at("/missing/c").asString()).contains("apt-get");
    }

    private void add(String peer, Metric metric, double... values) {
        for (double value : values) {
            results.add(WIRE, peer, metric, 1, value);
        }
    }
}
