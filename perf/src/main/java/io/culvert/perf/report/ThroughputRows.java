package io.culvert.perf.report;

import io.culvert.perf.load.Iperf;
import io.culvert.perf.load.UdpTrial;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What {@code culvert bench throughput} found, for people and programs. Any thread may call. */
public final class ThroughputRows {

    private final List<Tcp> tcp = new ArrayList<>();
    private final List<Udp> udp = new ArrayList<>();

    /** A TCP run; the direction is {@code there} or {@code back}. */
    private record Tcp(String peer, int flows, String direction, Iperf.Result result) {}

    /**
     * A search.
     *
     * @param none highest rate without loss, in packets a second
     * @param few highest rate with at most 0.5 % lost
     * @param cpuNanos busy processor time for a packet at the first rate
     * @param reordered packets, of all trials; and so the others
     */
    private record Udp(
            String peer,
            String sizes,
            double none,
            double few,
            double cpuNanos,
            long reordered,
            long duplicated,
            long corrupted,
            long rigDrops) {}

    /** Adds a TCP run. */
    public synchronized void addTcp(String peer, int flows, String direction, Iperf.Result result) {
        tcp.add(new Tcp(peer, flows, direction, result));
    }

    /** Adds a search and its trials. */
    public synchronized void addUdp(String peer, String sizes, double none, double few, List<UdpTrial> trials) {
        double cpuNanos = trials.stream()
                .min(Comparator.comparingDouble(trial -> Math.abs(trial.offered() - none)))
                .map(UdpTrial::cpuNanos)
                .orElse(Double.NaN);
        udp.add(new Udp(
                peer,
                sizes,
                none,
                few,
                cpuNanos,
                trials.stream().mapToLong(UdpTrial::reordered).sum(),
                trials.stream().mapToLong(UdpTrial::duplicated).sum(),
                trials.stream().mapToLong(UdpTrial::corrupted).sum(),
                trials.stream().mapToLong(UdpTrial::rigDrops).sum()));
    }

    /** The rows as text. */
    public synchronized String table() {
        StringBuilder table = new StringBuilder();
        table.append(String.format(
                "%-32s %6s %-6s %8s %10s %12s%n", "TCP", "flows", "way", "Gb/s", "CPU ns/B", "sent again"));
        for (Tcp row : tcp) {
            table.append(String.format(
                    Locale.ROOT,
                    "%-32s %6d %-6s %8.2f %10.2f %12d%n",
                    row.peer,
                    row.flows,
                    row.direction,
                    row.result.gigabits(),
                    row.result.cpuNanosPerByte(),
                    row.result.retransmits()));
        }
        table.append(String.format(
                "%n%-32s %-7s %12s %12s %12s %9s %9s %9s %8s%n",
                "UDP, packets/s",
                "size",
                "no loss",
                "0.5 % loss",
                "CPU ns/pkt",
                "reordered",
                "twice",
                "corrupt",
                "rig lost"));
        for (Udp row : udp) {
            table.append(String.format(
                    Locale.ROOT,
                    "%-32s %-7s %,12.0f %,12.0f %,12.0f %9d %9d %9d %8d%n",
                    row.peer,
                    row.sizes,
                    row.none,
                    row.few,
                    row.cpuNanos,
                    row.reordered,
                    row.duplicated,
                    row.corrupted,
                    row.rigDrops));
        }
        return table.toString();
    }

    /** The rows as JSON. */
    public synchronized String json(Map<String, Object> machine) {
        ObjectNode report = JsonNodeFactory.instance.objectNode().put("schema", 1);
        ObjectNode where = report.putObject("machine");
        machine.forEach((key, value) -> where.putPOJO(key, value));
        ArrayNode tcpNode = report.putArray("tcp");
        for (Tcp row : tcp) {
            tcpNode.addObject()
                    .put("peer", row.peer)
                    .put("flows", row.flows)
                    .put("direction", row.direction)
                    .put("gbps", row.result.gigabits())
                    .put("cpu-ns-per-byte", row.result.cpuNanosPerByte())
                    .put("retransmits", row.result.retransmits());
        }
        ArrayNode udpNode = report.putArray("udp");
        for (Udp row : udp) {
            udpNode.addObject()
                    .put("peer", row.peer)
                    .put("sizes", row.sizes)
                    .put("zero-loss-pps", row.none)
                    .put("half-percent-loss-pps", row.few)
                    .put("cpu-ns-per-packet", row.cpuNanos)
                    .put("reordered", row.reordered)
                    .put("duplicated", row.duplicated)
                    .put("corrupted", row.corrupted)
                    .put("rig-drops", row.rigDrops);
        }
        return ResultJson.text(report);
    }
}
