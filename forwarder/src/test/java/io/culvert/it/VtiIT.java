package io.culvert.it;

import static io.culvert.config.GatewayConfig.Lane.AUTO;
import static io.culvert.config.GatewayConfig.Lane.RAW;
import static io.culvert.config.GatewayConfig.Pipeline.FUSED;
import static io.culvert.config.GatewayConfig.Pipeline.STAGED;
import static io.culvert.lab.WireMode.OFFLOADED;
import static io.culvert.lab.WireMode.WIRE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.esp.EspTransform;
import io.culvert.esp.KeyFiles;
import io.culvert.esp.SaLifetime;
import io.culvert.esp.SaSpec;
import io.culvert.esp.SaSpec.Direction;
import io.culvert.it.Scenario.Kind;
import io.culvert.lab.Capture;
import io.culvert.lab.Host;
import io.culvert.lab.LabGateway;
import io.culvert.lab.Ping;
import io.culvert.lab.TcpTransfer;
import io.culvert.testing.Judges;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Mode vti between two gateways, with every transform; tshark decrypts what is on the wire. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class VtiIT {

    private static final int LEFT_SPI = 0x1001;
    private static final int RIGHT_SPI = 0x2002;
    private static final long BYTES = 64_000_000;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    @TempDir
    private Path directory;

    private SaSpec association(Direction direction, int spi, EspTransform transform) {
        return KeyFiles.spec(directory, direction, spi, transform, true, SaLifetime.UNLIMITED);
    }

    private TwoGateways start(Scenario scenario, EspTransform transform) {
        Iterator<List<SaSpec>> associations = List.of(
                        List.of(
                                association(Direction.OUT, LEFT_SPI, transform),
                                association(Direction.IN, RIGHT_SPI, transform)),
                        List.of(
                                association(Direction.IN, LEFT_SPI, transform),
                                association(Direction.OUT, RIGHT_SPI, transform)))
                .iterator();
        return TwoGateways.start(scenario, tunnel -> tunnel.sa(associations.next()));
    }

    static Stream<Arguments> transfers() {
        return Stream.of(
                Arguments.of(EspTransform.AES_GCM, new Scenario(Kind.VTI, AUTO, FUSED, OFFLOADED)),
                Arguments.of(EspTransform.AES_GCM, new Scenario(Kind.VTI, AUTO, STAGED, WIRE)),
                Arguments.of(EspTransform.AES_GCM, new Scenario(Kind.VTI, RAW, STAGED, OFFLOADED)),
                Arguments.of(EspTransform.CHACHA20_POLY1305, new Scenario(Kind.VTI, AUTO, STAGED, OFFLOADED)),
                Arguments.of(EspTransform.AES_CBC_HMAC_SHA256, new Scenario(Kind.VTI, RAW, FUSED, WIRE)),
                Arguments.of(EspTransform.NULL_HMAC_SHA256, new Scenario(Kind.VTI, AUTO, FUSED, WIRE)));
    }

    @ParameterizedTest
    @MethodSource("transfers")
    void carriesEverySizeAndTcp(EspTransform transform, Scenario scenario) {
        try (TwoGateways gateways = start(scenario, transform);
                Ping right = Ping.open(gateways.leftHost(), TwoGateways.RIGHT_INNER);
                Ping left = Ping.open(gateways.rightHost(), TwoGateways.LEFT_INNER)) {
            IntStream.concat(
                            IntStream.concat(IntStream.rangeClosed(0, 64), IntStream.rangeClosed(1380, 1480)),
                            IntStream.of(2000, 20_000, Ping.MAX_PAYLOAD))
                    .forEach(payload -> {
                        assertReply(right, payload);
                        assertReply(left, payload);
                    });
            transfer(gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER);
            transfer(gateways.rightHost(), gateways.leftHost(), TwoGateways.LEFT_INNER);
            assertNothingRefused(gateways.left());
            assertNothingRefused(gateways.right());
        }
    }

    private static void assertReply(Ping ping, int payload) {
        assertThat(ping.echo(payload, TIMEOUT).kind())
                .as("echo request of %d bytes", payload)
                .isEqualTo(Ping.Kind.REPLY);
    }

    private static void transfer(Host from, Host to, InetAddress address) {
        TcpTransfer.Result result = TcpTransfer.checked(from, to, address, BYTES, LIMIT);
        assertThat(result.bytes()).isEqualTo(BYTES);
        assertThat(result.received()).isEqualTo(result.sent());
    }

    private static void assertNothingRefused(LabGateway gateway) {
        for (JsonNode association : gateway.show().path("tunnels").path(0).path("sa")) {
            assertThat(association.path("packets").asLong()).isPositive();
            assertThat(association.path("forged").asLong()).isZero();
            assertThat(association.path("replayed").asLong()).isZero();
            assertThat(association.toString()).doesNotContain(KeyFiles.key(32)).doesNotContain(KeyFiles.key(36));
        }
    }

    /** Debian's tshark does not know ChaCha20-Poly1305. */
    @ParameterizedTest
    @EnumSource(value = EspTransform.class, mode = EnumSource.Mode.EXCLUDE, names = "CHACHA20_POLY1305")
    void tsharkDecryptsTheWire(EspTransform transform) {
        Judges.requireTool("tshark", "tshark");
        try (TwoGateways gateways = start(new Scenario(Kind.VTI, AUTO, FUSED, WIRE), transform);
                Ping right = Ping.open(gateways.leftHost(), TwoGateways.RIGHT_INNER);
                Capture capture = gateways.leftHost().capture(Host.UNDERLAY, "esp")) {
            assertReply(right, 100);
            Path file = capture.stop();
            List<String> packets = EspCapture.fields(
                    file, transform, List.of(LEFT_SPI, RIGHT_SPI), "esp.spi", "icmp.type", "icmp.checksum.status");
            assertThat(packets).containsExactly("0x00001001\t8\t1", "0x00002002\t0\t1");
        }
    }
}
