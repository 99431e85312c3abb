package io.culvert.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Both ways to attach the programs pass the self-test on this kernel, and leave nothing behind. */
final class SuperLaneIT {

    private Lab lab;
    private Host host;

    @BeforeEach
    void open() {
        lab = Lab.builder().build();
        host = lab.left();
    }

    @AfterEach
    void close() {
        lab.close();
    }

    /** Opens a lane in the host's network namespace. */
    private SuperLane lane(Supplier<ProgramHook> hook) {
        return host.call("lane", Duration.ofSeconds(20), () -> SuperLane.open(hook.get()));
    }

    private String tc(String... words) {
        String[] command = new String[words.length + 1];
        command[0] = "tc";
        System.arraycopy(words, 0, command, 1, words.length);
        return host.exec(command).orThrow().out();
    }

    @Test
    void provesItselfByTcx() {
        try (SuperLane lane = lane(ProgramHook.Tcx::new)) {
            assertThat(lane.hook()).isEqualTo("tcx");
        }
    }

    @Test
    void worksByClsactAndLeavesNothingBehind() {
        try (SuperLane lane = lane(ProgramHook.Clsact::new)) {
            assertThat(lane.hook()).isEqualTo("clsact");
            lane.update(Set.of(1));

            assertThat(lane.carries(1, false)).isTrue();
            assertThat(tc("filter", "show", "dev", "lo", "egress")).contains("culvert_gso");
            assertThat(tc("filter", "show", "dev", "lo", "ingress")).contains("culvert_take");
        }
        assertThat(tc("qdisc", "show", "dev", "lo")).doesNotContain("clsact");
    }

    @Test
    void leavesNothingBehindWhenTheSelfTestFails() {
        host.exec("ip", "link", "set", "lo", "down").orThrow();

        assertThatThrownBy(() -> lane(ProgramHook.Clsact::new)).isInstanceOf(RuntimeException.class);
        assertThat(tc("qdisc", "show", "dev", "lo")).doesNotContain("clsact");
    }
}
