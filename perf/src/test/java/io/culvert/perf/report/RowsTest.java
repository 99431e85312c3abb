package io.culvert.perf.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.perf.load.Iperf;
import io.culvert.perf.load.RoundTrips;
import io.culvert.perf.load.UdpTrial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The files of throughput and latency runs, read back by those who will read them. */
class RowsTest {

    @TempDir
    private Path directory;

    @Test
    void throughputTellsRatesCostsAndFaults() {
        ThroughputRows rows = new ThroughputRows();
        rows.addTcp("a", 4, "back", new Iperf.Result(3.5, 2, 1.25));
        rows.addUdp(
                "a",
                "64 B",
                1000,
                1100,
                List.of(
                        new UdpTrial(1000, 1000, 1000, 1000, 0, 0, 0, 0, 900),
                        new UdpTrial(2000, 2000, 2000, 1500, 1, 2, 3, 4, 500)));

        assertThat(rows.table()).containsPattern("a +4 +back +3\\.50 +1\\.25 +2");
        JsonNode udp = JsonMapper.shared().readTree(rows.json(Map.of())).at("/udp/0");
        assertThat(udp.path("zero-loss-pps").asDouble()).isEqualTo(1000);
        assertThat(udp.path("cpu-ns-per-packet").asDouble()).isEqualTo(900);
        assertThat(udp.path("reordered").asInt()).isEqualTo(1);
        assertThat(udp.path("duplicated").asInt()).isEqualTo(2);
        assertThat(udp.path("corrupted").asInt()).isEqualTo(3);
        assertThat(udp.path("rig-drops").asInt()).isEqualTo(4);
    }

    @Test
    void latencyIsWrittenAsTableJsonLogAndChart() throws IOException {
        Histogram histogram = new Histogram(10_000_000_000L, 3);
        for (int micros = 1; micros <= 1000; micros++) {
            histogram.recordValue(micros * 1000L);
        }
        histogram.setStartTimeStamp(1_000);
        histogram.setEndTimeStamp(2_000);
        LatencyRows rows = new LatencyRows();
        rows.add("a", "50%", 2000, new RoundTrips.Result(2000, histogram));

        assertThat(rows.table()).containsPattern("a +50% +2,000 +500 .* 50\\.000");
        JsonNode row = JsonMapper.shared().readTree(rows.json(Map.of())).at("/round-trips/0");
        assertThat(row.path("p50-us").asDouble()).isBetween(499.0, 501.0);
        assertThat(row.path("p99.99-us").asDouble()).isBetween(999.0, 1001.0);
        assertThat(rows.writeLogsAndCharts(directory)).isEmpty();
        HistogramLogReader reader = new HistogramLogReader(
                directory.resolve("latency-a-50percent.hlog").toFile());
        assertThat(reader.nextIntervalHistogram()).isEqualTo(histogram);
        reader.close();
        Path chart = directory.resolve("latency-50percent.png");
        assertThat(Files.size(chart)).isPositive();
        assertThat(ImageIO.read(chart.toFile()).getHeight()).isGreaterThan(300);
    }
}
