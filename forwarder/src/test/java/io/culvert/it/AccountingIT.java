package io.culvert.it;

import static io.culvert.config.GatewayConfig.Lane.AUTO;
import static io.culvert.config.GatewayConfig.Lane.RAW;
import static io.culvert.config.GatewayConfig.Pipeline.FUSED;
import static io.culvert.config.GatewayConfig.Pipeline.STAGED;
import static io.culvert.it.TwoGateways.DEVICE;
import static io.culvert.lab.WireMode.OFFLOADED;
import static io.culvert.lab.WireMode.WIRE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.it.Scenario.Kind;
import io.culvert.lab.Host;
import io.culvert.lab.UdpFlood;
import io.culvert.tunnel.DropReason;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Under more small packets than the host can carry, every single one is delivered or counted as dropped. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AccountingIT {

    private static final int PACKETS = 200_000;
    /** More than a receive queue holds, of large packets. */
    private static final int OVERFLOW = 60_000;

    private static final int LARGE_PAYLOAD = 1400;
    /** Large packets a second, few enough for the gateway that sends them. */
    private static final double OVERFLOW_RATE = 15_000;

    /** Makes inner packets of 64 bytes. */
    private static final int PAYLOAD = 36;

    static Stream<Scenario> scenarios() {
        return Stream.of(
                new Scenario(Kind.IPIP, AUTO, FUSED, OFFLOADED),
                new Scenario(Kind.GRE_KEY_CSUM_SEQ, AUTO, STAGED, WIRE),
                new Scenario(Kind.GRE, RAW, FUSED, WIRE),
                new Scenario(Kind.IPIP, RAW, STAGED, OFFLOADED));
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void nothingIsLostUncounted(Scenario scenario) {
        try (TwoGateways gateways = TwoGateways.start(scenario)) {
            UdpFlood there = UdpFlood.start(
                    gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER, PACKETS, PAYLOAD, 0);
            UdpFlood back = UdpFlood.start(
                    gateways.rightHost(), gateways.leftHost(), TwoGateways.LEFT_INNER, PACKETS, PAYLOAD, 0);
            UdpFlood.Result right = there.await();
            UdpFlood.Result left = back.await();

            Counts atLeft = Counts.settled(gateways.left());
            Counts atRight = Counts.settled(gateways.right());

            assertAccounted(right, atLeft, lostOnTheLink(gateways.leftHost()), atRight);
            assertAccounted(left, atRight, lostOnTheLink(gateways.rightHost()), atLeft);
            assertBalanced(atLeft);
            assertBalanced(atRight);
        }
    }

    /** A gateway that does not run for a while loses what its receive queue has no room for, and says how much. */
    @ParameterizedTest
    @MethodSource("scenarios")
    void whatAStoppedGatewayMissesIsCounted(Scenario scenario) {
        try (TwoGateways gateways = TwoGateways.start(scenario)) {
            gateways.right().process().signal("STOP");
            UdpFlood flood = UdpFlood.start(
                    gateways.leftHost(),
                    gateways.rightHost(),
                    TwoGateways.RIGHT_INNER,
                    OVERFLOW,
                    LARGE_PAYLOAD,
                    OVERFLOW_RATE);
            Await.until("the left gateway has seen every packet", () -> {
                Counts left = Counts.of(gateways.left());
                return left.encapsulated(DEVICE) + Counts.sum(left.drops(DEVICE, "encapsulation")) == OVERFLOW;
            });
            gateways.right().process().signal("CONT");
            UdpFlood.Result result = flood.await();
            Counts atRight = Counts.settled(gateways.right());

            assertThat(atRight.pathDrops("decap"))
                    .as("%s", atRight.report())
                    .containsKey(DropReason.OUTER_QUEUE_FULL.word());
            assertAccounted(result, Counts.of(gateways.left()), lostOnTheLink(gateways.leftHost()), atRight);
            assertBalanced(atRight);
        }
    }

    /** What the kernel took from a gateway and had no room for at the other end of the veth pair: no gateway's to count. */
    private static long lostOnTheLink(Host sender) {
        return sender.ipJson("-s", "link", "show", "dev", Host.UNDERLAY)
                .path(0)
                .path("stats64")
                .path("tx")
                .path("dropped")
                .asLong();
    }

    /** Follows a flood from its sender by both gateways to its receiver. */
    private static void assertAccounted(UdpFlood.Result flood, Counts sender, long onTheLink, Counts receiver) {
        String all = flood + "\nsender " + sender.report() + "\nreceiver " + receiver.report() + "\nlost on the link "
                + onTheLink;
        long encapsulated = sender.encapsulated(DEVICE);
        long decapsulated = receiver.decapsulated(DEVICE);
        assertThat(encapsulated + Counts.sum(sender.drops(DEVICE, "encapsulation")))
                .as("encapsulated and dropped of sent, %s", all)
                .isEqualTo(flood.sent());
        assertThat(decapsulated + Counts.sum(receiver.pathDrops("decap")) + onTheLink)
                .as("decapsulated and dropped of encapsulated, %s", all)
                .isEqualTo(encapsulated);
        assertThat(flood.delivered() + flood.receiverDrops())
                .as("delivered of decapsulated, %s", all)
                .isEqualTo(decapsulated);
        assertThat(flood.duplicated() + flood.corrupted() + flood.reordered())
                .as("duplicated, corrupted, reordered, %s", all)
                .isZero();
        assertThat(decapsulated).as("decapsulated, %s", all).isGreaterThan(flood.sent() / 50);
    }

    /** A path's own sum, with nothing in flight. */
    private static void assertBalanced(Counts counts) {
        for (String path : new String[] {"encap", "decap"}) {
            assertThat(counts.path(path, "forwarded")
                            + counts.path(path, "answered")
                            + Counts.sum(counts.pathDrops(path)))
                    .as("%s path of %s", path, counts.report())
                    .isEqualTo(counts.path(path, "received"));
        }
    }
}
