package io.culvert.it;

import static io.culvert.it.TwoGateways.DEVICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.it.Scenario.Kind;
import io.culvert.lab.CommandResult;
import io.culvert.lab.Host;
import io.culvert.lab.LabException;
import io.culvert.lab.LabProcess;
import io.culvert.lab.Ping;
import io.culvert.lab.WireMode;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Payload;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.JsonNodeFactory;

/** What users of {@code ip tunnel} do with the device afterwards, by {@code ip}, while it carries packets. */
@Timeout(180)
class DeviceIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(500);

    private TwoGateways gateways;

    @BeforeEach
    void start() {
        gateways = TwoGateways.start(new Scenario(Kind.GRE, Lane.AUTO, Pipeline.FUSED, WireMode.OFFLOADED));
    }

    @AfterEach
    void stop() {
        gateways.close();
    }

    @Test
    void addressesComeAndGo() {
        gateways.leftHost().ip("address add 192.0.2.5/30 dev " + DEVICE);
        gateways.rightHost().ip("address add 192.0.2.6/30 dev " + DEVICE);
        for (Host host : List.of(gateways.leftHost(), gateways.rightHost())) {
            host.sysctl("net.ipv6.conf." + DEVICE + ".disable_ipv6", "0");
        }
        gateways.leftHost().ip("address add 2001:db8:1::1/64 dev " + DEVICE + " nodad");
        gateways.rightHost().ip("address add 2001:db8:1::2/64 dev " + DEVICE + " nodad");
        assertThat(ping("192.0.2.6", 1_400)).isEqualTo(Ping.Kind.REPLY);
        assertThat(ping("2001:db8:1::2", 1_400)).isEqualTo(Ping.Kind.REPLY);

        gateways.leftHost().ip("address del 192.0.2.5/30 dev " + DEVICE);
        gateways.left().request("reload", JsonNodeFactory.instance.objectNode());
        assertThat(gateways.leftHost()
                        .exec("ip", "-o", "address", "show", "dev", DEVICE)
                        .out())
                .contains("192.0.2.1/30")
                .doesNotContain("192.0.2.5");
    }

    @Test
    void routesLeadIntoIt() {
        gateways.rightHost().ip("address add 198.51.100.1/32 dev lo");
        gateways.leftHost().ip("route add 198.51.100.0/24 dev " + DEVICE);
        assertThat(ping("198.51.100.1", 56)).isEqualTo(Ping.Kind.REPLY);

        gateways.leftHost().ip("route replace 198.51.100.0/24 via 192.0.2.2");
        assertThat(ping("198.51.100.1", 56)).isEqualTo(Ping.Kind.REPLY);
    }

    /** As the kernel numbers a device that nobody named: past every other, be it a tunnel's or not. */
    @Test
    void aTunnelWithoutANameGetsOneThatNoDeviceHas() {
        gateways.leftHost().ip("link add gre1 type veth peer name other");

        CommandResult add = gateways.left().culvert("tunnel", "add", "mode", "gre", "remote", "203.0.113.9");

        assertThat(add.exit()).as(add.err()).isZero();
        assertThat(gateways.leftHost().hasDevice("gre2")).isTrue();
    }

    @Test
    void linkDownStopsItAndLinkUpStartsItAgain() {
        gateways.rightHost().ip("link set " + DEVICE + " down");
        assertThat(ping("192.0.2.2", 56, SHORT)).isNotEqualTo(Ping.Kind.REPLY);
        Await.until("the tunnel is shown as down", () -> show("state").equals("down"));

        gateways.rightHost().ip("link set " + DEVICE + " up");
        Await.until("a reply after link up", () -> ping("192.0.2.2", 56, SHORT) == Ping.Kind.REPLY);
        Await.until("the tunnel is shown as up", () -> show("state").equals("up"));
    }

    @Test
    void mtuIsWhatTheUserSays() {
        gateways.leftHost().ip("link set " + DEVICE + " mtu 1300");
        Await.until(
                "show has the MTU",
                () -> gateways.left().show().at("/tunnels/0/mtu").asString("").equals("1300"));
        try (Ping ping = Ping.open(gateways.leftHost(), TwoGateways.RIGHT_INNER)) {
            ping.setDontFragment(true);
            assertThat(ping.echo(1_272, SOON).kind()).isEqualTo(Ping.Kind.REPLY);
            assertThat(ping.echo(1_273, SHORT).kind()).isEqualTo(Ping.Kind.TOO_BIG);
        }
        assertThat(ping("192.0.2.2", 4_000)).isEqualTo(Ping.Kind.REPLY);
    }

    @Test
    void anotherNameIsTheTunnelsFromThenOn() {
        gateways.leftHost().ip("link set " + DEVICE + " name office");
        Await.until(
                "show has the name",
                () -> gateways.left().show().at("/tunnels/0/name").asString("").equals("office"));
        assertThat(ping("192.0.2.2", 56)).isEqualTo(Ping.Kind.REPLY);
        assertThat(gateways.left()
                        .culvert("tunnel", "change", "office", "ttl", "9")
                        .exit())
                .isZero();
        assertThat(gateways.left().culvert("tunnel", "show", "office").out()).contains("office: gre/ip", "ttl 9");
        assertThat(ping("192.0.2.2", 56)).isEqualTo(Ping.Kind.REPLY);
    }

    @Test
    void removalIsReportedAndRepaired() {
        LabProcess process = gateways.left().process();
        gateways.leftHost().ip("link del " + DEVICE);
        process.awaitError("\"" + DEVICE + "\": its device was removed", SOON);
        Await.until(
                "a reply by the device that was made again",
                () -> gateways.leftHost().hasDevice(DEVICE) && ping("192.0.2.2", 56, SHORT) == Ping.Kind.REPLY);
    }

    /** A TUN device names protocols, or takes IP only, for good: what its tunnel is meanwhile says nothing of it. */
    @Test
    void aDeviceThatWasMadeForIpOnlyGetsNoMpls() {
        gateways.left().add(tunnel("late", Mode.IPIP, Payload.IPIP));

        for (Mode between : List.of(Mode.IPIP, Mode.GRE)) {
            change(tunnel("late", between, Payload.IPIP));
            assertThatThrownBy(() -> change(tunnel("late", Mode.IPIP, Payload.ANY)))
                    .isInstanceOf(LabException.class)
                    .hasMessageContaining("tunnel \"late\": its device was made for IP only, and proto \"any\" is MPLS,"
                            + " too: delete the tunnel first, or use another name");
        }
        change(tunnel(DEVICE, Mode.IPIP, Payload.IPIP));
        change(tunnel(DEVICE, Mode.IPIP, Payload.MPLSIP));
    }

    private static TunnelSpec tunnel(String name, Mode mode, Payload payload) {
        TunnelSpecBuilder spec = TunnelSpec.builder(name, mode)
                .local(InetAddress.ofLiteral("203.0.113.1"))
                .remote(InetAddress.ofLiteral(name.equals(DEVICE) ? "203.0.113.8" : "203.0.113.9"));
        return (mode == Mode.IPIP ? spec.payload(payload) : spec).build();
    }

    private void change(TunnelSpec changed) {
        gateways.left().request("tunnel-change", TunnelSpecCodec.encode(changed));
    }

    private String show(String field) {
        return gateways.right().show().at("/tunnels/0/" + field).asString("");
    }

    private Ping.Kind ping(String address, int payload) {
        return ping(address, payload, SOON);
    }

    private Ping.Kind ping(String address, int payload, Duration timeout) {
        try (Ping ping = Ping.open(gateways.leftHost(), InetAddress.ofLiteral(address))) {
            return ping.echo(payload, timeout).kind();
        }
    }
}
