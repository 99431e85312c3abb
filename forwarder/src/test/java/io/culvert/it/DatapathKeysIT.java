package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.LabProcess;
import io.culvert.lab.UdpFlood;
import io.culvert.testing.Alone;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What the keys of {@code [datapath]} do to a gateway at work, as the kernel sees it. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
@Alone
class DatapathKeysIT {

    private static final int IDLE_MILLIS = 3_000;
    private static final int IDLE_SPANS = 10;
    private static final double MOST_IDLE_SECONDS = IDLE_MILLIS / 1000.0 * 0.03;
    private static final double TICKS_PER_SECOND = 100;
    private static final InetAddress RIGHT_INNER = InetAddress.ofLiteral("192.0.2.2");

    @ParameterizedTest
    @ValueSource(strings = {"balanced", "throughput", "latency"})
    void anIdleGatewayTakesNoProcessorTimeWhateverThePreset(String preset) throws Exception {
        try (Lab lab = Lab.twoHosts();
                LabGateway gateway = gateway(lab.left(), lab.right(), "192.0.2.1", "preset = \"" + preset + "\"")) {
            gateway.awaitReady();
            Thread.sleep(500);
            double seconds = idleSeconds(gateway);
            // For some seconds after the start the JVM compiles, for longer on a busy machine.
            for (int span = 1; span < IDLE_SPANS && seconds >= MOST_IDLE_SECONDS; span++) {
                seconds = idleSeconds(gateway);
            }
            assertThat(seconds)
                    .as("processor seconds of the whole process in %d idle ms", IDLE_MILLIS)
                    .isLessThan(MOST_IDLE_SECONDS);
        }
    }

    private static double idleSeconds(LabGateway gateway) throws Exception {
        Path stat = Path.of("/proc/" + gateway.process().pid() + "/stat");
        long before = ticks(stat);
        Thread.sleep(IDLE_MILLIS);
        return (ticks(stat) - before) / TICKS_PER_SECOND;
    }

    /**
     * Packets come every millisecond: a thread that polls for longer never sleeps in between, another one does each time. Of
     * preset latency it polls, unless its own key says otherwise.
     */
    @Test
    void aThreadPollsForAsLongAsItIsToldTo() throws Exception {
        String latency = "preset = \"latency\"\nbusy-poll = 100000\n";
        long sleeping = sleeps(latency + "idle = \"sleep\"");
        long polling = sleeps(latency);

        assertThat(sleeping).isGreaterThan(100);
        assertThat(polling).as("%s with idle = sleep", sleeping).isLessThan(sleeping / 10);
    }

    /** How often the encapsulating thread goes to sleep while 1,000 packets a second come for two seconds. */
    private static long sleeps(String datapath) throws Exception {
        try (Lab lab = Lab.twoHosts();
                LabGateway left = gateway(lab.left(), lab.right(), "192.0.2.1", datapath);
                LabGateway right = gateway(lab.right(), lab.left(), "192.0.2.2", "")) {
            left.awaitReady();
            right.awaitReady();
            Path thread = task(left.process(), "culvert-encap");
            UdpFlood warmUp = UdpFlood.start(lab.left(), lab.right(), RIGHT_INNER, 500, 64, 1_000);
            assertThat(warmUp.await().delivered()).isEqualTo(500);
            long before = voluntarySwitches(thread);
            UdpFlood flood = UdpFlood.start(lab.left(), lab.right(), RIGHT_INNER, 2_000, 64, 1_000);
            assertThat(flood.await().delivered()).isEqualTo(2_000);
            return voluntarySwitches(thread) - before;
        }
    }

