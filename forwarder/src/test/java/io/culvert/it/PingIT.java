package io.culvert.it;

import static io.culvert.config.GatewayConfig.Lane.AUTO;
import static io.culvert.config.GatewayConfig.Lane.RAW;
import static io.culvert.config.GatewayConfig.Pipeline.FUSED;
import static io.culvert.config.GatewayConfig.Pipeline.STAGED;
import static io.culvert.lab.WireMode.OFFLOADED;
import static io.culvert.lab.WireMode.WIRE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.it.Scenario.Kind;
import io.culvert.lab.Ping;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Echo requests of every size, whole and in fragments, come back byte for byte, from both ends. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PingIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final int UNDERLAY_MTU = 1500;
    private static final int HEADERS = 28;

    static Stream<Scenario> everyTunnelLaneAndPipeline() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of(
                        new Scenario(kind, AUTO, FUSED, OFFLOADED),
                        new Scenario(kind, AUTO, STAGED, WIRE),
                        new Scenario(kind, RAW, FUSED, WIRE),
                        new Scenario(kind, RAW, STAGED, OFFLOADED)));
    }

    @ParameterizedTest
    @MethodSource("everyTunnelLaneAndPipeline")
    void everySizeComesBack(Scenario scenario) {
        try (TwoGateways gateways = TwoGateways.start(scenario);
                Ping right = Ping.open(gateways.leftHost(), TwoGateways.RIGHT_INNER);
                Ping left = Ping.open(gateways.rightHost(), TwoGateways.LEFT_INNER)) {
            sizes(scenario.kind()).forEach(payload -> {
                assertReply(right, payload);
                assertReply(left, payload);
            });
        }
    }

    @ParameterizedTest
    @MethodSource("everyTunnelLaneAndPipeline")
    void theLargestUnfragmentedPacketIsTheUnderlaysLessTheOverhead(Scenario scenario) {
        int largest = UNDERLAY_MTU - scenario.kind().overhead() - HEADERS;
        try (TwoGateways gateways = TwoGateways.start(scenario);
                Ping right = Ping.open(gateways.leftHost(), TwoGateways.RIGHT_INNER);
                Ping left = Ping.open(gateways.rightHost(), TwoGateways.LEFT_INNER)) {
            for (Ping ping : new Ping[] {right, left}) {
                ping.setDontFragment(true);
                assertReply(ping, largest);
                assertThat(ping.echo(largest + 1, TIMEOUT).kind()).isEqualTo(Ping.Kind.TOO_BIG);
            }
        }
    }

    /** A device MTU above the path's makes the gateway itself fragment: the outer packet, as DF is not set anywhere. */
    @ParameterizedTest
    @MethodSource("everyTunnelLaneAndPipeline")
    void packetsAboveThePathMtuArriveInFragments(Scenario scenario) {
        try (TwoGateways gateways =
                        TwoGateways.start(scenario, tunnel -> tunnel.mtu(9000).pmtudisc(false));
                Ping right = Ping.open(gateways.leftHost(), TwoGateways.RIGHT_INNER);
                Ping left = Ping.open(gateways.rightHost(), TwoGateways.LEFT_INNER)) {
            for (int payload : new int[] {1400, 1436, 1452, 1472, 1473, 2000, 2933, 4000, 8972, 8973, 20_000, 65_507}) {
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
