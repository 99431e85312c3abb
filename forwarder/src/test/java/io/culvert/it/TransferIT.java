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
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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

    private static void transfer(Host from, Host to, InetAddress address, long bytes) {
        TcpTransfer.Result result = TcpTransfer.checked(from, to, address, bytes, LIMIT);
        assertThat(result.bytes()).isEqualTo(bytes);
        assertThat(result.received()).isEqualTo(result.sent());
    }
}
