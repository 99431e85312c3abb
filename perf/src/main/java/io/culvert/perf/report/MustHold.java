package io.culvert.perf.report;

import static io.culvert.perf.report.Ratio.added;
import static io.culvert.perf.report.Ratio.atLeast;
import static io.culvert.perf.report.Ratio.atMost;
import static io.culvert.perf.report.Ratio.median;

import io.culvert.perf.peer.Peers;
import java.util.ArrayList;
import java.util.List;

/** The ratios that Culvert promises on a machine with two processors. */
public final class MustHold {

    private static final String SUPER = Peers.CULVERT_IPIP;
    private static final String SPLIT = Peers.CULVERT_IPIP_SPLIT;
    private static final int MANY_PROCESSORS = 4;

    private MustHold() {}

    /**
     * All of them.
     *
     * @param processors of this machine: one bound holds from four on
     */
    public static List<Ratio> ratios(int processors) {
        double staged = processors >= MANY_PROCESSORS ? 1.3 : Double.NaN;
        List<Ratio> ratios = new ArrayList<>();
        ratios.add(tcp("super lane : in-kernel eBPF IPIP", SUPER, Peers.EBPF_IPIP, 0.95, 0.80));
        ratios.add(tcp("super lane : plain veth without tunnel", SUPER, Peers.PLAIN, 0.65, 0.65));
        ratios.add(tcp("super lane : socat", SUPER, Peers.SOCAT, 10, 18));
        ratios.add(tcp("super lane : own split lane", SUPER, SPLIT, 2.5, 2.5));
        ratios.add(tcp("split lane : one packet a call", SPLIT, Peers.ONE_PACKET, 1.5, 1.5));
        ratios.add(tcp("gre : ipip, super lane", Peers.CULVERT_GRE, SUPER, 0.95, 0.95));
        ratios.add(tcp("gre with key : ipip, super lane", Peers.CULVERT_GRE_KEY, SUPER, 0.95, 0.95));
        ratios.add(tcp("sit : ipip, super lane", Peers.CULVERT_SIT, SUPER, 0.95, 0.95));
        ratios.add(udp("64 B UDP without loss, ipip : socat", SUPER, Peers.SOCAT, 3));
        ratios.add(udp("64 B UDP without loss, ipip : Open vSwitch GRE", SUPER, Peers.OVS_GRE, 1.2));
        ratios.add(udp("64 B UDP without loss, gre : Open vSwitch GRE", Peers.CULVERT_GRE, Peers.OVS_GRE, 1.2));
        ratios.add(atMost(
                "p50 round trip added at 1,000 packets/s, ipip : socat",
                added(SUPER, Peers.PLAIN, Metric.RTT_P50),
                added(Peers.SOCAT, Peers.PLAIN, Metric.RTT_P50),
                0.8));
        ratios.add(atMost(
                "round trip at half load, p99.9 : p50",
                median(SUPER, Metric.RTT_LOADED_P999),
                median(SUPER, Metric.RTT_LOADED_P50),
                5));
        ratios.add(tcp(
                "gre csum, split lane, staged : fused",
                Peers.CULVERT_GRE_CSUM + Peers.STAGED,
                Peers.CULVERT_GRE_CSUM,
                staged,
                staged));
        return ratios;
    }

    private static Ratio tcp(String label, String peer, String other, double wire, double veth) {
        return atLeast(label, median(peer, Metric.TCP), median(other, Metric.TCP), wire, veth);
    }

    private static Ratio udp(String label, String peer, String other, double bound) {
        return atLeast(label, median(peer, Metric.UDP_64), median(other, Metric.UDP_64), bound, bound);
    }
}
