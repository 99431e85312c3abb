package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.lab.Capture;
import io.culvert.lab.Culvert;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.LabProcess;
import io.culvert.lab.Ping;
import io.culvert.lab.Tshark;
import io.culvert.testing.Judges;
import io.culvert.tunnel.Keepalive;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** A gre tunnel knows by its keepalives whether its peer is there, be it a gateway or a router that speaks Cisco's format. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KeepaliveIT {

    private static final String DEVICE = "gre1";
    private static final Keepalive EVERY_SECOND = new Keepalive(1, 2);
    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static TunnelSpec tunnel(Host here, Host there, @Nullable Integer key, Keepalive keepalive, String inner) {
        return TunnelSpec.builder(DEVICE, Mode.GRE)
                .local(here.address())
                .remote(there.address())
                .key(key)
                .keepalive(keepalive)
                .addresses(List.of(Prefix.parse(inner)))
                .build();
    }

    private static JsonNode shown(LabGateway gateway) {
        return gateway.show().path("tunnels").path(0);
    }

    private static String state(LabGateway gateway) {
        return shown(gateway).path("state").asString("");
    }

    private static boolean hasCarrier(Host host) {
        return !host.ipJson("link", "show", "dev", DEVICE)
                .path(0)
                .path("flags")
                .toString()
                .contains("NO-CARRIER");
    }

    @Test
    void followsAGatewayThatGoesAndComes() {
        Judges.requireTool("tcpdump", "tcpdump");
        Judges.requireTool("tshark", "tshark");
        try (Lab lab = Lab.twoHosts()) {
            LabGateway left = LabGateway.on(lab.left())
                    .tunnel(tunnel(lab.left(), lab.right(), null, EVERY_SECOND, "192.0.2.1/30"))
                    .start();
            LabGateway.Builder other = LabGateway.on(lab.right())
                    .tunnel(tunnel(lab.right(), lab.left(), null, Keepalive.ANSWER, "192.0.2.2/30"));
            LabGateway right = other.start();
            LabProcess monitor =
                    lab.left().start(Culvert.command("--socket", left.socket().toString(), "monitor"), Map.of());
            try (Capture capture = lab.left().capture(Host.UNDERLAY, "ip proto 47")) {
                // Some went before the capture began.
                long atLeft = answered(left) + 4;
                long atRight = answered(right) + 4;
                Await.until("keepalives come back", () -> answered(left) >= atLeft && answered(right) >= atRight);
                assertFormat(capture.stop());
            }
            assertThat(state(left)).isEqualTo("up");

            right.kill();
            Await.until("the tunnel is down", () -> state(left).equals("down"));
            assertThat(shown(left).path("reason").asString("")).contains("no keepalive");
            Await.until("the device has no carrier", () -> !hasCarrier(lab.left()));
            monitor.awaitOutput("tunnel-down", TIMEOUT);

            other.name("again").start();
            Await.until("the tunnel is up", () -> state(left).equals("up"));
            Await.until("the device has its carrier", () -> hasCarrier(lab.left()));
            monitor.awaitOutput("tunnel-up", TIMEOUT);
            try (Ping ping = Ping.open(lab.left(), InetAddress.ofLiteral("192.0.2.2"))) {
                // The kernel lets packets through a moment after it has the carrier.
                Await.until("a reply", () -> ping.echo(56, SHORT).kind() == Ping.Kind.REPLY);
            }
        }
    }

    private static long answered(LabGateway gateway) {
        return shown(gateway).path("decapsulation").path("answered").asLong();
    }

    private static void assertFormat(Path capture) {
        List<Map<String, String>> packets = Tshark.decode(
                capture, "ip.src", "ip.dst", "ip.ttl", "ip.checksum.status", "gre.proto", "_ws.malformed");
        assertThat(packets).hasSizeGreaterThanOrEqualTo(6);
        for (Map<String, String> packet : packets) {
            assertThat(packet.getOrDefault("_ws.malformed", "")).isEmpty();
            if (packet.getOrDefault("gre.proto", "").equals("0x0000")) {
                assertThat(packet).containsEntry("ip.src", "203.0.113.2").containsEntry("ip.ttl", "254");
            } else {
                assertThat(packet)
                        .containsEntry("gre.proto", "0x0800,0x0000")
                        .containsEntry("ip.src", "203.0.113.1,203.0.113.2")
                        .containsEntry("ip.dst", "203.0.113.2,203.0.113.1")
                        .containsEntry("ip.checksum.status", "1,1");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"AUTO, -", "RAW, 7"})
    void speaksWithARouterInCiscosFormat(Lane lane, String key) {
        Judges.requireScapy();
        Integer number = key.equals("-") ? null : Integer.valueOf(key);
        try (Lab lab = Lab.twoHosts()) {
            LabGateway gateway = LabGateway.on(lab.left())
                    .lane(lane)
                    .tunnel(tunnel(lab.left(), lab.right(), number, EVERY_SECOND, "192.0.2.1/30"))
                    .start();
            LabProcess peer = lab.right()
                    .start(
                            Judges.pythonCommand(
                                    KeepaliveIT.class,
                                    "/it/gre_keepalive_peer.py",
                                    lab.right().address().getHostAddress(),
                                    lab.left().address().getHostAddress(),
                                    key),
                            Map.of());
            peer.awaitOutput("came back", TIMEOUT);
            peer.awaitOutput("gave back", TIMEOUT);
            Await.until("the tunnel is up", () -> state(gateway).equals("up"));
            Await.until("some keepalives were exchanged", () -> answered(gateway) >= 8);
            assertThat(peer.outputLines()).noneMatch(line -> line.startsWith("wrong"));
            assertThat(Counts.of(gateway).drops(DEVICE, "decapsulation")).isEmpty();
            assertThat(state(gateway)).isEqualTo("up");

            peer.close();
            Await.until("the tunnel is down", () -> state(gateway).equals("down"));
        }
    }
}
