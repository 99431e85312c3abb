package io.culvert.perf.report;

import java.util.Locale;

/** What is measured of a peer. */
public enum Metric {
    TCP("tcp-gbps", "TCP, Gb/s"),
    TCP_BACK("tcp-back-gbps", "TCP back, Gb/s"),
    TCP_4("tcp-4-gbps", "4 TCP flows, Gb/s"),
    TCP_4_BACK("tcp-4-back-gbps", "4 TCP flows back, Gb/s"),
    TCP_CPU("tcp-cpu-ns-per-byte", "CPU, ns/byte"),
    UDP_64("udp-64-zero-loss-pps", "64 B UDP without loss, packets/s"),
    RTT_P50("rtt-1000pps-p50-us", "round trip at 1,000 packets/s, p50, us"),
    RTT_LOADED_P50("rtt-half-load-p50-us", "round trip at half load, p50, us"),
    RTT_LOADED_P999("rtt-half-load-p999-us", "round trip at half load, p99.9, us");

    private final String word;
    private final String title;

    Metric(String word, String title) {
        this.word = word;
        this.title = title;
    }

    /** The key in JSON. */
    public String word() {
        return word;
    }

    /** What it is and its unit, for people. */
    public String title() {
        return title;
    }

    /** A value with as many digits as it is worth. */
    public static String format(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        int decimals = value >= 1000 ? 0 : value >= 100 ? 1 : 2;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
