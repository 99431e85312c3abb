package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.lab.CommandResult;
import io.culvert.lab.Culvert;
import io.culvert.testing.Alone;
import io.culvert.testing.Judges;
import io.culvert.tunnel.Mode;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code culvert demo}. */
@Timeout(value = 150, unit = TimeUnit.SECONDS)
@Alone
class DemoIT {

    private static final Duration LIMIT = Duration.ofSeconds(120);

    @Test
    void showsEveryModeAtWork() {
        Judges.requireTool("tcpdump", "tcpdump");
        Judges.requireTool("tshark", "tshark");

        CommandResult demo = Culvert.run(List.of(), LIMIT, "demo", "--seconds", "0.5");

        assertThat(demo.err()).isEmpty();
        assertThat(demo.exit()).as(demo.out()).isZero();
        List<String> lines = demo.out().lines().toList();
        assertThat(lines.getFirst()).matches("mode +rtt\\(ms\\) +Gb/s +wire format");
        assertThat(lines.subList(1, lines.size()))
                .hasSize(Arrays.stream(Mode.values()).mapToInt(DemoIT::rows).sum())
                .allSatisfy(line -> assertThat(line)
                        .matches("[a-z0-9]+( .*)? +\\d+\\.\\d+ +\\d+\\.\\d+  (tshark|tcpdump): " + packets(line)
                                + " packets right"));
    }

    /** There and back; of PPTP's any that nothing follows soon enough has an acknowledgment of its own. */
    private static String packets(String line) {
        return line.startsWith("pptp") ? "([4-7][0-9]|80)" : "40";
    }

    /** Bare, with a key, and with all options; ERSPAN has neither checksum nor a choice of numbers. */
    private static int rows(Mode mode) {
        if (mode.isErspan()) {
            return 2;
        }
        return mode.isKeyed() ? 3 : 1;
    }

    @Test
    void namesAMissingCapabilityAndTheRemedy() {
        List<String> unprivileged = List.of("setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin");

        CommandResult demo = Culvert.run(unprivileged, LIMIT, "demo");

        assertThat(demo.exit()).isEqualTo(4);
        assertThat(demo.err()).hasLineCount(1).contains("CAP_SYS_ADMIN", "sudo");
    }
}
