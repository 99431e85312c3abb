package io.culvert.it;

import static io.culvert.config.GatewayConfig.Lane.AUTO;
import static io.culvert.config.GatewayConfig.Lane.RAW;
import static io.culvert.config.GatewayConfig.Pipeline.FUSED;
import static io.culvert.config.GatewayConfig.Pipeline.STAGED;
import static io.culvert.lab.WireMode.OFFLOADED;
import static io.culvert.lab.WireMode.WIRE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.it.Scenario.Kind;
import io.culvert.lab.Lab;
import io.culvert.lab.Ping;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Echo requests of every size, whole and in fragments, come back byte for byte, from both ends. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PingIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final int UNDERLAY_MTU = 1500;
    private static final int HEADERS = 28;

    static Stream<Scenario> everyTunnelOnEveryLane() {
        return Stream.of(Kind.values())
                .filter(kind -> kind != Kind.VTI)
                .flatMap(kind -> Stream.of(
                        new Scenario(kind, AUTO, FUSED, OFFLOADED),
                        new Scenario(kind, AUTO, STAGED, WIRE),
                        new Scenario(kind, RAW, FUSED, WIRE),
                        new Scenario(kind, RAW, STAGED, OFFLOADED)));
    }

    static Stream<Scenario> everyLane() {
        return Stream.of(
                new Scenario(Kind.IPIP, AUTO, FUSED, WIRE),
                new Scenario(Kind.IPIP, RAW, STAGED, OFFLOADED),
                new Scenario(Kind.GRE_KEY_CSUM_SEQ, AUTO, STAGED, OFFLOADED),
                new Scenario(Kind.GRE_KEY_CSUM_SEQ, RAW, FUSED, WIRE));
    }

    @ParameterizedTest
    @MethodSource("everyTunnelOnEveryLane")
    void everySizeComesBack(Scenario scenario) {
        try (TwoGateways gateways = TwoGateways.start(scenario);
                Ping right = Ping.open(gateways.leftHost(), TwoGateways.RIGHT_INNER);
                Ping left = Ping.open(gateways.rightHost(), TwoGateways.LEFT_INNER)) {
            sizes(scenario.kind()).forEach(payload -> {
                assertReply(right, payload);
                assertReply(left, payload);
            });
            assertLargestUnfragmented(right, scenario.kind());
            assertLargestUnfragmented(left, scenario.kind());
        }
    }

    private static void assertLargestUnfragmented(Ping ping, Kind kind) {
        int largest = UNDERLAY_MTU - kind.overhead() - HEADERS;
        ping.setDontFragment(true);
        assertReply(ping, largest);
        assertThat(ping.echo(largest + 1, TIMEOUT).kind()).isEqualTo(Ping.Kind.TOO_BIG);
    }

    /** The kernel fragments to the device's MTU; where that is above the path's, the gateway has to. */
    @ParameterizedTest
    @MethodSource("everyLane")
    void packetsAboveThePathMtuArriveInFragments(Scenario scenario) {
        try (TwoGateways gateways = TwoGateways.start(scenario, tunnel -> tunnel.mtu(9000));
                Ping right = Ping.open(gateways.leftHost(), TwoGateways.RIGHT_INNER);
                Ping left = Ping.open(gateways.rightHost(), TwoGateways.LEFT_INNER)) {
            for (int payload : new int[] {1400, 1436, 1452, 1472, 1473, 2000, 2933, 4000, 8972, 8973, 20_000, 65_507}) {
                assertReply(right, payload);
                assertReply(left, payload);
            }
        }
    }

    /** Without DF on outer packets a router may fragment them; the receiving host puts them together again. */
    @ParameterizedTest
    @MethodSource("everyLane")
    void outerFragmentsArePutTogether(Scenario scenario) {
        Lab lab = Lab.builder().wireMode(scenario.wireMode()).router(1000).build();
        try (TwoGateways gateways = TwoGateways.start(lab, scenario, tunnel -> tunnel.pmtudisc(false));
                Ping right = Ping.open(gateways.leftHost(), TwoGateways.RIGHT_INNER);
                Ping left = Ping.open(gateways.rightHost(), TwoGateways.LEFT_INNER)) {
            for (int payload : new int[] {0, 900, 936, 937, 952, 953, 1400, 1436, 4000, 65_507}) {
                assertReply(right, payload);
                assertReply(left, payload);
            }
        }
    }

    private static void assertReply(Ping ping, int payload) {
        assertThat(ping.echo(payload, TIMEOUT).kind())
                .as("echo request of %d bytes", payload)
                .isEqualTo(Ping.Kind.REPLY);
    }

    private static IntStream sizes(Kind kind) {
        return Stream.of(
                        IntStream.rangeClosed(0, 64),
                        IntStream.rangeClosed(1400, 1500),
                        IntStream.of(2000, 4000, 8000, 20_000, Ping.MAX_PAYLOAD - kind.overhead(), Ping.MAX_PAYLOAD))
                .flatMapToInt(range -> range);
    }
}
