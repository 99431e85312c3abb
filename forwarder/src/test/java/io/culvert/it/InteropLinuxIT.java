package io.culvert.it;

import static io.culvert.config.GatewayConfig.Pipeline.FUSED;
import static io.culvert.config.GatewayConfig.Pipeline.STAGED;
import static io.culvert.it.InteropRow.DEVICE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.lab.CommandResult;
import io.culvert.lab.Guest;
import io.culvert.lab.GuestLab;
import io.culvert.lab.GuestTransfer;
import io.culvert.lab.Host;
import io.culvert.lab.LabGateway;
import io.culvert.testing.Judges;
import io.culvert.tunnel.DropReason;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A tunnel of every mode and with every option whose other end is Linux's own, as {@code ip tunnel} and {@code ip link} in
 * a {@link Guest} make it: pings and TCP pass both ways, and neither end counts an error. One gateway a lane, to which
 * the tunnels are added while it runs.
 */
@ParameterizedClass
@MethodSource("lanes")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class InteropLinuxIT {

    private static final int BYTES = 300_000;

    /** A registration request's fixed part and its addresses, RFC 2332. */
    private static final String NHRP_REQUEST = "000108000000000000ff003471cb0034010300000404800200000001c0000202"
            + "c0000201c0000201000020000000000000000000";

    private static @Nullable LabGateway gateway;

    private final GuestLab lab = GuestLab.shared();
    private final Host host = lab.host();
    private final Guest guest = lab.guest();
    private final GuestTransfer transfer = new GuestTransfer(host, guest);

    @Parameter(0)
    private Lane lane;

    @Parameter(1)
    private Pipeline pipeline;

    static Stream<Arguments> lanes() {
        return Stream.of(
                Arguments.of(Lane.AUTO, FUSED), Arguments.of(Lane.SPLIT, STAGED), Arguments.of(Lane.RAW, STAGED));
    }

    /** Every row on the lane that is chosen automatically; on the others two of each mode: options are none of a lane's business. */
    List<InteropRow> rows() {
        return lane == Lane.AUTO ? InteropRows.LINUX : InteropRows.twoOfEachMode();
    }

    @BeforeParameterizedClassInvocation
    static void startGateway(Lane lane, Pipeline pipeline) {
        GuestLab lab = GuestLab.shared();
        // A raw socket cannot tell which checksums a sender on this machine has left to its device: have none left.
        lab.guest()
                .exec("ethtool -K eth0 tx " + (lane == Lane.RAW ? "off" : "on"))
                .orThrow();
        gateway = LabGateway.on(lab.host()).lane(lane).pipeline(pipeline).start();
    }

    @AfterParameterizedClassInvocation
    static void stopGateway() {
        gateway().close();
    }

    private static LabGateway gateway() {
        return Objects.requireNonNull(gateway);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void pingsAndTcpPassBothWays(InteropRow row) {
        try (InteropTunnel _ = InteropTunnel.open(gateway(), lab, row)) {
            for (InteropRow.Inner inner : row.inner()) {
                assertPings(inner.ours());
                InetAddress theirs = InetAddress.ofLiteral(inner.theirs());
                assertEqual(transfer.toGuest(theirs, BYTES));
                assertEqual(transfer.fromGuest(theirs));
            }
            Map<String, Long> link = guestLink();
            assertLinuxCountsNoErrors(link);
            assertGatewayDropsNothing(row);
            if (row.isMtuEqual()) {
                assertThat(host.ipJson("link", "show", "dev", DEVICE)
                                .path(0)
                                .path("mtu")
                                .asLong(-1))
                        .as("MTU of our device")
                        .isEqualTo(link.get("mtu"));
            }
        }
    }

    /** Tunnels with MPLS in them: all of them where the lane is chosen automatically, else two. */
    List<InteropRow> mplsRows() {
        return lane == Lane.AUTO ? InteropRows.MPLS : InteropRows.MPLS.subList(3, 5);
    }

    /** Mode gre carries MPLS and NHRP without being asked, as Linux's does. */
    @ParameterizedTest
    @MethodSource("mplsRows")
    void mplsAndNhrpPassBothWays(InteropRow row) {
        Judges.requireScapy();
        try (InteropTunnel _ = InteropTunnel.open(gateway(), lab, row)) {
            LabelledTraffic traffic = new LabelledTraffic(lab);
            traffic.assertMplsPasses(12, 56, 1000);
            if (row.mode().equals("gre")) {
                traffic.assertNhrpPasses(NHRP_REQUEST);
            }
            assertLinuxCountsNoErrors(guestLink());
            assertThat(Counts.of(gateway()).drops(DEVICE, "decapsulation")).isEmpty();
        }
    }

    List<InteropRow> largeMplsRows() {
        return lane == Lane.AUTO ? InteropRows.LARGE_MPLS : InteropRows.LARGE_MPLS.subList(1, 2);
    }

    /** As Linux's own: where the outer packet has no DF, what is too big for the path goes in its fragments. */
    @ParameterizedTest
    @MethodSource("largeMplsRows")
    void mplsThatIsTooBigPassesInFragments(InteropRow row) {
        Judges.requireScapy();
        try (InteropTunnel _ = InteropTunnel.open(gateway(), lab, row)) {
            new LabelledTraffic(lab).assertMplsPasses(1000, 1473, 3000, 3900);
            assertLinuxCountsNoErrors(guestLink());
            assertThat(Counts.of(gateway()).drops(DEVICE, "encapsulation")).doesNotContainKey("too_big");
            assertThat(Counts.of(gateway()).drops(DEVICE, "decapsulation")).isEmpty();
        }
    }

    private void assertPings(String address) {
        // Now and then the first packet through a tunnel that was just made is lost: that is not judged here.
        String loop = "ping -c 1 -W 1 " + address
                + "; for payload in 0 56 1400 4000; do ping -c 2 -i 0.01 -W 10 -s $payload " + address + "; done";
        CommandResult pings = guest.exec(loop);
        Counts counts = Counts.of(gateway());
        assertThat(pings.out().lines().filter(line -> line.startsWith("2 packets transmitted")))
                .as(
                        "pings by the guest, lane %s, %s; drops %s and %s",
                        lane, pipeline, counts.pathDrops("decap"), counts.pathDrops("encap"))
                .hasSize(4)
                .allMatch(line -> line.contains(" 2 packets received, 0% packet loss"));
    }

    private static void assertEqual(GuestTransfer.Digests digests) {
        assertThat(digests.received()).isEqualTo(digests.sent());
    }

    /** The MTU and the counters of Linux's device: its kernel's own files, as {@code ip} takes the guest a tenth of a second. */
    private Map<String, Long> guestLink() {
        String files = "mtu statistics/?x_packets statistics/?x_errors statistics/?x_dropped";
        CommandResult shown = guest.exec("cd /sys/class/net/" + DEVICE + " && grep . " + files);
        return shown.orThrow()
                .out()
                .lines()
                .map(line -> line.replaceFirst("^statistics/", "").split(":", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> Long.parseLong(pair[1])));
    }

    private static void assertLinuxCountsNoErrors(Map<String, Long> link) {
        for (String direction : new String[] {"rx", "tx"}) {
            assertThat(link.get(direction + "_packets")).isPositive();
            for (String problem : new String[] {"errors", "dropped"}) {
                assertThat(link.get(direction + "_" + problem))
                        .as("%s %s of Linux's device: %s", direction, problem, link)
                        .isZero();
            }
        }
    }

    private static void assertGatewayDropsNothing(InteropRow row) {
        Counts counts = Counts.of(gateway());
        Map<String, Long> drops = counts.drops(DEVICE, "encapsulation");
        if (row.inner().stream().noneMatch(InteropRow.Inner::isIpv6)) {
            // The kernel looks for routers and neighbours by IPv6 on every device.
            drops.remove(DropReason.INNER_FAMILY.word());
        }
        if (row.keys().contains("remote")) {
            // The same, where a multicast address tells no outer destination.
            drops.remove(DropReason.NO_NEXT_HOP.word());
        }
        assertThat(drops).as("packets that were not sent").isEmpty();
        assertThat(counts.drops(DEVICE, "decapsulation"))
                .as("packets that were not accepted")
                .isEmpty();
    }
}
