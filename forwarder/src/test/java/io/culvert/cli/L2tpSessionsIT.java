package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.cli.CommandLines.Line;
import io.culvert.cli.CommandLines.Outcome;
import io.culvert.lab.GuestLab;
import io.culvert.lab.LabGateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same lines of {@code ip l2tp} at both ends, ours and Linux's, make sessions that carry packets. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class L2tpSessionsIT {

    private static final String US = GuestLab.HOST.getHostAddress();
    private static final String THEM = GuestLab.GUEST.getHostAddress();

    @TempDir
    private Path confD;

    /** Two sessions in a tunnel over IP, two in one over UDP; seen from one end. */
    private static List<String> lines(String local, String remote, int own, int other, String save) {
        List<String> lines = new ArrayList<>();
        for (int id = 1; id <= 2; id++) {
            String encap = id == 1 ? "ip" : "udp udp_sport " + (7000 + own) + " udp_dport " + (7000 + other);
            lines.add("ip l2tp add tunnel tunnel_id " + (10 * id + own) + " peer_tunnel_id " + (10 * id + other)
                    + " local " + local + " remote " + remote + " encap " + encap + save);
            for (int session = 1; session <= 2; session++) {
                int number = 10 * id + session;
                lines.add("ip l2tp add session name eth" + number + " tunnel_id " + (10 * id + own) + " session_id "
                        + (10 * number + own) + " peer_session_id " + (10 * number + other) + " cookie 0000000" + own
                        + " peer_cookie 0000000" + other + " seq both" + save);
                lines.add("ip address add 192.0.2." + (4 * number + own) + "/30 dev eth" + number);
                lines.add("ip link set dev eth" + number + " up");
            }
        }
        return lines;
    }

    private static List<Outcome> run(GuestLab lab, LabGateway gateway, List<String> lines) {
        return new GatewayTunnels(lab.host(), gateway)
                .run(lines.stream()
                        .map(line -> new Line(line, "", "", List.of()))
                        .toList());
    }

    private static void assertPasses(GuestLab lab) {
        for (int number : new int[] {11, 12, 21, 22}) {
            String remote = "192.0.2." + (4 * number + 2);
            // The first one is lost while the other end looks for our MAC address through a session that just came up.
            lab.host().exec("ping", "-c", "1", "-W", "2", remote);
            assertThat(lab.host()
                            .exec("ping", "-c", "3", "-i", "0.1", "-W", "10", remote)
                            .out())
                    .contains(" 0% packet loss");
        }
    }

    @Test
    void carryPacketsAndOutliveARestart() throws IOException {
        GuestLab lab = GuestLab.shared();
        lab.guest().exec("for m in l2tp_eth l2tp_ip; do modprobe $m; done").orThrow();
        try (LabGateway gateway =
                LabGateway.on(lab.host()).options("--conf-d", confD.toString()).start()) {
            lab.guest().exec(String.join(" && ", lines(THEM, US, 2, 1, ""))).orThrow();
            for (Outcome outcome : run(lab, gateway, lines(US, THEM, 1, 2, " --save"))) {
                assertThat(outcome).isEqualTo(new Outcome(0, "", ""));
            }
            assertPasses(lab);
            gateway.stop();

            assertThat(Files.readString(confD.resolve("eth22.toml")))
                    .contains("tunnel_id = 21", "peer_tunnel_id = 22", "session_id = 221", "encap-dport = 7002");
        }
        try (LabGateway gateway =
                LabGateway.on(lab.host()).options("--conf-d", confD.toString()).start()) {
            List<Outcome> outcomes = run(
                    lab,
                    gateway,
                    List.of(
                            "ip l2tp show tunnel",
                            "ip l2tp del session tunnel_id 11 session_id 111 --save",
                            "ip l2tp del tunnel tunnel_id 21 --save",
                            "ip l2tp show session"));

            assertThat(outcomes.getFirst().out()).contains("Tunnel 11, encap IP", "Tunnel 21, encap UDP");
            assertThat(outcomes.getLast().out())
                    .contains("Session 121 in tunnel 11")
                    .doesNotContain("tunnel 21");
            assertThat(confD.resolve("eth12.toml")).exists();
            assertThat(Files.list(confD)).hasSize(1);
        } finally {
            lab.guest().exec("ip l2tp del tunnel tunnel_id 12; ip l2tp del tunnel tunnel_id 22");
        }
    }
}
