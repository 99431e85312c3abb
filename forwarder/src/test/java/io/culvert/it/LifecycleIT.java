package io.culvert.it;

import static io.culvert.it.TwoGateways.DEVICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.it.Scenario.Kind;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabException;
import io.culvert.lab.LabGateway;
import io.culvert.lab.LabProcess;
import io.culvert.lab.Ping;
import io.culvert.lab.UdpFlood;
import io.culvert.lab.WireMode;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How gateways start, stop, are killed, are refused, and change while they run. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LifecycleIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int REFUSED = 2;
    private static final int PROBLEMS = 3;
    private static final int MISSING = 4;
    /** 128 and SIGTERM. */
    private static final int TERMINATED = 143;

    @Test
    void terminationRemovesDeviceAndSocket() {
        try (TwoGateways gateways = TwoGateways.start(scenario(Pipeline.FUSED))) {
            assertThat(gateways.leftHost().hasDevice(DEVICE)).isTrue();
            assertThat(gateways.left().socket()).exists();

            assertThat(gateways.left().stop()).isIn(0, TERMINATED);

            assertThat(gateways.leftHost().hasDevice(DEVICE)).isFalse();
            assertThat(gateways.left().socket()).doesNotExist();
            assertThat(gateways.left().process().errorLines()).isEmpty();
        }
    }

    @Test
    void aKilledGatewayStartsAgainAtOnce() {
        try (Lab lab = Lab.twoHosts();
                Ping ping = Ping.open(lab.left(), TwoGateways.RIGHT_INNER)) {
            gateway(lab.left(), lab.right(), TwoGateways.LEFT_INNER).start();
            LabGateway killed =
                    gateway(lab.right(), lab.left(), TwoGateways.RIGHT_INNER).start();
            assertReply(ping);

            killed.kill();
            LabGateway again =
                    gateway(lab.right(), lab.left(), TwoGateways.RIGHT_INNER).start();

            assertReply(ping);
            Await.until("the request is counted", () -> Counts.of(again).decapsulated(DEVICE) == 1);
        }
    }

    @Test
    void aSecondGatewayOnTheSameSocketIsRefusedAndTheFirstUndisturbed() {
        try (TwoGateways gateways = TwoGateways.start(scenario(Pipeline.FUSED))) {
            LabGateway second = LabGateway.on(gateways.leftHost()).launch();

            assertRefused(second.process(), REFUSED, gateways.left().socket().toString());
            assertWorks(gateways);
        }
    }

    @Test
    void aSecondGatewayWithTheSameTunnelIsRefusedAndTheFirstUndisturbed() {
        try (TwoGateways gateways = TwoGateways.start(scenario(Pipeline.FUSED))) {
            LabGateway second = LabGateway.on(gateways.leftHost())
                    .name("second")
                    .tunnel(tunnel(DEVICE, gateways.leftHost(), gateways.rightHost(), TwoGateways.LEFT_INNER))
                    .launch();

            assertRefused(second.process(), REFUSED, DEVICE);
            assertThat(second.socket()).doesNotExist();
            assertWorks(gateways);
        }
    }

    @Test
    void duplicatesOfATunnelAreRefused() {
        try (TwoGateways gateways = TwoGateways.start(scenario(Pipeline.FUSED))) {
            TunnelSpec sameName = tunnel(DEVICE, gateways.leftHost(), gateways.rightHost(), TwoGateways.LEFT_INNER);
            TunnelSpec sameEnds = tunnel("other", gateways.leftHost(), gateways.rightHost(), TwoGateways.LEFT_INNER);

            assertThatThrownBy(() -> gateways.left().add(sameName))
                    .isInstanceOf(LabException.class)
                    .hasMessageContaining(DEVICE);
            assertThatThrownBy(() -> gateways.left().add(sameEnds))
                    .isInstanceOf(LabException.class)
                    .hasMessageContaining(DEVICE);

            assertThat(gateways.leftHost().hasDevice("other")).isFalse();
            assertWorks(gateways);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Pipeline.class,
            names = {"FUSED", "STAGED"})
    void tunnelsComeAndGoWhileAnotherLosesNothing(Pipeline pipeline) {
        try (TwoGateways gateways = TwoGateways.start(scenario(pipeline))) {
            Host left = gateways.leftHost();
            UdpFlood flood = UdpFlood.start(left, gateways.rightHost(), TwoGateways.RIGHT_INNER, 15_000, 500, 5_000);
            for (int round = 0; round < 10; round++) {
                // An unused mode brings its receive sockets and takes them away again.
                gateways.left().add(other("more" + round, Mode.GRE, left.address()));
                gateways.right()
                        .add(other(
                                "more" + round, Mode.IPIP, gateways.rightHost().address()));
                gateways.left().delete("more" + round);
                gateways.right().delete("more" + round);
            }

            UdpFlood.Result result = flood.await();
            assertThat(result.lost()).as("%s", result).isLessThanOrEqualTo(FullQueues.only(gateways));
            assertThat(left.hasDevice("more9")).isFalse();
        }
    }

    static Stream<Arguments> brokenFiles() {
        return Stream.of(
                Arguments.of("[[tunnel]", "1:9: "),
                Arguments.of("[datapath]\nlane = \"left\"\n", "2:8: \"left\""),
                Arguments.of("[[tunnel]]\nname = \"t\"\nmode = \"gr\"\n", "3:8: \"gr\""),
                Arguments.of(
                        "[[tunnel]]\nname = \"sixteencharacter\"\nmode = \"gre\"\nremote = \"203.0.113.2\"\n",
                        "2:8: \"sixteencharacter\""));
    }

    @ParameterizedTest
    @MethodSource("brokenFiles")
    void aBrokenFileIsRefusedWithPlaceAndReason(String toml, String problem) {
        try (Lab lab = Lab.twoHosts()) {
            LabGateway gateway = LabGateway.on(lab.left()).text(toml).launch();

            assertThat(gateway.process().exitCode(SOON)).isEqualTo(PROBLEMS);

            assertThat(gateway.process().errorLines()).first().asString().startsWith(gateway.file() + ":" + problem);
            assertThat(gateway.process().outputLines()).isEmpty();
            assertThat(lab.left().ipJson("link").size()).as("lo and eth0").isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"net_admin", "net_raw"})
    void aMissingCapabilityIsNamed(String capability) {
        try (Lab lab = Lab.twoHosts()) {
            LabGateway gateway = gateway(lab.left(), lab.right(), TwoGateways.LEFT_INNER)
                    .wrapper("setpriv", "--bounding-set", "-" + capability, "--inh-caps", "-" + capability)
                    .launch();

            assertRefused(gateway.process(), MISSING, "CAP_" + capability.toUpperCase(Locale.ROOT));
            assertThat(lab.left().hasDevice(DEVICE)).isFalse();
        }
    }

    @Test
    void aMissingTunDriverIsNamed() {
        try (Lab lab = Lab.twoHosts()) {
            LabGateway gateway = gateway(lab.left(), lab.right(), TwoGateways.LEFT_INNER)
                    .wrapper("unshare", "-m", "sh", "-c", "mount -t tmpfs none /dev/net && exec \"$@\"", "sh")
                    .launch();

            assertRefused(gateway.process(), MISSING, "/dev/net/tun");
        }
    }

    /** It ends with that exit code and one line that names the thing. */
    private static void assertRefused(LabProcess process, int exitCode, String thing) {
        int code = process.exitCode(SOON);
        assertThat(process.errorLines()).hasSize(1).first().asString().contains(thing);
        assertThat(code).isEqualTo(exitCode);
        assertThat(process.outputLines()).isEmpty();
    }

    private static void assertWorks(TwoGateways gateways) {
        try (Ping ping = Ping.open(gateways.leftHost(), TwoGateways.RIGHT_INNER)) {
            assertReply(ping);
        }
        Await.until("the request is counted", () -> Counts.of(gateways.left()).encapsulated(DEVICE) > 0);
    }

    private static void assertReply(Ping ping) {
        assertThat(ping.echo(56, SOON).kind()).isEqualTo(Ping.Kind.REPLY);
    }

    private static Scenario scenario(Pipeline pipeline) {
        return new Scenario(Kind.IPIP, Lane.AUTO, pipeline, WireMode.OFFLOADED);
    }

    private static LabGateway.Builder gateway(Host here, Host there, InetAddress inner) {
        return LabGateway.on(here).tunnel(tunnel(DEVICE, here, there, inner));
    }

    private static TunnelSpec tunnel(String name, Host here, Host there, InetAddress inner) {
        return TunnelSpec.builder(name, Mode.IPIP)
                .local(here.address())
                .remote(there.address())
                .addresses(List.of(new Prefix(inner, 30)))
                .build();
    }

    /** A tunnel to nobody. */
    private static TunnelSpec other(String name, Mode mode, InetAddress local) {
        return TunnelSpec.builder(name, mode)
                .local(local)
                .remote(InetAddress.ofLiteral("203.0.113.3"))
                .build();
    }
}
