package io.culvert.linux.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.RequiresRoot;
import io.culvert.linux.TestNamespace;
import io.culvert.linux.netlink.TrafficControl;
import io.culvert.linux.netlink.TrafficFilter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Judged by {@code tc} and by packets that no longer pass. */
@RequiresRoot
class ClsactFilterTest {

    /** Above any process's number, /proc/sys/kernel/pid_max is 2^22 at most. */
    private static final int NO_PROCESS = 1 << 23;

    private TestNamespace here;
    private TrafficControl control;
    private int index;

    @BeforeEach
    void open() {
        here = TestNamespace.create();
        here.ip("link", "set", "lo", "up");
        here.ip("link", "add", "veth7", "type", "veth", "peer", "name", "veth8");
        here.ip("link", "set", "veth7", "up");
        index = here.interfaceIndex("lo");
        control = here.call(TrafficControl::open);
    }

    @AfterEach
    void close() {
        control.close();
        here.close();
    }

    private static BpfAssembler verdict(int verdict) {
        return new BpfAssembler().mov(Register.R0, verdict).exit();
    }

    private ClsactFilter attach(int verdict, int attachType) {
        try (BpfProgram program = BpfProgram.load("test_verdict", verdict(verdict), attachType)) {
            return ClsactFilter.attach(control, program, index, attachType);
        }
    }

    private boolean answers() {
        return here.exec("sh", "-c", "ping -q -c 1 -W 1 127.0.0.1 || true").contains(" 1 received");
    }

    private String qdiscs() {
        return here.exec("tc", "qdisc", "show", "dev", "lo");
    }

    private String filters(String side) {
        return here.exec("tc", "filter", "show", "dev", "lo", side);
    }

    @Test
    void dropsUntilItIsClosedAndLeavesNothingBehind() {
        for (int attachType : new int[] {TcxLink.INGRESS, TcxLink.EGRESS}) {
            assertThat(answers()).isTrue();
            try (ClsactFilter filter = attach(SkBuff.TCX_DROP, attachType)) {
                assertThat(filter).isNotNull();
                assertThat(answers()).isFalse();
                assertThat(filters(attachType == TcxLink.INGRESS ? "ingress" : "egress"))
                        .contains("test_verdict", "direct-action");
            }
            assertThat(answers()).isTrue();
            assertThat(qdiscs()).doesNotContain("clsact");
        }
    }

    @Test
    void letsOthersKeepTheirFilters() {
        here.exec("tc", "qdisc", "add", "dev", "lo", "clsact");
        here.exec(
                "tc", "filter", "add", "dev", "lo", "ingress", "prio", "1", "u32", "match", "u32", "0", "0", "flowid",
                "1:1");
        try (ClsactFilter ingress = attach(SkBuff.TCX_NEXT, TcxLink.INGRESS);
                ClsactFilter egress = attach(SkBuff.TCX_NEXT, TcxLink.EGRESS)) {
            assertThat(ingress).isNotSameAs(egress);
            assertThat(filters("ingress")).contains("u32", "test_verdict");
        }

        assertThat(filters("ingress")).contains("u32").doesNotContain("test_verdict");
        assertThat(qdiscs()).contains("clsact");
    }

    @Test
    void removesWhatAKilledProcessLeftAndNothingElse() {
        control.addClsact(index);
        try (BpfProgram program = BpfProgram.load("left_behind", verdict(SkBuff.TCX_DROP), TcxLink.INGRESS);
                ClsactFilter own = attach(SkBuff.TCX_NEXT, TcxLink.INGRESS)) {
            assertThat(own).isNotNull();
            TrafficFilter left = new TrafficFilter(ClsactFilter.PRIORITY, NO_PROCESS);
            control.addFilter(index, true, left, program.fd(), program.name());
            TrafficFilter others = new TrafficFilter(7, NO_PROCESS);
            control.addFilter(index, false, others, program.fd(), "others");

            ClsactFilter.removeLeftovers(control, index);

            assertThat(filters("ingress")).contains("test_verdict").doesNotContain("left_behind");
            assertThat(filters("egress")).contains("others");
            ClsactFilter.removeLeftovers(control, here.interfaceIndex("veth7"));
        }
    }

    @Test
    void survivesItsDevice() {
        index = here.interfaceIndex("veth7");
        try (ClsactFilter filter = attach(SkBuff.TCX_NEXT, TcxLink.EGRESS)) {
            here.ip("link", "del", "veth7");
            assertThat(filter).isNotNull();
        }
    }
}
