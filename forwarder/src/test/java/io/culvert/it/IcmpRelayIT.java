package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.it.RoutedGateways.Row;
import io.culvert.lab.Capture;
import io.culvert.lab.LabGateway;
import io.culvert.lab.Ping;
import io.culvert.lab.Tshark;
import io.culvert.lab.WireMode;
import io.culvert.testing.Judges;
import io.culvert.tunnel.Mode;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** A router no longer reaches the other end: inner senders are told, and their packets are sent all the same. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class IcmpRelayIT {

    /** For what does not come. */
    private static final Duration SHORT = Duration.ofMillis(1500);

    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    static Stream<Arguments> rows() {
        return Stream.of(
                Arguments.of(new Row("ipip", Mode.IPIP, false, spec -> spec), Lane.AUTO, false),
                Arguments.of(
                        new Row(
                                "gre key seq csum",
                                Mode.GRE,
                                false,
                                spec -> spec.key(7).seq(true).csum(true)),
                        Lane.RAW,
                        false),
                Arguments.of(new Row("ip6gre", Mode.IP6GRE, false, spec -> spec), Lane.AUTO, false),
                Arguments.of(new Row("ipip6", Mode.IPIP6, false, spec -> spec), Lane.AUTO, true));
    }

    @ParameterizedTest(name = "{0}, lane {1}")
    @MethodSource("rows")
    void unreachableIsTold(Row row, Lane lane, boolean atOnce) {
        try (RoutedGateways gateways = RoutedGateways.start(row, lane, WireMode.OFFLOADED, 1500);
                Ping ping = Ping.open(gateways.lab().left(), row.rightInner())) {
            assertThat(ping.echo(100, TIMEOUT).kind()).isEqualTo(Ping.Kind.REPLY);
            cutOff(gateways);

            if (atOnce) {
                assertThat(ping.echo(100, TIMEOUT).kind()).isEqualTo(Ping.Kind.UNREACHABLE);
            } else {
                assertThat(ping.echo(100, SHORT).kind()).isEqualTo(Ping.Kind.NOTHING);
            }
            awaitReceived(gateways.left(), "unreachable");
            // The error may be here before the packet that it is about is counted.
            Await.until("both packets were sent", () -> encapsulated(gateways.left()) == 2);
            assertThat(ping.echo(100, TIMEOUT).kind()).isEqualTo(Ping.Kind.UNREACHABLE);
            Await.until("the packet was sent", () -> encapsulated(gateways.left()) == 3);
            awaitRelayed(gateways.left());
            assertThat(tunnel(gateways.left()).path("path-mtu").asInt()).isEqualTo(1500);
        }
    }

    private static void cutOff(RoutedGateways gateways) {
        for (String far : new String[] {"203.0.113.5/32", "2001:db8:fffe::1/128"}) {
            gateways.lab()
                    .router()
                    .exec("ip", "route", "add", "unreachable", far)
                    .orThrow();
        }
    }

    private static void awaitReceived(LabGateway gateway, String kind) {
        Await.until(
                "the error is here",
                () -> tunnel(gateway).path("icmp").path("received").path(kind).asInt() > 0);
    }

    private static void awaitRelayed(LabGateway gateway) {
        Await.until(
                "the error is told",
                () -> tunnel(gateway).path("icmp").path("relayed").asInt() > 0);
    }

    private static long encapsulated(LabGateway gateway) {
        return tunnel(gateway).path("encapsulation").path("packets").asLong();
    }

    private static JsonNode tunnel(LabGateway gateway) {
        return gateway.show().path("tunnels").path(0);
    }

    /** Of IPv6 in IPv4 the kernel's routers quote enough to tell the very sender. */
    @Test
    void unreachableIsToldAtOnceInModeSit() {
        Judges.requireTool("tshark", "tshark");
        Row row = new Row("sit", Mode.SIT, true, spec -> spec);
        try (RoutedGateways gateways = RoutedGateways.start(row, Lane.AUTO, WireMode.WIRE, 1500);
                Ping ping = Ping.open(gateways.lab().left(), row.rightInner());
                Capture capture = gateways.lab().left().capture(RoutedGateways.DEVICE, "icmp6 and ip6[40] = 1")) {
            cutOff(gateways);
            ping.echo(100, SHORT);
            awaitRelayed(gateways.left());
            assertThat(Tshark.decode(capture.stop(), "icmpv6.code", "icmpv6.checksum.status", "_ws.malformed"))
                    .singleElement()
                    .satisfies(packet -> assertThat(packet)
                            .containsEntry("icmpv6.code", "3,0")
                            .extractingByKey("icmpv6.checksum.status")
                            .asString()
                            .startsWith("1"));
        }
    }

    /** A tunnel with a TTL of its own that is too short is one whose end cannot be reached. */
    @Test
    void timeExceededIsTold() {
        Row row = new Row("gre ttl 1", Mode.GRE, false, spec -> spec.ttl(1));
        try (RoutedGateways gateways = RoutedGateways.start(row, Lane.AUTO, WireMode.OFFLOADED, 1500);
                Ping ping = Ping.open(gateways.lab().left(), row.rightInner())) {
            assertThat(ping.echo(100, SHORT).kind()).isEqualTo(Ping.Kind.NOTHING);
            awaitReceived(gateways.left(), "time-exceeded");
            assertThat(ping.echo(100, TIMEOUT).kind()).isEqualTo(Ping.Kind.UNREACHABLE);
        }
    }
}
