package io.culvert.it;

import static io.culvert.config.GatewayConfig.Lane.RAW;
import static io.culvert.config.GatewayConfig.Lane.SUPER;
import static io.culvert.config.GatewayConfig.Pipeline.FUSED;
import static io.culvert.config.GatewayConfig.Pipeline.STAGED;
import static io.culvert.lab.WireMode.OFFLOADED;
import static io.culvert.lab.WireMode.WIRE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.it.Scenario.Kind;
import io.culvert.lab.Host;
import io.culvert.lab.Ping;
import io.culvert.lab.TcpTransfer;
import io.culvert.lab.UdpFlood;
import io.culvert.testing.Alone;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Under load the network below the tunnel changes: traffic goes on, whole, by the new way. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
@Alone
class UnderlayChangesIT {

    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final long BYTES = 100_000_000;
    private static final int PACKETS = 8_000;
    private static final double RATE = 4_000;
    private static final int BEFORE_MILLIS = 500;

    /** Packets of a second, in which a change may lose some: none of these changes is one that the peers agree on. */
    private static final int LOST = 4_000;

    /** Packets of 25 ms: the moment in which packets change from one socket to the other. */
    private static final int FEW = 100;

    static Stream<Scenario> scenarios() {
        return Stream.of(
                new Scenario(Kind.IPIP, SUPER, FUSED, OFFLOADED),
                new Scenario(Kind.GRE, SUPER, STAGED, WIRE),
                new Scenario(Kind.IPIP, RAW, FUSED, WIRE));
    }

    /** Something that happens to the network. */
    private record Change(String name, int lost, Runnable action) {}

    private static List<Change> changes(Host left, Host right) {
        return List.of(
                new Change("the next hop has another link address", LOST, () -> {
                    right.ip("link set eth0 address 02:00:5e:10:00:02");
                }),
                new Change("the own device has another link address", LOST, () -> {
                    left.ip("link set eth0 address 02:00:5e:10:00:01");
                }),
                new Change("the device is down for a moment", LOST, () -> {
                    left.ip("link set eth0 down");
                    pause(300);
                    left.ip("link set eth0 up");
                }),
                new Change("the route moves to a device that was not in use", FEW, () -> {
                    left.ip("route replace 203.0.113.2/32 via 203.0.113.18 dev eth1");
                    right.ip("route replace 203.0.113.1/32 via 203.0.113.17 dev eth1");
                }),
                new Change("the route moves back", FEW, () -> {
                    left.ip("route del 203.0.113.2/32 via 203.0.113.18 dev eth1");
                    right.ip("route del 203.0.113.1/32 via 203.0.113.17 dev eth1");
                }));
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void trafficGoesOn(Scenario scenario) {
        try (TwoGateways gateways = TwoGateways.start(scenario)) {
            Host left = gateways.leftHost();
            Host right = gateways.rightHost();
            addSecondLink(left, right);
            awaitNeighbours(left);
            for (Change change : changes(left, right)) {
                String what = scenario + ": " + change.name;
                Thread later = Thread.ofPlatform().daemon().start(() -> {
                    pause(BEFORE_MILLIS);
                    change.action.run();
                });
                long queues = FullQueues.of(gateways);
                UdpFlood flood = UdpFlood.start(left, right, TwoGateways.RIGHT_INNER, PACKETS, 200, RATE);
                TcpTransfer.Result tcp = TcpTransfer.checked(right, left, TwoGateways.LEFT_INNER, BYTES, LIMIT);
                UdpFlood.Result udp = flood.await();
                join(later);

                assertThat(tcp.received()).as(what).isEqualTo(tcp.sent());
                assertThat(udp.corrupted()).as("%s: %s", what, udp).isZero();
                assertThat(udp.lost())
                        .as("%s: %s", what, udp)
                        .isLessThanOrEqualTo(change.lost + FullQueues.of(gateways) - queues);
                assertThat(udp.duplicated()).as("%s: %s", what, udp).isLessThanOrEqualTo(FEW);
            }
        }
    }

    /** A second link beside the first, and neighbours that are told of new link addresses as most systems do. */
    private static void addSecondLink(Host left, Host right) {
        left.ip("link add eth1 type veth peer name eth1 netns " + right.namespace());
        left.ip("addr add 203.0.113.17/30 dev eth1");
        right.ip("addr add 203.0.113.18/30 dev eth1");
        for (Host host : List.of(left, right)) {
            host.ip("link set eth1 up");
            host.sysctl("net.ipv4.conf.eth0.arp_notify", "1");
            // Else a neighbour is not believed that says something new within a second.
            host.sysctl("net.ipv4.neigh.eth0.locktime", "0");
            // Else the first question that is lost while the link comes up is asked again a second later.
            host.sysctl("net.ipv4.neigh.eth0.retrans_time_ms", "100");
        }
    }

    /** Else what is sent while a link address is looked up, for which the kernel keeps little, would be part of what is judged. */
    private static void awaitNeighbours(Host left) {
        try (Ping ping = Ping.open(left, InetAddress.ofLiteral("203.0.113.18"))) {
            Await.until(
                    "the second link carries packets",
                    () -> ping.echo(56, Duration.ofMillis(500)).kind() == Ping.Kind.REPLY);
        }
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertThat(thread.isAlive()).isFalse();
    }
}
