package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.lab.Capture;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.LabProcess;
import io.culvert.lab.Ping;
import io.culvert.lab.UdpFlood;
import io.culvert.lab.WireJudge;
import io.culvert.testing.Judges;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Minimal encapsulation, which Linux does not have, with another implementation of RFC 2004 at the other end: scapy's. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class MinencPeerIT {

    private static final InetAddress LEFT = InetAddress.ofLiteral(InteropRow.Inner.IPV4.ours());
    private static final InetAddress RIGHT = InetAddress.ofLiteral(InteropRow.Inner.IPV4.theirs());
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int DATAGRAMS = 50;

    @BeforeEach
    void requireJudges() {
        Judges.requireScapy();
        Judges.requireTool("tcpdump", "tcpdump");
        Judges.requireTool("ping", "iputils-ping");
    }

    static Stream<Lane> lanes() {
        return Stream.of(Lane.AUTO, Lane.SPLIT, Lane.RAW);
    }

    @ParameterizedTest
    @MethodSource("lanes")
    void pingsAndUdpPassBothWays(Lane lane) {
        InteropRow row = InteropRows.SCAPY.getFirst();
        try (Lab lab = Lab.twoHosts()) {
            TunnelSpec ours = Objects.requireNonNull(TunnelSpecCodec.decode(row.tunnel(
                            lab.left().address().getHostAddress(),
                            lab.right().address().getHostAddress(),
                            lab.left().directory()))
                    .spec());
            LabGateway gateway =
                    LabGateway.on(lab.left()).lane(lane).tunnel(ours).start();
            LabProcess peer = startPeer(lab.right(), lab.left());
            try (Capture capture = lab.left().capture(Host.UNDERLAY, "ip proto 55")) {
                assertPings(lab);
                assertDatagrams(lab.left(), lab.right(), RIGHT);
                assertDatagrams(lab.right(), lab.left(), LEFT);
                WireJudge.Word word = WireJudge.judge(capture.stop(), ours);
                assertThat(word.ok()).as(word.text()).isTrue();
            }
            assertThat(peer.outputLines()).as("what the peer refused").containsExactly("ready");
            Counts counts = Counts.of(gateway);
            assertThat(counts.drops(InteropRow.DEVICE, "decapsulation")).isEmpty();
            assertThat(counts.decapsulated(InteropRow.DEVICE)).isGreaterThan(2 * DATAGRAMS);
        }
    }

    private static LabProcess startPeer(Host host, Host other) {
        String outer = host.address().getHostAddress();
        LabProcess peer = host.start(
                Judges.pythonCommand(
                        MinencPeerIT.class,
                        "/it/minenc_peer.py",
                        InteropRow.DEVICE,
                        outer,
                        other.address().getHostAddress()),
                Map.of());
        peer.awaitOutput("^ready$", TIMEOUT);
        String inner = new Prefix(RIGHT, InteropRow.Inner.IPV4.length()).toString();
        host.exec("ip", "address", "add", inner, "dev", InteropRow.DEVICE).orThrow();
        // RFC 2004 section 1: what its headers may add.
        host.exec("ip", "link", "set", "dev", InteropRow.DEVICE, "mtu", "1480", "up")
                .orThrow();
        return peer;
    }

    /** Of each size, whole and in fragments; from inner addresses, and from the outer ones, which need no place of their own. */
    private static void assertPings(Lab lab) {
        try (Ping ping = Ping.open(lab.left(), RIGHT)) {
            for (int payload : new int[] {0, 1, 56, 1400, 1452, 4000}) {
                assertThat(ping.echo(payload, TIMEOUT).kind())
                        .as("%d bytes", payload)
                        .isEqualTo(Ping.Kind.REPLY);
            }
        }
        assertPing(lab.left(), lab.left().address(), RIGHT);
        assertPing(lab.right(), RIGHT, LEFT);
        assertPing(lab.right(), lab.right().address(), LEFT);
    }

    private static void assertPing(Host from, InetAddress source, InetAddress to) {
        String out = from.exec(
                        "ping", "-c", "3", "-i", "0.1", "-W", "5", "-I", source.getHostAddress(), to.getHostAddress())
                .out();
        assertThat(out).containsPattern(Pattern.compile("3 received"));
    }

    /** Both hosts take the addresses from the file, so only their packets' path is judged. */
    private static void assertDatagrams(Host from, Host to, InetAddress address) {
        for (int size : new int[] {8, 1001, 3000}) {
            UdpFlood.Result result =
                    UdpFlood.start(from, to, address, DATAGRAMS, size, 200).await();
            assertThat(result.delivered()).as("%s of %d bytes", result, size).isEqualTo(DATAGRAMS);
            assertThat(result.corrupted()).isZero();
        }
    }
}
