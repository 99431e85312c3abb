package io.culvert.it;

import static io.culvert.config.GatewayConfig.Lane.AUTO;
import static io.culvert.config.GatewayConfig.Pipeline.FUSED;
import static io.culvert.lab.WireMode.OFFLOADED;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.it.Scenario.Kind;
import io.culvert.lab.LabGateway;
import io.culvert.lab.UdpFlood;
import io.culvert.testing.Alone;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What a packet and what idleness cost, counted by the kernel. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@Alone
class SystemCallsIT {

    private static final int PACKETS = 2_000;
    private static final int IDLE_MILLIS = 3_000;

    /** Packets that come one by one: a second read that finds nothing would be a call a packet. */
    @Test
    void aSinglePacketIsReadByLittleMoreThanOneCall() {
        try (TwoGateways gateways = TwoGateways.start(new Scenario(Kind.IPIP, AUTO, FUSED, OFFLOADED))) {
            long before = reads(gateways.left());
            UdpFlood.Result flood = UdpFlood.start(
                            gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER, PACKETS, 64, 1_000)
                    .await();
            long reads = reads(gateways.left()) - before;

            assertThat(flood.delivered()).as("%s", flood).isEqualTo(PACKETS);
            assertThat((double) reads / PACKETS)
                    .as("read calls of the sending gateway a packet")
                    .isLessThan(1.6);
        }
    }

    @Test
    void anIdleGatewayTakesNoProcessorTime() throws InterruptedException {
        try (TwoGateways gateways = TwoGateways.start(new Scenario(Kind.IPIP, AUTO, FUSED, OFFLOADED))) {
            double before = pathSeconds(gateways.left());
            Thread.sleep(IDLE_MILLIS);

            assertThat(pathSeconds(gateways.left()) - before)
                    .as("processor seconds of the paths' threads in %d idle ms", IDLE_MILLIS)
                    .isLessThan(IDLE_MILLIS / 1000.0 / 100);
        }
    }

    /** read(2) calls of the process so far, proc_pid_io(5). */
    private static long reads(LabGateway gateway) {
        try (Stream<String> lines =
                Files.lines(Path.of("/proc/" + gateway.process().pid() + "/io"))) {
            return lines.filter(line -> line.startsWith("syscr: "))
                    .mapToLong(line -> Long.parseLong(line.substring("syscr: ".length())))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double pathSeconds(LabGateway gateway) {
        double seconds = 0;
        for (JsonNode thread : gateway.show().path("threads")) {
            boolean isPath = !thread.path("name").asString("").equals("culvert-conductor");
            seconds += isPath ? thread.path("cpu-seconds").asDouble() : 0;
        }
        return seconds;
    }
}
