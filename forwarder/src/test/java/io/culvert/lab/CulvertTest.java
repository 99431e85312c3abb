package io.culvert.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CulvertTest {

    /** Relative to the module, where Maven runs its tests. */
    private static final String LAUNCHER = "../deploy/launcher/start.sh";

    @Test
    void usesTheLaunchersFlags() {
        assertThat(launcherFlags("run")).isEqualTo(all(Culvert.RUN_FLAGS));
        assertThat(launcherFlags("demo")).isEqualTo(Culvert.FLAGS);
    }

    private static List<String> launcherFlags(String command) {
        String script = ". " + LAUNCHER + "; find_flags " + command + "; echo \"$flags\"";
        return List.of(Programs.run("sh", "-c", script).out().strip().split(" ", -1));
    }

    private static List<String> all(List<String> flags) {
        List<String> all = new ArrayList<>(Culvert.FLAGS);
        all.addAll(flags);
        return all;
    }
}
