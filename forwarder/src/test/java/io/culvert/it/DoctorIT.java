package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.lab.CommandResult;
import io.culvert.lab.Culvert;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code culvert doctor} on hosts that are well and on some that are not; ethtool breaks and mends them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DoctorIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int PROBLEMS = 3;

    private static TunnelSpec gre(String name, Host here, InetAddress remote) {
        return TunnelSpec.builder(name, Mode.GRE)
                .local(here.address())
                .remote(remote)
                .build();
    }

    @Test
    void examinesARunningGateway() {
        try (Lab lab = Lab.twoHosts()) {
            LabGateway gateway = LabGateway.on(lab.left())
                    .tunnel(gre("gre1", lab.left(), lab.right().address()))
                    .start();
            lab.left().exec("ethtool", "-K", Host.UNDERLAY, "gro", "on").orThrow();

            CommandResult well = gateway.culvert("doctor", "-c", gateway.file().toString());

            assertThat(well.exit()).as(well.out()).isZero();
            assertThat(well.out())
                    .contains("ok    tunnel gre1: up, lane ", "ok    underlay eth0: MTU 1500, GRO on")
                    .doesNotContain("fail");

            lab.left().exec("ethtool", "-K", Host.UNDERLAY, "gro", "off").orThrow();
            lab.left().exec("ip", "link", "set", "gre1", "down").orThrow();

            CommandResult ill = gateway.culvert("doctor", "-c", gateway.file().toString());

            assertThat(ill.exit()).as(ill.out()).isEqualTo(PROBLEMS);
            assertThat(ill.out())
                    .contains(
                            "fail  tunnel gre1: down: its device is down",
                            "mend it with: ip link set gre1 up",
                            "warn  underlay eth0: GRO is off",
                            "mend it with: ethtool -K eth0 gro on");
        }
    }

    @Test
    void examinesAHostBeforeItsGatewayStarts() throws IOException {
        try (Lab lab = Lab.twoHosts()) {
            Path file = lab.left().directory().resolve("before.toml");
            Files.writeString(file, """
                [gateway]
                control-socket = "%s"
                [[tunnel]]
                name = "gre1"
                mode = "gre"
                local = "%s"
                remote = "198.51.100.77"
                """.formatted(
                            lab.left().directory().resolve("none.sock"),
                            lab.left().address().getHostAddress()));

            CommandResult result = doctor(lab.left(), List.of(), file);
            assertThat(result.exit()).as(result.out()).isEqualTo(PROBLEMS);
            assertThat(result.out())
                    .contains(
                            "ok    privileges: CAP_NET_ADMIN is held", "fail  route of gre1: no way to 198.51.100.77");

            CommandResult unprivileged = doctor(
                    lab.left(), List.of("setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw"), file);
            assertThat(unprivileged.out()).contains("fail  privileges: CAP_NET_RAW is missing");
        }
    }

    private static CommandResult doctor(Host host, List<String> wrapper, Path file) {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(Culvert.java(
                List.of(),
                "io.culvert.cli.Main",
                "--socket",
                host.directory().resolve("none.sock").toString(),
                "doctor",
                "-c",
                file.toString()));
        return host.exec(SOON, command);
    }
}
