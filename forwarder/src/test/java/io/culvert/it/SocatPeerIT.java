package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.Ping;
import io.culvert.lab.TcpTransfer;
import io.culvert.lab.WireMode;
import io.culvert.testing.Judges;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A gateway and a peer that is not Culvert: socat, which puts what a TUN device gives behind an IPv4 header of protocol 4. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SocatPeerIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int BYTES = 20_000_000;

    @ParameterizedTest
    @CsvSource({"AUTO, FUSED", "RAW, STAGED"})
    void pingsAndTcpPassBothWays(Lane lane, Pipeline pipeline) {
        Judges.requireTool("socat", "socat");
        // socat hands on what a raw socket gives it, so inner checksums must be finished on the link.
        try (Lab lab = Lab.builder().wireMode(WireMode.WIRE).build()) {
            startSocat(lab);
            startGateway(lab, lane, pipeline);
            try (Ping there = Ping.open(lab.left(), TwoGateways.RIGHT_INNER);
                    Ping back = Ping.open(lab.right(), TwoGateways.LEFT_INNER)) {
                for (int payload : new int[] {0, 1, 56, 1451, 1452, 1453, 8000}) {
                    assertThat(there.echo(payload, TIMEOUT).kind()).isEqualTo(Ping.Kind.REPLY);
                    assertThat(back.echo(payload, TIMEOUT).kind()).isEqualTo(Ping.Kind.REPLY);
                }
            }
            assertArrives(TcpTransfer.checked(lab.left(), lab.right(), TwoGateways.RIGHT_INNER, BYTES, LIMIT));
            assertArrives(TcpTransfer.checked(lab.right(), lab.left(), TwoGateways.LEFT_INNER, BYTES, LIMIT));
        }
    }

    private static void assertArrives(TcpTransfer.Result result) {
        assertThat(result.bytes()).isEqualTo(BYTES);
        assertThat(result.received()).isEqualTo(result.sent());
    }

    private static void startSocat(Lab lab) {
        Host right = lab.right();
        right.start(
                "socat",
                "TUN:192.0.2.2/30,tun-name=" + TwoGateways.DEVICE + ",iff-no-pi,iff-up",
                "IP4-DATAGRAM:203.0.113.1:4");
        Await.until("socat has its device", () -> right.hasDevice(TwoGateways.DEVICE));
        Await.until("socat takes packets", () -> hasSocket(right));
        right.exec("ip", "link", "set", "dev", TwoGateways.DEVICE, "mtu", "1480")
                .orThrow();
    }

    /** Whether a raw socket for IPv4 in IPv4 is open, which is the last thing that socat opens. */
    private static boolean hasSocket(Host host) {
        return host.exec("cat", "/proc/net/raw").out().contains(":0004 ");
    }

    private static void startGateway(Lab lab, Lane lane, Pipeline pipeline) {
        LabGateway.on(lab.left())
                .lane(lane)
                .pipeline(pipeline)
                .tunnel(TunnelSpec.builder(TwoGateways.DEVICE, Mode.IPIP)
                        .local(lab.left().address())
                        .remote(lab.right().address())
                        .addresses(List.of(new Prefix(TwoGateways.LEFT_INNER, 30)))
                        .build())
                .start();
    }
}
