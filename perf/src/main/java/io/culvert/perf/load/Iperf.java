package io.culvert.perf.load;

import io.culvert.lab.Host;
import io.culvert.lab.LabException;
import io.culvert.lab.LabProcess;
import io.culvert.lab.Requirements;
import io.culvert.perf.peer.Bed;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** TCP as fast as it goes, by iperf3: a tool that others know, and that does nothing with the bytes but move them. */
public final class Iperf {

    private static final Duration START = Duration.ofSeconds(5);
    private static final Duration SLACK = Duration.ofSeconds(10);
    private static final String PORT = "5201";
    /** Runs got faster for so long, those of the kernel's own peers too. */
    private static final int WARM_UP_SECONDS = 5;

    private Iperf() {}

    /**
     * What one run gave.
     *
     * @param gigabits payload received, in gigabits a second
     * @param retransmits segments that were sent again
     * @param cpuNanosPerByte busy time of all processors for a byte of payload
     */
    public record Result(double gigabits, long retransmits, double cpuNanosPerByte) {}

    /** Version, for reports. Fails by name where it is missing. */
    public static String version(Host host) {
        Requirements.requireProgram("iperf3", "it measures TCP");
        return host.exec("iperf3", "--version").out().lines().findFirst().orElse("iperf3");
    }

    /** Warms a peer's path up, from left to right. */
    public static void warmUp(Bed bed) {
        run(bed.left(), bed.right(), bed.ends().right(), WARM_UP_SECONDS, 1);
    }

    /**
     * Runs it.
     *
     * @param address of {@code to}
     * @param flows TCP connections at the same time
     */
    public static Result run(Host from, Host to, InetAddress address, int seconds, int flows) {
        String server = address.getHostAddress();
        try (LabProcess listener = to.start("iperf3", "-s", "-1", "-B", server, "-p", PORT, "--forceflush")) {
            listener.awaitOutput("^Server listening", START);
            List<String> command = new ArrayList<>(List.of("iperf3", "-J", "-c", server, "-p", PORT));
            command.addAll(List.of("-t", Integer.toString(seconds), "-P", Integer.toString(flows)));
            HostCpu before = HostCpu.now();
            String out = from.exec(SLACK.plusSeconds(seconds), command).out();
            double busy = HostCpu.now().busyNanosSince(before);
            return parse(out, busy);
        }
    }

    /** Reads iperf3's JSON. */
    static Result parse(String json, double busyNanos) {
        JsonNode report = JsonMapper.shared().readTree(json);
        JsonNode end = report.path("end");
        double bits = end.path("sum_received").path("bits_per_second").asDouble(0);
        double bytes = end.path("sum_received").path("bytes").asDouble(0);
        if (bytes == 0) {
            throw new LabException("iperf3: " + report.path("error").asString("nothing arrived"));
        }
        return new Result(bits / 1e9, end.path("sum_sent").path("retransmits").asLong(0), busyNanos / bytes);
    }
}