    /** What auto makes of this host, and of one processor of it. */
    @Test
    void theGatewaySaysWhyItsPipelineIsWhatItIs() {
        try (Lab lab = Lab.twoHosts();
                LabGateway left = gateway(lab.left(), lab.right(), "192.0.2.1", "");
                LabGateway right = gateway(lab.right(), lab.left(), "192.0.2.2", "cpus = [0]")) {
            int processors = Runtime.getRuntime().availableProcessors();
            JsonNode report = left.awaitReady().show();
            assertThat(report.path("pipeline").asString("")).isEqualTo("fused");
            assertThat(report.path("pipeline-reason").asString(""))
                    .startsWith(processors + " processors, " + (processors < 4 ? "and staged gains" : "but no tunnel"));

            JsonNode one = right.awaitReady().show();
            assertThat(one.path("pipeline").asString("")).isEqualTo("fused");
            assertThat(one.path("pipeline-reason").asString(""))
                    .isEqualTo("1 processor, and staged gains with 4 or more");
            assertThat(right.culvert("doctor").out()).contains("pipeline fused: 1 processor");
        }
    }

    @Test
    void threadsAreAsManyAndRunWhereTheyAreToldTo() throws Exception {
        String datapath = "pipeline = \"staged\"\nworkers = 3\ncpus = [1, 0]";
        try (Lab lab = Lab.twoHosts();
                LabGateway gateway = gateway(lab.left(), lab.right(), "192.0.2.1", datapath)) {
            gateway.awaitReady();
            Map<String, String> processors = new TreeMap<>();
            for (String name : new String[] {"encap-in", "encap-wo", "encap-ou", "decap-in", "decap-wo", "decap-ou"}) {
                for (Path task : tasks(gateway.process(), "culvert-" + name)) {
                    processors.merge("culvert-" + name, allowed(task), (one, other) -> one + " " + other);
                }
            }

            // The kernel keeps 15 characters of a name.
            assertThat(processors)
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "culvert-encap-in", "1",
                            "culvert-encap-wo", "0 1 0",
                            "culvert-encap-ou", "1",
                            "culvert-decap-in", "0",
                            "culvert-decap-wo", "1 0 1",
                            "culvert-decap-ou", "0"));
        }
    }

    private static LabGateway gateway(Host here, Host there, String inner, String datapath) {
        String toml = "[datapath]\n" + datapath + "\n[[tunnel]]\nname = \"ipip1\"\nmode = \"ipip\"\nlocal = \""
                + here.address().getHostAddress() + "\"\nremote = \""
                + there.address().getHostAddress() + "\"\naddresses = [\"" + inner + "/30\"]\n";
        return LabGateway.on(here).text(toml).launch();
    }

    private static Path task(LabProcess process, String name) throws IOException {
        return tasks(process, name).iterator().next();
    }

    /** The threads of that name in the order in which they were made; the kernel cuts names. */
    private static Iterable<Path> tasks(LabProcess process, String name) throws IOException {
        Map<Integer, Path> found = new TreeMap<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/task"))) {
            for (Path task : tasks) {
                if (comm(task).startsWith(name.substring(0, Math.min(name.length(), 15)))) {
                    found.put(Integer.parseInt(task.getFileName().toString()), task);
                }
            }
        }
        return found.values();
    }

    /** Empty if the thread has ended meanwhile: the JVM's compilers come and go. */
    private static String comm(Path task) {
        try {
            return Files.readString(task.resolve("comm")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static String allowed(Path task) throws IOException {
        return status(task, "Cpus_allowed_list:");
    }

    /** How often the thread has given up its processor to wait for something. */
    private static long voluntarySwitches(Path task) throws IOException {
        return Long.parseLong(status(task, "voluntary_ctxt_switches:"));
    }

    /** A field of proc_pid_status(5). */
    private static String status(Path task, String field) throws IOException {
        return Files.readAllLines(task.resolve("status")).stream()
                .filter(line -> line.startsWith(field))
                .map(line -> line.substring(field.length()).strip())
                .findFirst()
                .orElseThrow();
    }

    /** User and system time, proc_pid_stat(5): fields 14 and 15, counted behind the name, which may hold spaces. */
    private static long ticks(Path stat) throws IOException {
        String text = Files.readString(stat);
        String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
