package io.culvert.it;

import static io.culvert.config.GatewayConfig.Lane.AUTO;
import static io.culvert.config.GatewayConfig.Lane.RAW;
import static io.culvert.config.GatewayConfig.Pipeline.FUSED;
import static io.culvert.config.GatewayConfig.Pipeline.STAGED;
import static io.culvert.lab.WireMode.OFFLOADED;
import static io.culvert.lab.WireMode.WIRE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.esp.EspTransform;
import io.culvert.esp.KeyFiles;
import io.culvert.esp.SaLifetime;
import io.culvert.esp.SaSpec;
import io.culvert.esp.SaSpec.Direction;
import io.culvert.it.Scenario.Kind;
import io.culvert.lab.Capture;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.Ping;
import io.culvert.lab.TcpTransfer;
import io.culvert.testing.Judges;
import io.culvert.tunnel.Mode;
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
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class VtiIT {

    private static final int LEFT_SPI = 0x1001;
    private static final int RIGHT_SPI = 0x2002;
    private static final long BYTES = 64_000_000;
    private static final long FEW_BYTES = 1_000_000;

    /** In 1280 bytes of IPv6. */
    private static final int LARGEST_ECHO = 1232;

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    @TempDir
    private Path directory;

    private SaSpec association(Direction direction, int spi, EspTransform transform) {
        return KeyFiles.spec(directory, direction, spi, transform, true, SaLifetime.UNLIMITED);
    }

    private TwoGateways start(Scenario scenario, EspTransform transform) {
        Iterator<List<SaSpec>> associations = associations(transform);
        return TwoGateways.start(scenario, tunnel -> tunnel.sa(associations.next()));
    }

    /** Those of the left gateway, then those of the right one. */
    private Iterator<List<SaSpec>> associations(EspTransform transform) {
        return List.of(
                        List.of(
                                association(Direction.OUT, LEFT_SPI, transform),
                                association(Direction.IN, RIGHT_SPI, transform)),
                        List.of(
                                association(Direction.IN, LEFT_SPI, transform),
                                association(Direction.OUT, RIGHT_SPI, transform)))
                .iterator();
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
            transfer(gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER, BYTES);
            transfer(gateways.rightHost(), gateways.leftHost(), TwoGateways.LEFT_INNER, BYTES);
            assertNothingRefused(gateways.left());
            assertNothingRefused(gateways.right());
        }
    }

    private static void assertReply(Ping ping, int payload) {
        assertThat(ping.echo(payload, TIMEOUT).kind())
                .as("echo request of %d bytes", payload)
                .isEqualTo(Ping.Kind.REPLY);
    }

    private static void transfer(Host from, Host to, InetAddress address, long bytes) {
        TcpTransfer.Result result = TcpTransfer.checked(from, to, address, bytes, LIMIT);
        assertThat(result.bytes()).isEqualTo(bytes);
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

    /** Without DF on outer packets a router cuts them; the receiving kernel puts them together before they are decrypted. */
    @ParameterizedTest
    @EnumSource(names = {"AUTO", "RAW"})
    void routersFragmentsAreDecryptedAsAWhole(Lane lane) {
        Judges.requireTool("tshark", "tshark");
        Iterator<List<SaSpec>> associations = associations(EspTransform.AES_GCM);
        Lab lab = Lab.builder().wireMode(OFFLOADED).router(1000).build();
        try (TwoGateways gateways = TwoGateways.start(
                        lab,
                        new Scenario(Kind.VTI, lane, STAGED, OFFLOADED),
                        tunnel -> tunnel.pmtudisc(false).sa(associations.next()));
                Ping right = Ping.open(gateways.leftHost(), TwoGateways.RIGHT_INNER);
                Ping left = Ping.open(gateways.rightHost(), TwoGateways.LEFT_INNER)) {
            Path file;
            try (Capture capture = gateways.rightHost().capture(Host.UNDERLAY, "ip proto 50")) {
                for (int payload : new int[] {900, 1000, 1400, 4000, 20_000}) {
                    assertReply(right, payload);
                    assertReply(left, payload);
                }
                file = capture.stop();
            }
            assertThat(decrypted(file, "ip.fragment.count", "icmp.type", "icmp.checksum.status"))
                    .as("echo requests in two pieces")
                    .contains("2\t8\t1");
            transfer(gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER, FEW_BYTES);
            transfer(gateways.rightHost(), gateways.leftHost(), TwoGateways.LEFT_INNER, FEW_BYTES);
            assertNothingRefused(gateways.left());
            assertNothingRefused(gateways.right());
        }
    }

    /** RFC 4213 section 3.2.1: inner IPv6 is cut by nobody, so what a path leaves less than 1280 bytes goes in outer fragments. */
    @ParameterizedTest
    @EnumSource(names = {"AUTO", "RAW"})
    void ownFragmentsCarryEncryptedIpv6(Lane lane) {
        Judges.requireTool("tshark", "tshark");
        Iterator<List<SaSpec>> associations = associations(EspTransform.AES_GCM);
        RoutedGateways.Row row =
                new RoutedGateways.Row("vti", Mode.VTI, true, tunnel -> tunnel.sa(associations.next()));
        try (RoutedGateways gateways = RoutedGateways.start(row, lane, FUSED, OFFLOADED, 1200);
                Ping right = Ping.open(gateways.lab().left(), row.rightInner())) {
            Await.until(
                    "the path MTU is known",
                    () -> right.echo(LARGEST_ECHO, Duration.ofMillis(200)).kind() == Ping.Kind.REPLY);
            Path file;
            try (Capture capture = gateways.lab().left().capture(Host.UNDERLAY, "ip proto 50")) {
                assertReply(right, LARGEST_ECHO);
                transfer(gateways.lab().left(), gateways.lab().right(), row.rightInner(), FEW_BYTES);
                file = capture.stop();
            }
            assertThat(decrypted(file, "ip.fragment.count", "icmpv6.type", "icmpv6.checksum.status"))
                    .contains("2\t128\t1", "2\t129\t1");
            assertThat(decrypted(file, "ip.fragment.count", "tcp.checksum.status"))
                    .as("segments of super-packets")
                    .contains("2\t1")
                    .doesNotContain("2\t0");
            transfer(gateways.lab().right(), gateways.lab().left(), row.leftInner(), FEW_BYTES);
            assertNothingRefused(gateways.left());
            assertNothingRefused(gateways.right());
        }
    }

    private static List<String> decrypted(Path file, String... fields) {
        return EspCapture.fields(file, EspTransform.AES_GCM, List.of(LEFT_SPI, RIGHT_SPI), fields);
    }
}
