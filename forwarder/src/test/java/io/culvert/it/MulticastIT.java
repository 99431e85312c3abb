package io.culvert.it;

import static io.culvert.config.GatewayConfig.Pipeline.FUSED;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.it.Scenario.Kind;
import io.culvert.lab.Capture;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.Ping;
import io.culvert.lab.WireMode;
import io.culvert.testing.Judges;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A tunnel to a multicast group between two gateways: how it is sent, who is a member when, and what is not believed. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class MulticastIT {

    private static final InetAddress GROUP = InetAddress.ofLiteral("239.1.2.3");
    /** For what may not come. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    private static final Duration LIMIT = Duration.ofSeconds(15);

    private static TwoGateways start(Lane lane) {
        Scenario scenario = new Scenario(Kind.GRE, lane, FUSED, WireMode.WIRE);
        return TwoGateways.start(scenario, tunnel -> tunnel.remote(GROUP).key(7).ttl(5));
    }

    private static String groups(Host host) {
        return host.exec("ip", "maddress", "show").orThrow().out();
    }

    private static Ping.Kind ping(TwoGateways gateways, Duration limit) {
        try (Ping ping = Ping.open(gateways.leftHost(), TwoGateways.RIGHT_INNER)) {
            return ping.echo(1400, limit).kind();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "RAW"})
    void sendsFramesToTheGroup(Lane lane) {
        Judges.requireTool("tshark", "tshark");
        try (TwoGateways gateways = start(lane)) {
            Path packets;
            try (Capture capture = gateways.leftHost().capture(Host.UNDERLAY, "ip proto 47")) {
                assertThat(ping(gateways, LIMIT)).isEqualTo(Ping.Kind.REPLY);
                packets = capture.stop();
            }
            List<String> fields = Judges.run(List.of(
                    "tshark",
                    "-r",
                    packets.toString(),
                    "-T",
                    "fields",
                    "-E",
                    "occurrence=f",
                    "-e",
                    "eth.dst",
                    "-e",
                    "ip.dst",
                    "-e",
                    "ip.ttl",
                    "-e",
                    "gre.key"));
            assertThat(fields).hasSize(2).containsOnly("01:00:5e:01:02:03\t239.1.2.3\t5\t0x00000007");
            Counts counts = Counts.of(gateways.left());
            assertThat(counts.drops(TwoGateways.DEVICE, "decapsulation"))
                    .as("its own packets")
                    .isEmpty();
            assertThat(counts.pathDrops("decap")).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "RAW"})
    void isAMemberWhereverItsRouteLeads(Lane lane) {
        try (TwoGateways gateways = start(lane)) {
            Host right = gateways.rightHost();
            assertThat(groups(right)).contains("239.1.2.3");

            right.ip("link set eth0 down");
            right.ip("link set eth0 up");
            Await.until("an answer after the device was down", () -> ping(gateways, SHORT) == Ping.Kind.REPLY);

            Host left = gateways.leftHost();
            right.ip("link delete eth0");
            Await.until("no group without a device", () -> !groups(right).contains("239.1.2.3"));
            right.ip("link add eth0 type veth peer name eth0 netns " + left.namespace());
            for (Host host : List.of(left, right)) {
                host.ip("address add " + host.address().getHostAddress() + "/30 dev eth0");
                host.ip("link set eth0 up");
            }
            Await.until("an answer by a new device", () -> ping(gateways, SHORT) == Ping.Kind.REPLY);
            assertThat(groups(right)).contains("239.1.2.3");

            gateways.right().delete(TwoGateways.DEVICE);
            assertThat(groups(right)).doesNotContain("239.1.2.3");
        }
    }

    /** A stranger's packets count as a member's; those of nobody do not. */
    @ParameterizedTest
    @EnumSource(names = {"AUTO", "RAW"})
    void believesNoSenderThatIsItself(Lane lane) {
        Judges.requireScapy();
        try (TwoGateways gateways = start(lane)) {
            Host left = gateways.leftHost();
            String own = gateways.rightHost().address().getHostAddress();
            String packet = "Ether(dst='01:00:5e:01:02:03')/IP(src='%s',dst='239.1.2.3')/GRE(key_present=1,key=7)"
                    + "/IP(src='192.0.2.1',dst='192.0.2.2')/ICMP()";
            for (String source : List.of(own, "239.1.2.3")) {
                left.exec(
                                "/usr/bin/python3",
                                "-c",
                                "from scapy.all import *; sendp(" + packet.formatted(source)
                                        + ", iface='eth0', verbose=0)")
                        .orThrow();
            }
            if (lane == Lane.AUTO) {
                Await.until(
                        "two packets refused",
                        () -> Counts.of(gateways.right())
                                        .drops(TwoGateways.DEVICE, "decapsulation")
                                        .getOrDefault(DropReason.OUTER_SOURCE.word(), 0L)
                                == 2);
            } else {
                // The kernel has thrown them away before.
                assertThat(ping(gateways, LIMIT)).isEqualTo(Ping.Kind.REPLY);
            }
            assertThat(Counts.settled(gateways.right()).decapsulated(TwoGateways.DEVICE))
                    .isEqualTo(lane == Lane.AUTO ? 0 : 1);
        }
    }

    /** On a bridge: what one of three members sends, both others have, and each answers for itself. */
    @ParameterizedTest
    @EnumSource(names = {"AUTO", "RAW"})
    void threeMembersHearEachOther(Lane lane) {
        try (Lab lab = Lab.builder().wireMode(WireMode.WIRE).router(1500).build()) {
            List<Host> hosts = List.of(lab.left(), lab.router(), lab.right());
            joinByBridge(lab);
            List<LabGateway> gateways = new ArrayList<>();
            for (Host host : hosts) {
                TunnelSpec member = TunnelSpec.builder(TwoGateways.DEVICE, Mode.GRE)
                        .local(host.address())
                        .remote(GROUP)
                        .key(7)
                        .ttl(5)
                        .addresses(List.of(new Prefix(inner(host), 29)))
                        .build();
                gateways.add(LabGateway.on(host)
                        .lane(lane)
                        .pipeline(FUSED)
                        .tunnel(member)
                        .launch());
            }
            gateways.forEach(LabGateway::awaitReady);

            for (Host from : hosts) {
                for (Host to : hosts) {
                    if (from != to) {
                        try (Ping ping = Ping.open(from, inner(to))) {
                            assertThat(ping.echo(1400, LIMIT).kind())
                                    .as("%s to %s", from.name(), to.name())
                                    .isEqualTo(Ping.Kind.REPLY);
                        }
                    }
                }
            }
            for (LabGateway gateway : gateways) {
                Counts counts = Counts.settled(gateway);
                assertThat(counts.encapsulated(TwoGateways.DEVICE))
                        .as("two requests, two replies")
                        .isEqualTo(4);
                assertThat(counts.decapsulated(TwoGateways.DEVICE))
                        .as("all of the others'")
                        .isEqualTo(8);
                assertThat(counts.drops(TwoGateways.DEVICE, "decapsulation")).isEmpty();
            }
        }
    }

    /** The inner address that ends as the outer one does. */
    private static InetAddress inner(Host host) {
        return InetAddress.ofLiteral("192.0.2." + (host.address().getAddress()[3] & 0xff));
    }

    /** The router becomes a bridge that has an address itself. */
    private static void joinByBridge(Lab lab) {
        Host middle = lab.router();
        middle.sysctl("net.ipv4.ip_forward", "0");
        middle.ip("link add bridge1 type bridge mcast_snooping 0");
        for (String port : List.of("eth0", "eth1")) {
            middle.ip("address flush dev " + port);
            middle.ip("link set " + port + " master bridge1");
        }
        middle.ip("link set bridge1 up");
        middle.ip("address add " + middle.address().getHostAddress() + "/29 dev bridge1");
        for (Host end : List.of(lab.left(), lab.right())) {
            end.ip("address flush dev eth0");
            end.ip("address add " + end.address().getHostAddress() + "/29 dev eth0");
        }
    }
}
