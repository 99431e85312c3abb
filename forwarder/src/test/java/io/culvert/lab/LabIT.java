package io.culvert.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The lab by itself, without a gateway: what it says about a network must be true before it judges one. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class LabIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    @ParameterizedTest
    @EnumSource(WireMode.class)
    void tcpArrivesWithItsDigest(WireMode mode) {
        try (Lab lab = Lab.builder().wireMode(mode).build()) {
            TcpTransfer.Result result = TcpTransfer.checked(
                    lab.left(), lab.right(), lab.right().address(), 64_000_001, Duration.ofSeconds(30));

            assertThat(result.bytes()).isEqualTo(64_000_001);
            assertThat(result.received()).isEqualTo(result.sent());
        }
    }

    @Test
    void tcpRunsForAsLongAsToldTo() {
        try (Lab lab = Lab.twoHosts()) {
            TcpTransfer.Result result =
                    TcpTransfer.timed(lab.left(), lab.right(), lab.right().address(), Duration.ofSeconds(1));

            // A busy machine lets the receiver begin late, and end late.
            assertThat(result.seconds()).isBetween(0.5, 10.0);
            assertThat(result.gigabitsPerSecond()).isGreaterThan(0.1);
        }
    }

    @Test
    void pingsOfEverySizeAreAnswered() {
        try (Lab lab = Lab.twoHosts();
                Ping ping = Ping.open(lab.left(), lab.right().address())) {
            for (int payload : new int[] {0, 1, 56, 1472, 1473, 20_000, Ping.MAX_PAYLOAD}) {
                assertThat(ping.echo(payload, SOON).kind())
                        .as("payload of %d bytes", payload)
                        .isEqualTo(Ping.Kind.REPLY);
            }
            long start = System.nanoTime();
            Ping.Summary summary = ping.run(20, 56, SOON);
            assertThat(summary.received()).isEqualTo(20);
            // Ten at least took as long as the median.
            assertThat(summary.medianMillis()).isBetween(0.001, (System.nanoTime() - start) / 1e6 / 10);
        }
    }

    @Test
    void pingTellsWhatCameBackInsteadOfAReply() {
        try (Lab lab = Lab.builder().router(1300).build();
                Ping ping = Ping.open(lab.left(), lab.right().address());
                Ping nowhere = Ping.open(lab.left(), InetAddress.ofLiteral("198.51.100.1"))) {
            ping.setDontFragment(true);

            assertThat(ping.echo(1400, SOON)).satisfies(answer -> {
                assertThat(answer.kind()).isEqualTo(Ping.Kind.TOO_BIG);
                assertThat(answer.mtu()).isEqualTo(1300);
            });
            assertThat(ping.echo(1473, SOON).kind()).isEqualTo(Ping.Kind.TOO_BIG);
            assertThat(ping.echo(1272, SOON).kind()).isEqualTo(Ping.Kind.REPLY);
            assertThat(nowhere.echo(56, SOON).kind()).isEqualTo(Ping.Kind.UNREACHABLE);
            lab.right().exec("ip", "link", "set", "dev", Host.UNDERLAY, "down").orThrow();
            assertThat(ping.echo(56, Duration.ofMillis(100)).kind()).isEqualTo(Ping.Kind.NOTHING);
            lab.left().exec("ip", "link", "set", "dev", Host.UNDERLAY, "down").orThrow();
            assertThat(ping.echo(56, SOON).kind()).isEqualTo(Ping.Kind.UNREACHABLE);
        }
    }

    @Test
    void floodArrivesWhole() {
        try (Lab lab = Lab.twoHosts()) {
            UdpFlood there = UdpFlood.start(lab.left(), lab.right(), lab.right().address(), 200_000, 36, 0);
            UdpFlood back = UdpFlood.start(lab.right(), lab.left(), lab.left().address(), 20_000, 1400, 20_000);

            assertThat(there.await()).satisfies(LabIT::isWhole);
            assertThat(back.await())
                    .satisfies(LabIT::isWhole)
                    .satisfies(result -> assertThat(result.seconds()).isGreaterThan(0.95));
        }
    }

    @Test
    void floodMissesWhatTheNetworkLoses() {
        try (Lab lab = Lab.twoHosts()) {
            lab.right().exec("nft", "add table ip lossy").orThrow();
            lab.right()
                    .exec("nft", "add chain ip lossy prerouting { type filter hook prerouting priority -300; }")
                    .orThrow();
            lab.right()
                    .exec("nft", "add rule ip lossy prerouting udp length 44 numgen inc mod 1000 == 7 drop")
                    .orThrow();

            UdpFlood.Result result = UdpFlood.start(
                            lab.left(), lab.right(), lab.right().address(), 50_000, 36, 0)
                    .await();

            assertThat(result.lost()).isEqualTo(50);
        }
    }

    private static void isWhole(UdpFlood.Result result) {
        assertThat(result.delivered()).as("%s", result).isEqualTo(result.sent());
        assertThat(result.reordered() + result.duplicated() + result.corrupted() + result.lost())
                .as("%s", result)
                .isZero();
    }

    @Test
    void isGoneForWhoeverClosesIt() throws InterruptedException {
        Lab lab = Lab.twoHosts();
        LabProcess stubborn = lab.left().start("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done");
        stubborn.awaitOutput("ready", SOON);
        Thread first = Thread.ofPlatform().start(lab::close);
        while (!lab.isClosed()) {
            Thread.sleep(1);
        }

        lab.close();

        assertThat(Programs.run("ip", "netns", "list").out())
                .doesNotContain(lab.left().namespace());
        first.join();
    }

    @Test
    void removesItsHostsAndProgramsAtClose() {
        Lab lab = Lab.twoHosts();
        LabProcess sleeper = lab.left().start("sleep", "600");
        assertThat(Programs.run("ip", "netns", "list").out())
                .contains(lab.left().namespace());

        lab.close();

        assertThat(sleeper.isAlive()).isFalse();
        assertThat(Programs.run("ip", "netns", "list").out())
                .doesNotContain(lab.left().namespace())
                .doesNotContain(lab.right().namespace());
        assertThat(lab.left().directory()).doesNotExist();
    }

    @Test
    void removesWhatAKilledRunLeftBehind() {
        LabProcess run = LabProcess.start(Culvert.java(List.of(), HangingLab.class.getName()), Map.of());
        String namespace = run.awaitOutput("namespace (\\S+)", SOON).group(1);
        assertThat(Programs.run("ip", "netns", "list").out()).contains(namespace);
        run.kill();

        // So does any other process that builds a lab meanwhile.
        Lab.twoHosts().close();

        assertThat(Programs.run("ip", "netns", "list").out()).doesNotContain(namespace);
    }

    @Test
    void removesItsHostsWhenItIsTerminated() {
        LabProcess run = LabProcess.start(Culvert.java(List.of(), HangingLab.class.getName()), Map.of());
        String namespace = run.awaitOutput("namespace (\\S+)", SOON).group(1);

        assertThat(run.terminate(SOON)).isEqualTo(143);

        assertThat(Programs.run("ip", "netns", "list").out()).doesNotContain(namespace);
    }

    @Test
    void capturesEveryPacket() {
        try (Lab lab = Lab.twoHosts();
                Capture capture = lab.right().capture(Host.UNDERLAY, "udp")) {
            List<String> send = List.of("bash", "-c", "for i in {1..200}; do echo $i > /dev/udp/203.0.113.2/9; done");
            lab.left().exec(SOON, send).orThrow();

            Path file = capture.stop();

            assertThat(file).matches(Files::exists);
            assertThat(Tshark.decode(file, "ip.proto", "udp.length"))
                    .hasSize(200)
                    .allSatisfy(packet -> assertThat(packet).containsEntry("ip.proto", "17"));
        }
    }

    @Test
    void routerAnswersPacketsAboveItsMtu() {
        try (Lab lab = Lab.builder().router(1300).build()) {
            TcpTransfer.checked(lab.left(), lab.right(), lab.right().address(), 1_000_000, SOON);

            String cached = lab.left()
                    .exec("ip", "route", "get", "203.0.113.5")
                    .orThrow()
                    .out();

            assertThat(cached).contains("mtu 1300");
        }
    }

    @Test
    void saysWhichCommandFailed() {
        try (Lab lab = Lab.twoHosts()) {
            assertThatThrownBy(() ->
                            lab.left().exec("ip", "link", "show", "nosuch").orThrow())
                    .isInstanceOf(LabException.class)
                    .hasMessageContaining("ip link show nosuch")
                    .hasMessageContaining("does not exist");
        }
    }

    /** Builds a lab, says its name and never ends by itself. */
    static final class HangingLab {
        public static void main(String[] arguments) throws InterruptedException {
            Lab lab = Lab.twoHosts();
            lab.right().start("sleep", "600");
            System.out.println("namespace " + lab.right().namespace());
            Thread.sleep(Duration.ofMinutes(10));
        }
    }
}
