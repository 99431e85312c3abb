package io.culvert.it;

import static io.culvert.it.InteropRow.DEVICE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.TunnelSpecCodec;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.OpenVswitch;
import io.culvert.lab.Ping;
import io.culvert.lab.TcpTransfer;
import io.culvert.lab.WireMode;
import io.culvert.testing.Judges;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tunnels of Ethernet frames whose other end is Open vSwitch's own, in user space: pings and TCP pass both ways. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class OpenVswitchIT {

    private static final InetAddress OURS = InetAddress.ofLiteral(InteropRow.Inner.IPV4.ours());
    private static final InetAddress THEIRS = InetAddress.ofLiteral(InteropRow.Inner.IPV4.theirs());
    /** For what the switch may lose. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int BYTES = 1_000_000;

    private static Lab lab;
    private static LabGateway gateway;
    private static OpenVswitch peer;

    @BeforeAll
    static void start() {
        for (String program : List.of("ovs-vswitchd", "ovsdb-server", "ovsdb-tool", "ovs-vsctl")) {
            Judges.requireTool(program, "openvswitch-switch");
        }
        lab = Lab.builder().wireMode(WireMode.WIRE).ipv6().build();
        Host right = lab.right();
        peer = OpenVswitch.start(
                right,
                right.address().getHostAddress() + "/30",
                right.ipv6Address().getHostAddress() + "/64");
        right.exec("ip", "address", "add", THEIRS.getHostAddress() + "/30", "dev", OpenVswitch.INNER)
                .orThrow();
        peer.bringUp(1400);
        gateway = LabGateway.on(lab.left()).start();
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    static List<InteropRow> rows() {
        return InteropRows.OPEN_VSWITCH;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void pingsAndTcpPassBothWays(InteropRow row) {
        String ours = address(lab.left(), row);
        String theirs = address(lab.right(), row);
        peer.addTunnel(DEVICE, row.peer().commands(row, theirs, ours));
        gateway.add(Objects.requireNonNull(
                TunnelSpecCodec.decode(row.tunnel(ours, theirs, lab.left().directory()))
                        .spec()));
        try {
            // Now and then the first packets of a flow are lost, while the switch decides what to do with them.
            Await.until("an answer", () -> ping(lab.left(), THEIRS, 56, SHORT) == Ping.Kind.REPLY);
            Await.until("an answer to it", () -> ping(lab.right(), OURS, 1300, SHORT) == Ping.Kind.REPLY);
            assertThat(ping(lab.left(), THEIRS, 1300, TIMEOUT)).isEqualTo(Ping.Kind.REPLY);
            assertThat(ping(lab.right(), OURS, 4000, TIMEOUT)).isEqualTo(Ping.Kind.REPLY);
            assertThat(ping(lab.left(), THEIRS, 4000, TIMEOUT)).isEqualTo(Ping.Kind.REPLY);
            assertTransfer(lab.left(), lab.right(), THEIRS);
            assertTransfer(lab.right(), lab.left(), OURS);
            assertThat(Counts.of(gateway).drops(DEVICE, "decapsulation")).isEmpty();
        } finally {
            gateway.delete(DEVICE);
            peer.deleteTunnel(DEVICE);
            lab.right().exec("ip", "neigh", "flush", "dev", OpenVswitch.INNER).orThrow();
        }
    }

    private static String address(Host host, InteropRow row) {
        return (row.isOuterIpv6() ? host.ipv6Address() : host.address()).getHostAddress();
    }

    private static Ping.Kind ping(Host from, InetAddress to, int payload, Duration timeout) {
        try (Ping ping = Ping.open(from, to)) {
            return ping.echo(payload, timeout).kind();
        }
    }

    private static void assertTransfer(Host from, Host to, InetAddress address) {
        TcpTransfer.Result result = TcpTransfer.checked(from, to, address, BYTES, TIMEOUT);
        assertThat(result.received()).isEqualTo(result.sent());
    }
}
