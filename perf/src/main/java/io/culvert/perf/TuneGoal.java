package io.culvert.perf;

import io.culvert.perf.load.Iperf;
import io.culvert.perf.load.PacketSizes;
import io.culvert.perf.load.RateSearch;
import io.culvert.perf.load.RoundTrips;
import io.culvert.perf.load.UdpRig;
import io.culvert.perf.peer.Bed;
import java.time.Duration;

/** What a host is tuned for. The names are words of the command line. */
enum TuneGoal {
    throughput("Gb/s", false),
    packets("packets/s", false),
    latency("us, 99th percentile", true);

    private static final double SLOW = 1000;

    private final String unit;
    private final boolean lessIsBetter;

    TuneGoal(String unit, boolean lessIsBetter) {
        this.unit = unit;
        this.lessIsBetter = lessIsBetter;
    }

    String unit() {
        return unit;
    }

    /** How many times as good one value is as another one. */
    double gain(double value, double than) {
        return lessIsBetter ? than / value : value / than;
    }

    /** Measures it. */
    double measure(Bed bed, int seconds) {
        Duration length = Duration.ofSeconds(seconds);
        switch (this) {
            case throughput -> {
                return Iperf.run(bed.left(), bed.right(), bed.ends().right(), seconds, 1)
                        .gigabits();
            }
            case packets -> {
                try (UdpRig rig = UdpRig.open(bed)) {
                    return new RateSearch(rate -> rig.run(PacketSizes.of(64), rate, length)).highest(0);
                }
            }
            case latency -> {
                try (RoundTrips trips = RoundTrips.open(bed)) {
                    return trips.run(SLOW, length).micros(99);
                }
            }
        }
        throw new IllegalStateException("no such goal: " + this);
    }
}
