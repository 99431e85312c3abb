package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.ConfigLoader;
import io.culvert.config.ConfigWriter;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.testing.Alone;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Thousands of tunnels: what a check, a start, one more tunnel and a stop cost. {@code -Dculvert.tunnels=10000} for as many
 * as are promised. The bounds are those of 10,000 tunnels on an idle machine. Check and load are bounded in processor time,
 * so that a busy machine fails none; one more tunnel, beside which the JVM compiles what came before, and the stop, in which the
 * kernel merely waits, in time.
 */
@Tag("perf")
@Timeout(value = 600, unit = TimeUnit.SECONDS)
@Alone
class ManyTunnelsIT {

    private static final int TUNNELS = Integer.getInteger("culvert.tunnels", 1_000);
    private static final int ADDED = 30;
    private static final int WARM_UP = 5;
    private static final int REFUSED = 2;

    @Test
    void checksLoadsGrowsAndStopsInTime() throws Exception {
        try (Lab lab = Lab.twoHosts()) {
            Host host = lab.left();
            host.exec("ip", "route", "add", "default", "via", "203.0.113.2").orThrow();
            String toml = toml(host, TUNNELS);
            Path file = Files.writeString(host.directory().resolve("many.toml"), toml);
            Cost check = Cost.start(Cost::ofThisThread);
            assertThat(ConfigLoader.load(file, null, Map.of()).problems()).isEmpty();
            check.stop();

            LabGateway gateway = LabGateway.on(host).text(toml).launch();
            Cost load = new Cost(System.nanoTime(), Duration.ZERO, () -> Cost.ofProcess(gateway));
            gateway.process().awaitOutput("^ready$", Duration.ofSeconds(300));
            load.stop();
            for (int i = 0; i < WARM_UP; i++) {
                gateway.add(tunnel(TUNNELS + i, host));
            }
            long[] millis = new long[ADDED];
            Cost adds = Cost.start(() -> Cost.ofProcess(gateway));
            for (int i = 0; i < ADDED; i++) {
                long start = System.nanoTime();
                gateway.add(tunnel(TUNNELS + WARM_UP + i, host));
                millis[i] = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            }
            adds.stop();
            Arrays.sort(millis);
            String memory = memory(gateway);
            long start = System.nanoTime();
            assertThat(gateway.process().terminate(Duration.ofSeconds(120))).isIn(0, 143);
            Duration stop = Duration.ofNanos(System.nanoTime() - start);
            System.out.printf(
                    "%d tunnels: check %s, load %s, %d more %s (median %d ms, worst %d ms), stop %d ms, %s%n",
                    TUNNELS, check, load, ADDED, adds, millis[ADDED / 2], millis[ADDED - 1], stop.toMillis(), memory);

            assertThat(check.processor).isLessThan(Duration.ofSeconds(2));
            assertThat(load.processor).isLessThan(Duration.ofSeconds(20));
            assertThat(millis[ADDED / 2]).as("ms for one more, median").isLessThan(50);
            assertThat(stop).isLessThan(Duration.ofSeconds(20));
            assertThat(host.ipJson("link", "show", "type", "tun")).isEmpty();
        }
    }

    @Test
    void moreTunnelsThanFileDescriptorsAreRefusedWithTheRemedy() {
        try (Lab lab = Lab.twoHosts()) {
            LabGateway gateway = LabGateway.on(lab.left())
                    .wrapper("prlimit", "--nofile=200:200")
                    .text(toml(lab.left(), 300))
                    .launch();

            gateway.process().awaitError("tunnel \"t\\d+\".*EMFILE.*LimitNOFILE", Duration.ofSeconds(30));

            assertThat(gateway.process().exitCode(Duration.ofSeconds(30))).isEqualTo(REFUSED);
            assertThat(lab.left().ipJson("link", "show", "type", "tun")).isEmpty();
        }
    }

    /** Time and processor time of one step. */
    private static final class Cost {

        private final Meter meter;
        private final long start;
        private final Duration before;
        private Duration time = Duration.ZERO;
        private Duration processor = Duration.ZERO;

        @FunctionalInterface
        private interface Meter {
            Duration read() throws IOException;
        }

        private Cost(long start, Duration before, Meter meter) {
            this.start = start;
            this.before = before;
            this.meter = meter;
        }

        static Cost start(Meter meter) throws IOException {
            return new Cost(System.nanoTime(), meter.read(), meter);
        }

        void stop() throws IOException {
            time = Duration.ofNanos(System.nanoTime() - start);
            processor = meter.read().minus(before);
        }

        static Duration ofThisThread() {
            return Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
        }

        /** User and system time of all the gateway's threads, as proc(5) has it: in hundredths of a second. */
        static Duration ofProcess(LabGateway gateway) throws IOException {
            String stat = Files.readString(
                    Path.of("/proc", Long.toString(gateway.process().pid()), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Duration.ofMillis(10 * (Long.parseLong(fields[11]) + Long.parseLong(fields[12])));
        }

        @Override
        public String toString() {
            return time.toMillis() + " ms (processor " + processor.toMillis() + " ms)";
        }
    }

    private static String memory(LabGateway gateway) throws IOException {
        return Files.readAllLines(
                        Path.of("/proc", Long.toString(gateway.process().pid()), "status"))
                .stream()
                .filter(line -> line.startsWith("VmHWM"))
                .findFirst()
                .orElse("")
                .replaceAll("\\s+", " ");
    }

    private static String toml(Host host, int tunnels) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        ArrayNode array = tree.putArray("tunnel");
        for (int i = 0; i < tunnels; i++) {
            array.add(TunnelSpecCodec.encode(tunnel(i, host)));
        }
        return ConfigWriter.toToml(tree);
    }

    private static TunnelSpec tunnel(int number, Host host) {
        try {
            byte[] remote = {(byte) 198, (byte) (18 + (number >> 16)), (byte) (number >> 8), (byte) number};
            return TunnelSpec.builder("t" + number, Mode.GRE)
                    .local(host.address())
                    .remote(InetAddress.getByAddress(remote))
                    .key(number)
                    .build();
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
