package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.it.RoutedGateways.Row;
import io.culvert.lab.Capture;
import io.culvert.lab.Host;
import io.culvert.lab.LabGateway;
import io.culvert.lab.LabProcess;
import io.culvert.lab.Ping;
import io.culvert.lab.TcpTransfer;
import io.culvert.lab.UdpFlood;
import io.culvert.lab.WireMode;
import io.culvert.testing.PcapReader;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.UdpEncap;
import io.culvert.wire.Icmpv4Flyweight;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** A router in the middle takes less than the links: the gateway learns how much, and inner senders are told. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class PathMtuIT {

    private static final int ROUTER_MTU = 1400;
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final long BYTES = 4_000_000;
    private static final int ICMP_HEADERS = 28;
    private static final int ICMPV6_HEADERS = 48;

    private final Map<String, Integer> expectedRefusals = new HashMap<>();

    private static final Row IPIP = new Row("ipip", Mode.IPIP, false, UnaryOperator.identity());

    static Stream<Arguments> rows() {
        return Stream.of(
                Arguments.of(IPIP, Lane.AUTO, WireMode.OFFLOADED, 20),
                Arguments.of(
                        new Row("ipip nopmtudisc", Mode.IPIP, false, spec -> spec.pmtudisc(false)),
                        Lane.RAW,
                        WireMode.WIRE,
                        20),
                Arguments.of(
                        new Row(
                                "gre key 7 csum seq",
                                Mode.GRE,
                                false,
                                spec -> spec.key(7).csum(true).seq(true)),
                        Lane.AUTO,
                        WireMode.WIRE,
                        36),
                Arguments.of(new Row("gre of IPv6", Mode.GRE, true, spec -> spec), Lane.RAW, WireMode.OFFLOADED, 24),
                Arguments.of(new Row("sit", Mode.SIT, true, spec -> spec), Lane.AUTO, WireMode.WIRE, 20),
                Arguments.of(new Row("minenc", Mode.MINENC, false, spec -> spec), Lane.AUTO, WireMode.WIRE, 20),
                Arguments.of(
                        new Row(
                                "ipip in fou",
                                Mode.IPIP,
                                false,
                                spec -> spec.encap(new UdpEncap(UdpEncap.Kind.FOU, 0, 5555, false))),
                        Lane.AUTO,
                        WireMode.OFFLOADED,
                        28),
                Arguments.of(
                        new Row("ip6gre key 9", Mode.IP6GRE, false, spec -> spec.key(9)),
                        Lane.AUTO,
                        WireMode.OFFLOADED,
                        56),
                Arguments.of(new Row("ipip6", Mode.IPIP6, false, spec -> spec), Lane.RAW, WireMode.WIRE, 48));
    }

    @ParameterizedTest(name = "{0}, lane {1}, {2}")
    @MethodSource("rows")
    void isLearntAndKept(Row row, Lane lane, WireMode wireMode, int overhead) {
        int headers = row.ipv6() ? ICMPV6_HEADERS : ICMP_HEADERS;
        try (RoutedGateways gateways = RoutedGateways.start(row, lane, wireMode, ROUTER_MTU);
                Ping right = Ping.open(gateways.lab().left(), row.rightInner());
                Ping left = Ping.open(gateways.lab().right(), row.leftInner())) {
            assertThat(pathMtu(gateways.left())).isEqualTo("1500 link");
            dontFragment(row, right);
            dontFragment(row, left);
            Await.until("both gateways know the path MTU", () -> {
                right.echo(1500 - overhead - headers, SHORT);
                left.echo(1500 - overhead - headers, SHORT);
                return pathMtu(gateways.left()).equals("1400 icmp")
                        && pathMtu(gateways.right()).equals("1400 icmp");
            });

            Await.until(
                    "what fits passes",
                    () -> right.echo(ROUTER_MTU - overhead - headers, SHORT.multipliedBy(5))
                                    .kind()
                            == Ping.Kind.REPLY);
            if (!row.ipv6()) {
                assertThat(right.echo(ROUTER_MTU - overhead - headers + 1, TIMEOUT)
                                .kind())
                        .isEqualTo(Ping.Kind.TOO_BIG);
                right.setDontFragment(false);
            }
            // Of IPv6 the sending host fragments, once it was told.
            Await.until(
                    "what is too big passes in fragments",
                    () -> right.echo(8000, SHORT.multipliedBy(5)).kind() == Ping.Kind.REPLY);
            assertArrives(
                    TcpTransfer.checked(gateways.lab().left(), gateways.lab().right(), row.rightInner(), BYTES, LIMIT));
            assertArrives(
                    TcpTransfer.checked(gateways.lab().right(), gateways.lab().left(), row.leftInner(), BYTES, LIMIT));
            if (!row.ipv6()) {
                assertThat(UdpFlood.start(
                                        gateways.lab().left(),
                                        gateways.lab().right(),
                                        row.rightInner(),
                                        200,
                                        1440,
                                        2000)
                                .await()
                                .lost())
                        .isZero();
            }
            JsonNode tunnel = gateways.left().show().path("tunnels").path(0);
            assertThat(tunnel.path("icmp").path("received").path("too-big").asInt())
                    .isPositive();
            assertThat(tunnel.path("learnt-path-mtus")
                            .path(0)
                            .path("seconds-left")
                            .asInt())
                    .isBetween(500, 600);
        }
    }

    private static void dontFragment(Row row, Ping ping) {
        if (!row.ipv6()) {
            ping.setDontFragment(true);
        }
    }

    private static void assertArrives(TcpTransfer.Result result) {
        assertThat(result.bytes()).isEqualTo(BYTES);
        assertThat(result.received()).isEqualTo(result.sent());
    }

    /** Whoever cannot see our packets cannot make them smaller. */
    @Test
    void isNotLearntFromForgeries() {
        try (RoutedGateways gateways = RoutedGateways.start(IPIP, Lane.AUTO, WireMode.OFFLOADED, 1500);
                Ping ping = Ping.open(gateways.lab().left(), IPIP.rightInner());
                RawSender router = RawSender.open(gateways.lab().router());
                RawSender tunnel = RawSender.open(gateways.lab().right(), RoutedGateways.DEVICE)) {
            byte[] packet = packetOnTheWire(gateways, ping);

            router.send(error(with(packet, 17, packet[17] ^ 1), packet.length, 1000));
            assertRefused(gateways.left(), "no-tunnel");
            router.send(error(with(packet, 4, packet[4] ^ 0x40), packet.length, 1000));
            assertRefused(gateways.left(), "not-sent");
            router.send(error(packet, 27, 1000));
            assertRefused(gateways.left(), "malformed");
            // Each about a packet of the last seconds: what is older is not known any more.
            byte[] recent = packetOnTheWire(gateways, ping);
            router.send(error(recent, recent.length, recent.length));
            assertRefused(gateways.left(), "no-news");
            router.send(error(with(packetOnTheWire(gateways, ping), 6, 0), packet.length, 1000));
            assertRefused(gateways.left(), "no-news");
            byte[] wrongChecksum = error(packet, packet.length, 1000);
            wrongChecksum[22]++;
            router.send(wrongChecksum);
            assertRefused(gateways.left(), "malformed");
            tunnel.send(error(packetOnTheWire(gateways, ping), 500, 1000));
            assertRefused(gateways.left(), "from-tunnel");
            assertThat(pathMtu(gateways.left())).isEqualTo("1500 link");

            router.send(error(packetOnTheWire(gateways, ping), 28, 1000));
            Await.until(
                    "the true one is believed", () -> pathMtu(gateways.left()).equals("1000 icmp"));
            router.send(error(packetOnTheWire(gateways, ping), 28, 0));
            Await.until(
                    "one below the least locks", () -> pathMtu(gateways.left()).equals("552 icmp-locked"));
            assertThat(packetOnTheWire(gateways, ping)[6] & 0x40)
                    .as("DF of outer packets")
                    .isZero();
        }
    }

    /** More than a thousand errors a second are not even looked at. */
    @Test
    void aFloodOfForgeriesIsCutOff() {
        try (RoutedGateways gateways = RoutedGateways.start(IPIP, Lane.AUTO, WireMode.OFFLOADED, 1500);
                Ping ping = Ping.open(gateways.lab().left(), IPIP.rightInner());
                RawSender router = RawSender.open(gateways.lab().router())) {
            byte[] packet = packetOnTheWire(gateways, ping);
            byte[] forged = error(with(packet, 4, packet[4] ^ 0x40), packet.length, 1000);
            for (int i = 0; i < 30_000; i++) {
                router.send(forged);
            }
            Await.until("what is too much is dropped", () -> refused(gateways.left(), "rate-limit") > 1000);
            Await.until("the gateway looks again", () -> refused(gateways.left(), "not-sent") > 1000);
            assertThat(pathMtu(gateways.left())).isEqualTo("1500 link");
        }
    }

    /** An outer packet that the left gateway has just sent: a large one as long as the path takes it. */
    private static byte[] packetOnTheWire(RoutedGateways gateways, Ping ping) {
        try (Capture capture = gateways.lab().left().capture(Host.UNDERLAY, "ip proto 4 and src host 203.0.113.1")) {
            assertThat(ping.echo(1400, TIMEOUT).kind()).isEqualTo(Ping.Kind.REPLY);
            byte[] frame = PcapReader.read(capture.stop()).getFirst();
            return Arrays.copyOfRange(frame, 14, frame.length);
        }
    }

    private static byte[] with(byte[] packet, int at, int value) {
        byte[] changed = packet.clone();
        changed[at] = (byte) value;
        return changed;
    }

    /** Fragmentation needed about that packet, from the router to the left host. */
    private static byte[] error(byte[] packet, int quoted, int mtu) {
        int bytes = Math.min(quoted, 548);
        UnsafeBuffer error = new UnsafeBuffer(new byte[28 + bytes]);
        error.putBytes(28, packet, 0, bytes);
        new Ipv4Flyweight()
                .wrap(error, 0)
                .headerLength(Ipv4Flyweight.MIN_HEADER_LENGTH)
                .totalLength(error.capacity())
                .ttl(64)
                .protocol(IpProtocol.ICMP)
                .source(0xcb00_7102)
                .destination(0xcb00_7101);
        new Icmpv4Flyweight()
                .wrap(error, 20)
                .type(Icmpv4Flyweight.DESTINATION_UNREACHABLE)
                .code(Icmpv4Flyweight.FRAGMENTATION_NEEDED)
                .nextHopMtu(mtu)
                .updateChecksum(8 + bytes);
        error.putByte(0, (byte) 0x45);
        return error.byteArray();
    }

    private static int refused(LabGateway gateway, String reason) {
        return gateway.show().path("icmp-refused").path(reason).asInt(0);
    }

    private void assertRefused(LabGateway gateway, String reason) {
        int expected = expectedRefusals.merge(reason, 1, Integer::sum);
        Await.until(reason + " is counted", () -> refused(gateway, reason) == expected);
    }

    /** A route's MTU changes until all have said so; a busy machine takes long to start them. */
    private static void awaitListening(RoutedGateways gateways, LabProcess... monitors) {
        for (int i = 0; i < 400 && !Stream.of(monitors).allMatch(PathMtuIT::hasSaidSo); i++) {
            String mtu = i % 2 == 0 ? "1450" : "1460";
            gateways.lab()
                    .left()
                    .exec("ip", "route", "replace", "default", "via", "203.0.113.2", "mtu", mtu)
                    .orThrow();
            LockSupport.parkNanos(100_000_000);
        }
    }

    private static boolean hasSaidSo(LabProcess monitor) {
        return monitor.outputLines().stream().anyMatch(line -> line.contains("route"));
    }

    private static String pathMtu(LabGateway gateway) {
        JsonNode tunnel = gateway.show().path("tunnels").path(0);
        return tunnel.path("path-mtu").asString("") + " "
                + tunnel.path("path-mtu-source").asString("");
    }

    /** TCP alone must find out: its first large packets are lost, and the sender is told. */
    @Test
    void isLearntByTcpAloneAndTold() {
        try (RoutedGateways gateways = RoutedGateways.start(IPIP, Lane.AUTO, WireMode.OFFLOADED, ROUTER_MTU)) {
            LabProcess monitor = gateways.left().startCulvert("monitor");
            LabProcess lines = gateways.left().startCulvert("-j", "monitor");
            awaitListening(gateways, monitor, lines);
            assertArrives(TcpTransfer.checked(
                    gateways.lab().left(), gateways.lab().right(), IPIP.rightInner(), BYTES, LIMIT));
            monitor.awaitOutput(" path-mtu culvert1 path-mtu 1400 source icmp because learnt", TIMEOUT);
            lines.awaitOutput(
                    "\"event\":\"path-mtu\",\"tunnel\":\"culvert1\",\"path-mtu\":1400,\"source\":\"icmp\"", TIMEOUT);
        }
    }
}
