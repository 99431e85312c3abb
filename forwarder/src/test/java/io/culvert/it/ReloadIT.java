package io.culvert.it;

import static io.culvert.it.TwoGateways.DEVICE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.ConfigWriter;
import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.it.Scenario.Kind;
import io.culvert.lab.CommandResult;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.UdpFlood;
import io.culvert.lab.WireMode;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Configuration that changes under a running gateway: reload, roll-back, commands that save. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ReloadIT {

    private static final int PROBLEMS = 3;
    private static final Duration SOON = Duration.ofSeconds(60);

    @Test
    void reloadUnderLoadLosesNothing() {
        Scenario scenario = new Scenario(Kind.GRE, Lane.AUTO, Pipeline.FUSED, WireMode.OFFLOADED);
        try (TwoGateways gateways = TwoGateways.start(scenario)) {
            LabGateway left = gateways.left();
            ObjectNode config = (ObjectNode) left.request("config", none()).required("config");
            int index = tunnel(left, DEVICE).required("ifindex").asInt();
            UdpFlood flood = UdpFlood.start(
                    gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER, 15_000, 200, 5_000);
            for (int round = 1; round <= 10; round++) {
                ObjectNode tunnel = (ObjectNode) config.required("tunnel").get(0);
                tunnel.put("ttl", 64 + round);
                ArrayNode tunnels = config.putArray("tunnel").add(tunnel);
                if (round % 2 == 1) {
                    tunnels.add(TunnelSpecCodec.encode(other("more", gateways.leftHost())));
                }
                left.rewrite(ConfigWriter.toToml(config));
                reload(left);
                assertThat(gateways.leftHost().hasDevice("more")).isEqualTo(round % 2 == 1);
            }

            UdpFlood.Result result = flood.await();

            assertThat(result.lost()).as("%s", result).isLessThanOrEqualTo(FullQueues.only(gateways));
            JsonNode after = tunnel(left, DEVICE);
            assertThat(after.required("ttl").asInt()).isEqualTo(74);
            assertThat(after.required("ifindex").asInt()).isEqualTo(index);
            Await.until(
                    "it has counted all, whatever it was meanwhile",
                    () -> Counts.of(left).encapsulated(DEVICE) >= result.delivered());
        }
    }

    @Test
    void aBrokenFileChangesNothingAndSaysWhy() {
        try (Lab lab = Lab.twoHosts()) {
            LabGateway gateway =
                    LabGateway.on(lab.left()).tunnel(other("gre1", lab.left())).start();
            String good = ConfigWriter.toToml(
                    (ObjectNode) gateway.request("config", none()).required("config"));
            gateway.rewrite(good + "\n[[tunnel]]\nname = \"gre2\"\nmode = \"gr\"\n");

            CommandResult result = gateway.culvert("reload");
            gateway.process().signal("HUP");

            assertThat(result.exit()).isEqualTo(PROBLEMS);
            assertThat(result.err()).startsWith(gateway.file() + ":").contains("\"gr\" is not a mode");
            gateway.process().awaitError("the configuration stays as it was", SOON);
            gateway.process().awaitError("\"gr\" is not a mode", SOON);
            assertThat(gateway.show().path("last-reload").path("successful").asBoolean(true))
                    .isFalse();
            assertThat(names(gateway)).containsExactly("gre1");

            gateway.rewrite(good.replace("gre1", "gre3"));
            assertThat(gateway.culvert("diff").out()).contains("- tunnel gre1").contains("+ tunnel gre3");
            gateway.process().signal("HUP");
            Await.until("SIGHUP reloads", () -> names(gateway).equals(List.of("gre3")));
            assertThat(gateway.culvert("diff").out()).isEqualTo("no difference\n");
        }
    }

    @Test
    void whatNobodyConfirmsIsTakenBackAlsoByTheNextStart() {
        try (Lab lab = Lab.twoHosts()) {
            LabGateway.Builder builder = LabGateway.on(lab.left()).text(toml(lab.left(), "before"));
            LabGateway gateway = builder.start();
            String after = toml(lab.left(), "after");
            gateway.rewrite(after);
            reload(gateway, 3);
            assertThat(names(gateway)).containsExactly("after");
            Await.until("the reload is taken back", () -> names(gateway).equals(List.of("before")));

            reload(gateway, 600);
            gateway.kill();
            LabGateway restarted = builder.text(after).start();
            assertThat(names(restarted)).as("killed before it was confirmed").containsExactly("before");
            restarted.process().awaitError("was not confirmed", SOON);

            reload(restarted, 600);
            restarted.request("confirm", none());
            restarted.kill();
            assertThat(names(builder.start()))
                    .as("killed after it was confirmed")
                    .containsExactly("after");
        }
    }

    @Test
    void savedTunnelsAreThereAfterARestartAndOthersAreNot() throws IOException {
        try (Lab lab = Lab.twoHosts()) {
            Path confD = Files.createDirectory(lab.left().directory().resolve("conf.d"));
            LabGateway.Builder builder =
                    LabGateway.on(lab.left()).text(toml(lab.left(), "fixed")).options("--conf-d", confD.toString());
            LabGateway gateway = builder.start();
            String[] add = {"tunnel", "add", "gre1", "mode", "gre", "remote", "203.0.113.9", "key", "7", "--save"};
            assertThat(gateway.culvert(add).exit()).isZero();
            assertThat(gateway.culvert("tunnel", "change", "gre1", "ttl", "9", "--save")
                            .exit())
                    .isZero();
            assertThat(gateway.culvert("tunnel", "add", "gre2", "mode", "gre", "remote", "203.0.113.8")
                            .exit())
                    .isZero();
            assertThat(gateway.culvert("diff").out())
                    .startsWith("- tunnel gre2")
                    .doesNotContain("gre1");
            CommandResult refused = gateway.culvert("tunnel", "del", "fixed", "--save");
            assertThat(refused.exit()).isNotZero();
            assertThat(refused.err()).contains("is defined at " + gateway.file());
            gateway.stop();

            LabGateway restarted = builder.start();

            assertThat(names(restarted)).containsExactly("fixed", "gre1");
            assertThat(tunnel(restarted, "gre1").required("ttl").asInt()).isEqualTo(9);
            assertThat(restarted.culvert("tunnel", "del", "gre1", "--save").exit())
                    .isZero();
            assertThat(confD).isEmptyDirectory();
            assertThat(restarted.culvert("diff").out()).isEqualTo("no difference\n");
        }
    }

    @Test
    void followsWhatOthersDoToItsDevices() {
        try (Lab lab = Lab.twoHosts()) {
            Host host = lab.left();
            LabGateway gateway =
                    LabGateway.on(host).text(toml(host, "gre1", "gre2")).start();

            host.exec("ip", "link", "del", "gre1").orThrow();
            gateway.process().awaitError("\"gre1\": its device was removed", SOON);
            Await.until("the device is made again", () -> host.hasDevice("gre1"));
            host.exec("ip", "link", "set", "gre2", "down").orThrow();
            host.exec("ip", "link", "set", "gre2", "name", "other").orThrow();
            host.exec("ip", "link", "set", "other", "mtu", "1300", "up").orThrow();

            Await.until("the tunnel has the device's name", () -> names(gateway).contains("other"));
            Await.until(
                    "the tunnel has the device's MTU",
                    () -> tunnel(gateway, "other").required("mtu").asInt() == 1300);
            assertThat(gateway.culvert("tunnel", "del", "other").exit()).isZero();
            assertThat(devices(host)).containsExactly("gre1");
        }
    }

    @Test
    void aLongerHeaderTakesFromTheMtu() {
        try (Lab lab = Lab.twoHosts()) {
            Host host = lab.left();
            LabGateway gateway = LabGateway.on(host).text(toml(host, "gre1")).start();
            int mtu = mtu(host, "gre1");

            assertThat(gateway.culvert("tunnel", "change", "gre1", "key", "7", "csum")
                            .exit())
                    .isZero();

            assertThat(mtu(host, "gre1")).isEqualTo(mtu - 8);
        }
    }

    private static int mtu(Host host, String device) {
        return host.ipJson("link", "show", "dev", device).get(0).required("mtu").asInt();
    }

    private static ObjectNode none() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static void reload(LabGateway gateway) {
        gateway.request("reload", none());
    }

    private static void reload(LabGateway gateway, int confirmWithinSeconds) {
        gateway.request("reload", none().put("confirm-within-seconds", confirmWithinSeconds));
    }

    private static JsonNode tunnel(LabGateway gateway, String name) {
        for (JsonNode tunnel : gateway.show().path("tunnels")) {
            if (tunnel.path("name").asString("").equals(name)) {
                return tunnel;
            }
        }
        throw new AssertionError("no tunnel " + name);
    }

    private static List<String> names(LabGateway gateway) {
        return gateway.show()
                .path("tunnels")
                .valueStream()
                .map(tunnel -> tunnel.path("name").asString(""))
                .toList();
    }

    private static List<String> devices(Host host) {
        return host.ipJson("link", "show", "type", "tun")
                .valueStream()
                .map(link -> link.path("ifname").asString(""))
                .toList();
    }

    private static String toml(Host host, String... names) {
        ObjectNode tree = none();
        ArrayNode tunnels = tree.putArray("tunnel");
        for (String name : names) {
            tunnels.add(TunnelSpecCodec.encode(other(name, host)));
        }
        return ConfigWriter.toToml(tree);
    }

    /** A tunnel to nobody; each name has a remote of its own. */
    private static TunnelSpec other(String name, Host host) {
        return TunnelSpec.builder(name, Mode.GRE)
                .local(host.address())
                .remote(InetAddress.ofLiteral("203.0.113." + (100 + Math.floorMod(name.hashCode(), 100))))
                .build();
    }
}
