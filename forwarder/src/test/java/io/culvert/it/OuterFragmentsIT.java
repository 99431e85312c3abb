package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.it.RoutedGateways.Row;
import io.culvert.lab.Capture;
import io.culvert.lab.Host;
import io.culvert.lab.Ping;
import io.culvert.lab.TcpTransfer;
import io.culvert.lab.Tshark;
import io.culvert.lab.WireMode;
import io.culvert.testing.Judges;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * A path that leaves inner IPv6 less than 1280 bytes: outer packets go in fragments, the other end's kernel reassembles them,
 * and tshark does.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class OuterFragmentsIT {

    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final long BYTES = 1_000_000;
    private static final long FEW_BYTES = 50_000;
    private static final int LEAST = 1280;
    private static final int ICMPV6_HEADERS = 48;
    private static final int UDP_HEADERS = 48;
    private static final int DATAGRAMS = 5;
    private static final int LINK = 14;

    static Stream<Arguments> rows() {
        return Stream.of(
                Arguments.of(row("sit", Mode.SIT, spec -> spec), Lane.AUTO, Pipeline.FUSED, 1200),
                Arguments.of(
                        row(
                                "gre key 7 csum seq",
                                Mode.GRE,
                                spec -> spec.key(7).csum(true).seq(true)),
                        Lane.SPLIT,
                        Pipeline.STAGED,
                        1200),
                Arguments.of(row("gre", Mode.GRE, spec -> spec), Lane.RAW, Pipeline.STAGED, 1200),
                Arguments.of(row("ip6ip6", Mode.IP6IP6, spec -> spec), Lane.AUTO, Pipeline.STAGED, LEAST),
                Arguments.of(row("ip6gre key 7", Mode.IP6GRE, spec -> spec.key(7)), Lane.RAW, Pipeline.FUSED, LEAST));
    }

    private static Row row(String name, Mode mode, UnaryOperator<TunnelSpecBuilder> options) {
        return new Row(name, mode, true, options);
    }

    @ParameterizedTest(name = "{0}, lane {1}, {2}, path MTU {3}")
    @MethodSource("rows")
    void everyPathTakes1280BytesOfInnerIpv6(Row row, Lane lane, Pipeline pipeline, int mtu) throws IOException {
        Judges.requireTool("tshark", "tshark");
        try (RoutedGateways gateways = RoutedGateways.start(row, lane, pipeline, WireMode.OFFLOADED, mtu);
                Ping right = Ping.open(gateways.lab().left(), row.rightInner());
                Ping left = Ping.open(gateways.lab().right(), row.leftInner())) {
            Await.until("both gateways know the path MTU", () -> {
                right.echo(LEAST - ICMPV6_HEADERS, SHORT);
                left.echo(LEAST - ICMPV6_HEADERS, SHORT);
                return pathMtu(gateways.left().show()).equals(mtu + " icmp")
                        && pathMtu(gateways.right().show()).equals(mtu + " icmp");
            });

            Path packets;
            try (Capture capture = gateways.lab().left().capture(Host.UNDERLAY, "not icmp and not icmp6 and not arp")) {
                assertThat(right.echo(LEAST - ICMPV6_HEADERS, TIMEOUT).kind()).isEqualTo(Ping.Kind.REPLY);
                Await.until(
                        "what is longer passes once its sender was told of 1280",
                        () -> right.echo(4000, SHORT.multipliedBy(5)).kind() == Ping.Kind.REPLY);
                assertArrives(
                        TcpTransfer.checked(
                                gateways.lab().left(), gateways.lab().right(), row.rightInner(), FEW_BYTES, LIMIT),
                        FEW_BYTES);
                assertDatagramsArrive(gateways, row);
                packets = capture.stop();
            }
            assertFragments(packets, row.mode().isOuterIpv6(), mtu);
            // Of a long ping before its sender was told, the last fragment had nobody to answer.
            Map<String, Long> drops = Counts.of(gateways.left()).drops(RoutedGateways.DEVICE, "encapsulation");
            assertArrives(
                    TcpTransfer.checked(gateways.lab().left(), gateways.lab().right(), row.rightInner(), BYTES, LIMIT),
                    BYTES);
            assertArrives(
                    TcpTransfer.checked(gateways.lab().right(), gateways.lab().left(), row.leftInner(), BYTES, LIMIT),
                    BYTES);
            assertThat(Counts.of(gateways.left()).drops(RoutedGateways.DEVICE, "encapsulation"))
                    .as("packets that were not sent")
                    .isEqualTo(drops);
        }
    }

    /** No packet is longer than the path takes; fragments may be cut again, and become what was sent. */
    private static void assertFragments(Path packets, boolean outerIpv6, int mtu) {
        List<Map<String, String>> frames = Tshark.decode(
                packets,
                "frame.len",
                "ip.flags.mf",
                "ip.flags.df",
                "ip.fragment.count",
                "ipv6.fraghdr.more",
                "ipv6.fragment.count",
                "icmpv6.type",
                "tcp.checksum.status",
                "udp.checksum.status");
        String more = outerIpv6 ? "ipv6.fraghdr.more" : "ip.flags.mf";
        List<Map<String, String>> first = frames.stream()
                .filter(frame -> isSet(frame.getOrDefault(more, "")))
                .toList();
        assertThat(first).as("fragments among %s", frames).isNotEmpty();
        if (!outerIpv6) {
            assertThat(first).noneMatch(frame -> isSet(frame.getOrDefault("ip.flags.df", "")));
        }
        assertThat(frames).allMatch(frame -> Integer.parseInt(frame.getOrDefault("frame.len", "0")) <= mtu + LINK);
        String count = outerIpv6 ? "ipv6.fragment.count" : "ip.fragment.count";
        List<Map<String, String>> reassembled = frames.stream()
                .filter(frame -> frame.getOrDefault(count, "").startsWith("2"))
                .toList();
        assertThat(reassembled)
                .as("reassembled by tshark, an echo inside")
                .anyMatch(frame -> frame.getOrDefault("icmpv6.type", "").contains("12"));
        assertSummed(reassembled, "tcp.checksum.status");
        assertSummed(reassembled, "udp.checksum.status");
    }

    /** What was left to a device is finished before it is cut: of segments of super-packets, and of single datagrams. */
    private static void assertSummed(List<Map<String, String>> reassembled, String field) {
        List<String> statuses = reassembled.stream()
                .map(frame -> frame.getOrDefault(field, ""))
                .filter(status -> !status.isEmpty())
                .toList();
        assertThat(statuses).as(field).isNotEmpty().containsOnly("1");
    }

    private static boolean isSet(String flag) {
        return flag.startsWith("1") || flag.startsWith("True");
    }

    /** Each of them one packet of 1280 bytes. */
    private static void assertDatagramsArrive(RoutedGateways gateways, Row row) throws IOException {
        try (DatagramSocket receiver = open(gateways.lab().right());
                DatagramSocket sender = open(gateways.lab().left())) {
            receiver.setSoTimeout((int) TIMEOUT.toMillis());
            byte[] payload = new byte[LEAST - UDP_HEADERS];
            for (byte number = 1; number <= DATAGRAMS; number++) {
                payload[payload.length - 1] = number;
                sender.send(new DatagramPacket(payload, payload.length, row.rightInner(), receiver.getLocalPort()));
                DatagramPacket received = new DatagramPacket(new byte[LEAST], LEAST);
                receiver.receive(received);
                assertThat(Arrays.copyOf(received.getData(), received.getLength()))
                        .isEqualTo(payload);
            }
        }
    }

    private static DatagramSocket open(Host host) {
        return host.call("udp", TIMEOUT, () -> new DatagramSocket(0));
    }

    private static void assertArrives(TcpTransfer.Result result, long bytes) {
        assertThat(result.bytes()).isEqualTo(bytes);
        assertThat(result.received()).isEqualTo(result.sent());
    }

    private static String pathMtu(JsonNode report) {
        JsonNode tunnel = report.path("tunnels").path(0);
        return tunnel.path("path-mtu").asString("") + " "
                + tunnel.path("path-mtu-source").asString("");
    }
}
