package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.Ping;
import io.culvert.testing.Judges;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a monitoring system sees of a gateway that carries packets, read by Prometheus' own parser. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AdminIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int PINGS = 5;

    private static String toml(Host here, Host there, String inner) {
        return """
            [gateway]
            admin = "127.0.0.1:9477"
            [[tunnel]]
            name = "gre1"
            mode = "gre"
            local = "%s"
            remote = "%s"
            addresses = ["%s/30"]
            """.formatted(here.address().getHostAddress(), there.address().getHostAddress(), inner);
    }

    @Test
    void prometheusSeesWhatTheCommandLineSees() {
        Judges.requirePython("prometheus_client", "python3-prometheus-client");
        try (Lab lab = Lab.twoHosts()) {
            LabGateway left = LabGateway.on(lab.left())
                    .text(toml(lab.left(), lab.right(), "192.0.2.1"))
                    .start();
            LabGateway.on(lab.right())
                    .text(toml(lab.right(), lab.left(), "192.0.2.2"))
                    .start();
            try (Ping ping = Ping.open(lab.left(), TwoGateways.RIGHT_INNER)) {
                for (int i = 0; i < PINGS; i++) {
                    assertThat(ping.echo(64, SOON).kind()).isEqualTo(Ping.Kind.REPLY);
                }
            }

            List<String> samples = scrape(lab.left());

            Counts counts = Counts.of(left);
            assertThat(counts.encapsulated("gre1")).isGreaterThanOrEqualTo(PINGS);
            assertThat(samples)
                    .contains(
                            "culvert_tunnel_packets_total{direction=encap,tunnel=gre1} " + counts.encapsulated("gre1"),
                            "culvert_tunnel_packets_total{direction=decap,tunnel=gre1} " + counts.decapsulated("gre1"),
                            "culvert_tunnel_up{tunnel=gre1} 1",
                            "culvert_config_last_reload_successful{} 1");
            assertThat(samples).anyMatch(sample -> sample.startsWith("culvert_datapath_info{lane="));
            assertThat(samples).contains("readyz: ready", "healthz: alive");
        }
    }

    private static List<String> scrape(Host host) {
        List<String> command = Judges.pythonCommand(AdminIT.class, "/telemetry/scrape.py", "http://127.0.0.1:9477");
        return host.exec(SOON, command).orThrow().out().lines().toList();
    }
}
