package io.culvert.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The guest by itself: it must do what it is told before its kernel judges a tunnel. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class GuestIT {

    @Test
    void runsCommandsOfItsOwnKernel() {
        Guest guest = GuestLab.shared().guest();

        assertThat(guest.exec("uname -r").orThrow().out()).endsWith("-cloud-amd64\n");
        assertThat(guest.exec("ip -V").orThrow().out()).startsWith("ip utility, iproute2");
    }

    @Test
    void tellsExitCodeAndBothStreams() {
        List<CommandResult> results = GuestLab.shared()
                .guest()
                .execAll(List.of("echo 'a:b\n c'; echo d >&2; exit 3", "ip tunnel add x mode nosuch", "seq 20000"));

        assertThat(results.getFirst())
                .isEqualTo(new CommandResult(results.getFirst().command(), 3, "a:b\n c\n", "d\n"));
        assertThat(results.get(1).exit()).isEqualTo(255);
        assertThat(results.get(1).err()).contains("Unknown tunnel mode \"nosuch\"");
        assertThat(results.get(2).out()).hasLineCount(20_000).endsWith("19999\n20000\n");
    }

    @Test
    void reachesItsHostByBothFamilies() {
        Guest guest = GuestLab.shared().guest();

        for (String address : List.of("198.51.100.1", "2001:db8:51::1")) {
            assertThat(guest.exec("ping -c 3 -i 0.1 -W 10 " + address).orThrow().out())
                    .contains("3 packets received");
        }
    }

    @Test
    void saysWhenACommandTakesTooLong() {
        try (Lab lab = Lab.twoHosts();
                Guest guest = bootIn(lab.left())) {
            assertThatThrownBy(() -> guest.exec(Duration.ofMillis(300), "sleep 30"))
                    .isInstanceOf(LabException.class)
                    .hasMessageContaining("guest: \"sleep 30\" is not done after 300 ms")
                    .hasMessageContaining("guest: serves commands");
            assertThat(guest.isAlive()).isFalse();
        }
    }

    /** Needs what the shared one needs. */
    private static Guest bootIn(Host host) {
        assertThat(GuestLab.shared().guest().isAlive()).isTrue();
        return Guest.boot(host, "guest1", GuestImage.TUNNELS);
    }
}
