package io.culvert.perf;

import io.culvert.lab.WireMode;
import io.culvert.perf.load.CheckedTcp;
import io.culvert.perf.load.Iperf;
import io.culvert.perf.load.PacketSizes;
import io.culvert.perf.load.RateSearch;
import io.culvert.perf.load.RoundTrips;
import io.culvert.perf.load.UdpRig;
import io.culvert.perf.peer.Bed;
import io.culvert.perf.peer.WireLook;
import io.culvert.perf.report.Metric;
import io.culvert.perf.report.Results;
import java.time.Duration;
import java.util.Locale;

/** One peer's turn in one round: the proof that it is a tunnel first, then its figures. One thread. */
final class Measurement {

    private static final Duration ROUND_TRIPS = Duration.ofSeconds(2);
    private static final double SLOW = 1000;
    private static final PacketSizes SMALL = PacketSizes.of(64);

    private final Results results;
    private final WireMode mode;
    private final int seconds;
    private final Duration trial;

    /**
     * @param seconds length of a TCP run
     * @param trial length of a UDP trial
     */
    Measurement(Results results, WireMode mode, int seconds, Duration trial) {
        this.results = results;
        this.mode = mode;
        this.seconds = seconds;
        this.trial = trial;
    }

    /** One TCP flow; returns what to say about it. */
    String tcp(Bed bed, int round) {
        String peer = bed.peer().id();
        WireLook.Seen seen = CheckedTcp.prove(bed);
        results.proof(
                mode,
                peer,
                seen.tunnelled() + " packets, all " + bed.peer().format().name());
        Iperf.Result run = Iperf.run(bed.left(), bed.right(), bed.ends().right(), seconds, 1);
        results.add(mode, peer, Metric.TCP, round, run.gigabits());
        results.add(mode, peer, Metric.TCP_CPU, round, run.cpuNanosPerByte());
        return String.format(Locale.ROOT, "%.2f Gb/s, %.2f ns/byte", run.gigabits(), run.cpuNanosPerByte());
    }

    /** The highest rate of small packets without loss; returns what to say about it. */
    String udp(Bed bed, int round) {
        try (UdpRig rig = UdpRig.open(bed)) {
            RateSearch search = new RateSearch(rate -> rig.run(SMALL, rate, trial));
            double rate = search.highest(0);
            results.add(mode, bed.peer().id(), Metric.UDP_64, round, rate);
            return String.format(Locale.ROOT, "%,.0f packets/s without loss", rate);
        }
    }

    /** Round trips at a low rate, and at half of the rate that a round before had found; returns what to say about it. */
    String roundTrips(Bed bed, int round) {
        String peer = bed.peer().id();
        try (RoundTrips trips = RoundTrips.open(bed)) {
            RoundTrips.Result slow = trips.run(SLOW, ROUND_TRIPS);
            results.add(mode, peer, Metric.RTT_P50, round, slow.micros(50));
            // What comes back crosses the tunnel twice, so half of the one-way rate is the whole load.
            double half = results.spread(mode, peer, Metric.UDP_64).median() / 2 / 2;
            if (half > SLOW) {
                RoundTrips.Result loaded = trips.run(half, ROUND_TRIPS);
                results.add(mode, peer, Metric.RTT_LOADED_P50, round, loaded.micros(50));
                results.add(mode, peer, Metric.RTT_LOADED_P999, round, loaded.micros(99.9));
            }
            return String.format(Locale.ROOT, "%.0f us round trip", slow.micros(50));
        }
    }
}
