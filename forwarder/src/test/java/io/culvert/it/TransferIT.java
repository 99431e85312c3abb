package io.culvert.it;

import static io.culvert.config.GatewayConfig.Lane.AUTO;
import static io.culvert.config.GatewayConfig.Lane.RAW;
import static io.culvert.config.GatewayConfig.Pipeline.FUSED;
import static io.culvert.config.GatewayConfig.Pipeline.STAGED;
import static io.culvert.lab.WireMode.OFFLOADED;
import static io.culvert.lab.WireMode.WIRE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.it.Scenario.Kind;
import io.culvert.lab.Host;
import io.culvert.lab.TcpTransfer;
import io.culvert.testing.Alone;
import io.culvert.tunnel.Slot;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** TCP through a tunnel arrives byte for byte. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@Alone
class TransferIT {

    private static final long WHOLE = 1_000_000_000;
    private static final long PART = 256_000_000;

    private static final Duration LIMIT = Duration.ofSeconds(100);

    /** Every pair of two choices stands in one row at least, and every tunnel on every lane in a whole one. */
    static Stream<Arguments> transfers() {
        return Stream.of(
                Arguments.of(WHOLE, new Scenario(Kind.IPIP, AUTO, FUSED, OFFLOADED)),
                Arguments.of(WHOLE, new Scenario(Kind.IPIP, RAW, STAGED, WIRE)),
                Arguments.of(WHOLE, new Scenario(Kind.GRE_KEY_CSUM_SEQ, AUTO, STAGED, WIRE)),
                Arguments.of(WHOLE, new Scenario(Kind.GRE_KEY_CSUM_SEQ, RAW, FUSED, OFFLOADED)),
                Arguments.of(PART, new Scenario(Kind.IPIP, AUTO, STAGED, OFFLOADED)),
                Arguments.of(PART, new Scenario(Kind.IPIP, RAW, FUSED, WIRE)),
                Arguments.of(PART, new Scenario(Kind.GRE_KEY_CSUM_SEQ, AUTO, FUSED, WIRE)),
                Arguments.of(PART, new Scenario(Kind.GRE_KEY_CSUM_SEQ, RAW, STAGED, OFFLOADED)),
                Arguments.of(PART, new Scenario(Kind.GRE, AUTO, FUSED, OFFLOADED)),
                Arguments.of(PART, new Scenario(Kind.GRE, RAW, STAGED, WIRE)));
    }

    @ParameterizedTest
    @MethodSource("transfers")
    void arrivesWithTheSameDigest(long bytes, Scenario scenario) {
        try (TwoGateways gateways = TwoGateways.start(scenario)) {
            transfer(gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER, bytes);
            transfer(gateways.rightHost(), gateways.leftHost(), TwoGateways.LEFT_INNER, bytes / 10);
        }
    }

    /** Where Linux cuts super-packets for a link and its GRO merges them again, TCP must not see the last segment of each too soon. */
    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"IPIP", "GRE"})
    void superPacketsArriveInOrder(Kind kind) {
        try (TwoGateways gateways = TwoGateways.start(new Scenario(kind, AUTO, FUSED, WIRE))) {
            transfer(gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER, PART);
            long superPackets = PART / Slot.MAX_PACKET;
            assertThat(outOfOrder(gateways.rightHost()))
                    .as("pieces that came too soon, of %,d super-packets", superPackets)
                    .isLessThan(superPackets / 4);
        }
    }

    /** Pieces of TCP streams that a host had to put aside: TcpExt's TCPOFOQueue. */
    private static long outOfOrder(Host host) {
        List<String[]> lines = host.exec("cat", "/proc/net/netstat")
                .out()
                .lines()
                .filter(line -> line.startsWith("TcpExt:"))
                .map(line -> line.split(" "))
                .toList();
        return Long.parseLong(lines.getLast()[List.of(lines.getFirst()).indexOf("TCPOFOQueue")]);
    }

    private static void transfer(Host from, Host to, InetAddress address, long bytes) {
        TcpTransfer.Result result = TcpTransfer.checked(from, to, address, bytes, LIMIT);
        assertThat(result.bytes()).isEqualTo(bytes);
        assertThat(result.received()).isEqualTo(result.sent());
    }
}
