package io.culvert.it;

import static io.culvert.config.GatewayConfig.Lane.AUTO;
import static io.culvert.config.GatewayConfig.Lane.RAW;
import static io.culvert.config.GatewayConfig.Pipeline.FUSED;
import static io.culvert.config.GatewayConfig.Pipeline.STAGED;
import static io.culvert.lab.WireMode.OFFLOADED;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.it.Scenario.Kind;
import io.culvert.lab.LabGateway;
import io.culvert.lab.TcpTransfer;
import io.culvert.lab.UdpFlood;
import io.culvert.testing.Alone;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Once warm, the paths' threads allocate not one byte, however many packets they carry. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
@Alone
class AllocationIT {

    private static final int WARM_UP = 100_000;
    private static final int MEASURED = 100_000;
    /** Below what both gateways carry, so that the packets do reach both. */
    private static final double RATE = 30_000;
    /** The JVM's own compilation may allocate on a path's thread late, but not for ever. */
    private static final Duration LIMIT = Duration.ofSeconds(120);

    private static final int PAYLOAD = 200;
    private static final Duration TCP_TIME = Duration.ofSeconds(1);

    static Stream<Scenario> scenarios() {
        return Stream.of(
                new Scenario(Kind.IPIP, AUTO, FUSED, OFFLOADED),
                new Scenario(Kind.GRE_KEY_CSUM_SEQ, AUTO, STAGED, OFFLOADED),
                new Scenario(Kind.GRE, RAW, FUSED, OFFLOADED),
                new Scenario(Kind.GRE_KEY_CSUM_SEQ, RAW, STAGED, OFFLOADED));
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void pathThreadsAllocateNothing(Scenario scenario) {
        try (TwoGateways gateways = TwoGateways.start(scenario)) {
            load(gateways, WARM_UP);
            Map<String, Long> allocated = allocatedOnceWarm(gateways);

            assertThat(allocated).as("bytes allocated by each path thread").hasSizeGreaterThanOrEqualTo(4);
            assertThat(allocated.values())
                    .as("bytes allocated for %d packets each way and TCP, %s", MEASURED, allocated)
                    .containsOnly(0L);
        }
    }

    /** What the paths' threads allocate for a load: nothing, or what they did last when time is over. */
    private static Map<String, Long> allocatedOnceWarm(TwoGateways gateways) {
        long start = System.nanoTime();
        Map<String, Long> allocated;
        do {
            allocated = allocated(gateways, () -> load(gateways, MEASURED));
        } while (!isNothing(allocated) && System.nanoTime() - start < LIMIT.toNanos());
        return allocated;
    }

    private static boolean isNothing(Map<String, Long> allocated) {
        return allocated.values().stream().allMatch(bytes -> bytes == 0);
    }

    /** What each path thread allocates during a load. */
    private static Map<String, Long> allocated(TwoGateways gateways, Runnable load) {
        Map<String, Long> before = allocatedBytes(gateways);
        load.run();
        Map<String, Long> allocated = allocatedBytes(gateways);
        allocated.replaceAll((thread, bytes) -> bytes - before.getOrDefault(thread, 0L));
        return allocated;
    }

    private static void load(TwoGateways gateways, int packets) {
        UdpFlood there = UdpFlood.start(
                gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER, packets, PAYLOAD, RATE);
        UdpFlood back = UdpFlood.start(
                gateways.rightHost(), gateways.leftHost(), TwoGateways.LEFT_INNER, packets, PAYLOAD, RATE);
        assertThat(there.await().delivered()).isGreaterThan(packets / 10);
        assertThat(back.await().delivered()).isGreaterThan(packets / 10);
        tcp(gateways);
    }

    private static void tcp(TwoGateways gateways) {
        TcpTransfer.timed(gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER, TCP_TIME);
        TcpTransfer.timed(gateways.rightHost(), gateways.leftHost(), TwoGateways.LEFT_INNER, TCP_TIME);
    }

    private static Map<String, Long> allocatedBytes(TwoGateways gateways) {
        Map<String, Long> bytes = new TreeMap<>();
        add(bytes, "left", gateways.left());
        add(bytes, "right", gateways.right());
        return bytes;
    }

    private static void add(Map<String, Long> bytes, String host, LabGateway gateway) {
        for (JsonNode thread : gateway.show().path("threads")) {
            String name = thread.path("name").asString("");
            if (!name.equals("culvert-conductor")) {
                bytes.put(host + " " + name, thread.path("allocated-bytes").asLong());
            }
        }
    }
}
