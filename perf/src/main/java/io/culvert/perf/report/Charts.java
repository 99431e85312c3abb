package io.culvert.perf.report;

import io.culvert.lab.WireMode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.HistogramIterationValue;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.HorizontalBarChart;
import org.knowm.xchart.HorizontalBarChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Pictures of results, as PNG. */
public final class Charts {

    private static final int WIDTH = 1100;
    private static final int HEIGHT = 600;
    private static final int TITLE_AND_AXIS = 140;
    private static final int BAR = 20;
    private static final int TICKS_PER_HALF = 5;
    private static final double NANOS_PER_MICRO = 1000;

    private Charts() {}

    /** A bar a peer and mode, the first peer on top; peers without a figure are left out. */
    public static HorizontalBarChart bars(Results results, Metric metric, String title) {
        List<String> peers = results.peers().reversed().stream()
                .filter(peer -> results.modes().stream()
                        .anyMatch(mode -> results.spread(mode, peer, metric).count() > 0))
                .toList();
        List<WireMode> modes = results.modes();
        HorizontalBarChart chart = new HorizontalBarChartBuilder()
                .width(WIDTH)
                .height(TITLE_AND_AXIS + peers.size() * BAR * (modes.size() + 1))
                .title(title)
                .xAxisTitle(metric.title())
                .build();
        chart.getStyler().setXAxisMin(0.0);
        // XChart leaves out names by the other axis's hint, which stands for both where bars lie.
        chart.getStyler().setXAxisTickMarkSpacingHint(BAR);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
        for (WireMode mode : modes) {
            List<Double> medians = new ArrayList<>();
            for (String peer : peers) {
                Spread spread = results.spread(mode, peer, metric);
                medians.add(spread.count() == 0 ? 0.0 : spread.median());
            }
            if (!peers.isEmpty()) {
                chart.addSeries(Results.word(mode) + " mode", medians, peers);
            }
        }
        return chart;
    }

    /** A line a name: round trip in microseconds over the percentile, the axis stretched towards 100 %. */
    public static XYChart percentiles(Map<String, ? extends AbstractHistogram> histograms, String title) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("percentile: 1 is 90 %, 2 is 99 %, 3 is 99.9 %, 4 is 99.99 %")
                .yAxisTitle("round trip, us")
                .build();
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
        histograms.forEach((name, histogram) -> {
            List<Double> nines = new ArrayList<>();
            List<Double> micros = new ArrayList<>();
            for (HistogramIterationValue value : histogram.percentiles(TICKS_PER_HALF)) {
                double rest = 1 - value.getPercentileLevelIteratedTo() / 100;
                if (rest > 0) {
                    nines.add(-Math.log10(rest));
                    micros.add(value.getValueIteratedTo() / NANOS_PER_MICRO);
                }
            }
            if (!nines.isEmpty()) {
                chart.addSeries(name, nines, micros).setMarker(SeriesMarkers.NONE);
            }
        });
        return chart;
    }

    /** Writes a chart. Returns why it could not be written, or nothing. */
    public static String write(Chart<?, ?> chart, Path file) {
        System.setProperty("java.awt.headless", "true");
        try {
            BufferedImage image = BitmapEncoder.getBufferedImage(chart);
            ImageIO.write(image, "png", file.toFile());
            return "";
        } catch (IOException | LinkageError | InternalError e) {
            // A JRE without fonts cannot draw text, and says so by an error.
            return "no chart " + file + ": " + e + "; if it is fonts: apt-get install fontconfig fonts-dejavu-core";
        }
    }
}
