package io.culvert.it;

import static io.culvert.it.TwoGateways.DEVICE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.it.Scenario.Kind;
import io.culvert.lab.TcpTransfer;
import io.culvert.lab.UdpFlood;
import io.culvert.lab.WireMode;
import io.culvert.testing.Alone;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random changes to both gateways while their tunnel carries TCP and, both ways, datagrams of 64 bytes: of endpoint, key,
 * checksum, TTL and mode of that tunnel, and of others beside it. None costs a packet or sends one astray, and nothing is
 * left of them. {@code -Dculvert.changes=10000} for a long run.
 *
 * <p>Whatever the tunnel becomes, the other end has a tunnel that takes what it sends: so a packet that is lost was lost
 * by a change.
 */
@Timeout(value = 3_600, unit = TimeUnit.SECONDS)
@Alone
class ChangesUnderLoadIT {

    private static final int CHANGES = Integer.getInteger("culvert.changes", 300);
    private static final int CHANGES_IN_A_ROUND = 150;
    private static final int WARM_UP = 100;
    private static final int DATAGRAMS = 5_000;

    /** Keys of what the left sends, with a checksum then, and of what the right sends. */
    private static final int TO_RIGHT = 77;

    private static final List<Integer> TO_LEFT = List.of(55, 56);

    private long queueDrops;
    private InetAddress right = InetAddress.getLoopbackAddress();
    private List<InetAddress> left = List.of();

    @ParameterizedTest
    @EnumSource(
            value = Pipeline.class,
            names = {"FUSED", "STAGED"})
    void costNoPacketAndLeaveNothing(Pipeline pipeline) {
        Scenario scenario = new Scenario(Kind.GRE, Lane.AUTO, pipeline, WireMode.OFFLOADED);
        try (TwoGateways gateways = TwoGateways.start(scenario)) {
            takeWhateverComes(gateways);
            RandomChanges ofLeft = new RandomChanges(7, gateways.left(), this::loadedAtLeft);
            RandomChanges ofRight = new RandomChanges(8, gateways.right(), this::loadedAtRight);
            for (int i = 0; i < WARM_UP; i++) {
                ofLeft.next();
                ofRight.next();
            }
            ofLeft.clear();
            ofRight.clear();
            Footprint leftBefore = Footprint.of(gateways.leftHost(), gateways.left());
            Footprint rightBefore = Footprint.of(gateways.rightHost(), gateways.right());

            queueDrops = FullQueues.only(gateways);
            for (int done = 0; done < CHANGES; done += CHANGES_IN_A_ROUND) {
                round(gateways, ofLeft, ofRight);
            }

            ofLeft.clear();
            ofRight.clear();
            leftBefore.assertNoLeak(gateways.leftHost(), gateways.left());
            rightBefore.assertNoLeak(gateways.rightHost(), gateways.right());
        }
    }

    private void round(TwoGateways gateways, RandomChanges ofLeft, RandomChanges ofRight) {
        FutureTask<TcpTransfer.Result> transfer = new FutureTask<>(() -> TcpTransfer.checked(
                gateways.leftHost(),
                gateways.rightHost(),
                TwoGateways.RIGHT_INNER,
                20_000_000,
                Duration.ofSeconds(60)));
        Thread.ofPlatform().start(transfer);
        UdpFlood toRight = UdpFlood.start(
                gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER, DATAGRAMS, 64, 2_000);
        UdpFlood toLeft =
                UdpFlood.start(gateways.rightHost(), gateways.leftHost(), TwoGateways.LEFT_INNER, DATAGRAMS, 64, 2_000);
        for (int i = 0; i < CHANGES_IN_A_ROUND; i++) {
            (i % 3 == 0 ? ofRight : ofLeft).next();
        }
        UdpFlood.Result right = toRight.await();
        UdpFlood.Result left = toLeft.await();
        await(transfer);
        assertThat(ofLeft.strays()).as("packets of other tunnels").isEmpty();
        assertThat(ofRight.strays()).as("packets of other tunnels").isEmpty();
        long drops = FullQueues.only(gateways);
        assertThat(right.lost() + left.lost())
                .as("datagrams lost but for full queues: %s, %s", right, left)
                .isLessThanOrEqualTo(drops - queueDrops);
        queueDrops = drops;
    }

    private static void await(FutureTask<TcpTransfer.Result> transfer) {
        try {
            assertThat(transfer.get().gigabitsPerSecond()).isPositive();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError("TCP through changes", e);
        }
    }

    /** Gives the left a second address, and each end tunnels for all that the other's may become. */
    private void takeWhateverComes(TwoGateways gateways) {
        right = gateways.rightHost().address();
        InetAddress second = InetAddress.ofLiteral("203.0.113.99");
        left = List.of(gateways.leftHost().address(), second);
        gateways.leftHost()
                .exec("ip", "address", "add", second.getHostAddress() + "/32", "dev", "lo")
                .orThrow();
        gateways.rightHost()
                .exec(
                        "ip",
                        "route",
                        "add",
                        second.getHostAddress(),
                        "via",
                        left.getFirst().getHostAddress())
                .orThrow();
        for (int key : TO_LEFT) {
            gateways.left()
                    .add(TunnelSpec.builder("from" + key, Mode.GRE)
                            .remote(right)
                            .ikey(key)
                            .build());
        }
        for (int i = 0; i < left.size(); i++) {
            InetAddress remote = left.get(i);
            TunnelSpecBuilder keyed =
                    TunnelSpec.builder("keyed" + i, Mode.GRE).ikey(TO_RIGHT).icsum(true);
            gateways.right().add(keyed.local(right).remote(remote).build());
            gateways.right()
                    .add(TunnelSpec.builder("ipip" + i, Mode.IPIP)
                            .local(right)
                            .remote(remote)
                            .build());
        }
        gateways.right()
                .add(TunnelSpec.builder("plain", Mode.GRE)
                        .local(right)
                        .remote(second)
                        .build());
    }

    private TunnelSpec loadedAtLeft(Random random) {
        boolean isIpip = random.nextInt(3) == 0;
        TunnelSpecBuilder spec = TunnelSpec.builder(DEVICE, isIpip ? Mode.IPIP : Mode.GRE)
                .local(left.get(random.nextInt(left.size())))
                .remote(right)
                .ttl(1 + random.nextInt(255));
        if (!isIpip && random.nextBoolean()) {
            spec.okey(TO_RIGHT).ocsum(true);
        }
        return isIpip ? spec.build() : spec.ikey(TO_LEFT.getFirst()).build();
    }

    private TunnelSpec loadedAtRight(Random random) {
        return TunnelSpec.builder(DEVICE, Mode.GRE)
                .local(right)
                .remote(left.getFirst())
                .okey(TO_LEFT.get(random.nextInt(TO_LEFT.size())))
                .ttl(1 + random.nextInt(255))
                .build();
    }
}
