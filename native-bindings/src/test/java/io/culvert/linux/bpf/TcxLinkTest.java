package io.culvert.linux.bpf;

import static io.culvert.linux.bpf.Register.R0;
import static io.culvert.linux.bpf.Register.R1;
import static io.culvert.linux.bpf.Register.R10;
import static io.culvert.linux.bpf.Register.R2;
import static io.culvert.linux.bpf.Register.R3;
import static io.culvert.linux.bpf.Register.R4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.Privileges;
import io.culvert.linux.RequiresRoot;
import io.culvert.linux.TestNamespace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RequiresRoot
class TcxLinkTest {

    private static final byte[] ICMP = {1};
    private static final byte[] UDP = {17};
    private static final byte[] YES = {1};
    private static final byte[] FIRST_COUNTER = new byte[4];

    private static final int ETHERNET_HEADER = 14;
    private static final int PROTOCOL_IN_IPV4 = 9;

    private TestNamespace here;
    private TestNamespace there;
    private int index;

    @BeforeEach
    void open() {
        here = TestNamespace.create();
        there = TestNamespace.create();
        here.ip("link", "add", "left", "type", "veth", "peer", "name", "right", "netns", there.name());
        here.ip("addr", "add", "192.0.2.1/24", "dev", "left");
        here.ip("link", "set", "left", "up");
        there.ip("addr", "add", "192.0.2.2/24", "dev", "right");
        there.ip("link", "set", "right", "up");
        index = here.interfaceIndex("left");
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    @Test
    void dropsTheProtocolsInItsMapUntilItIsClosed() {
        try (BpfMap unwanted = BpfMap.hash("unwanted", 1, 1, 8)) {
            assertThat(answersTo(3)).isEqualTo(3);
            try (BpfProgram program = BpfProgram.load("drop", dropping(unwanted), TcxLink.INGRESS);
                    TcxLink link = attach(program, TcxLink.INGRESS)) {
                assertThat(link).isNotNull();
                assertThat(answersTo(3)).isEqualTo(3);

                unwanted.put(UDP, YES);
                assertThat(answersTo(3)).isEqualTo(3);

                unwanted.put(ICMP, YES);
                assertThat(answersTo(3, 1)).isZero();
                unwanted.remove(ICMP);
                assertThat(answersTo(3)).isEqualTo(3);
                unwanted.put(ICMP, YES);
                assertThat(answersTo(3, 1)).isZero();
            }
            assertThat(answersTo(3)).isEqualTo(3);
        }
    }

    @Test
    void countsWhatTheDeviceSends() {
        try (BpfMap counters = BpfMap.array("counters", 8, 1)) {
            try (TcxLink link = attachClosing(counting(counters), TcxLink.EGRESS)) {
                assertThat(link).isNotNull();
                long sent = sentPackets();
                long counted = value(counters);

                assertThat(answersTo(20)).isEqualTo(20);

                // Address resolution may come in between, and both see it.
                assertThat(value(counters) - counted)
                        .isEqualTo(sentPackets() - sent)
                        .isBetween(20L, 23L);
            }
            long last = value(counters);
            assertThat(answersTo(3)).isEqualTo(3);
            assertThat(value(counters)).isEqualTo(last);
        }
    }

    @Test
    void isSupportedHere() {
        assertThat(here.call(TcxLink::isSupported)).isTrue();
        assertThat(here.call(() -> withoutBpf(TcxLink::isSupported))).isFalse();
    }

    @Test
    void namesWhatIsMissing() {
        BpfAssembler pass = new BpfAssembler().mov(R0, SkBuff.TCX_NEXT).exit();
        try (BpfProgram program = BpfProgram.load("pass", pass, TcxLink.EGRESS)) {
            assertThatThrownBy(() -> here.call(() -> TcxLink.attach(program, 4711, TcxLink.EGRESS)))
                    .isInstanceOf(ErrnoException.class)
                    .hasMessageContaining("BPF_LINK_CREATE, pass to the egress of device 4711): ENODEV");
        }
    }

    @Test
    void survivesItsDevice() {
        BpfAssembler pass = new BpfAssembler().mov(R0, SkBuff.TCX_NEXT).exit();
        try (TcxLink link = attachClosing(pass, TcxLink.EGRESS)) {
            here.ip("link", "del", "left");
            assertThat(link).isNotNull();
        }
    }

    /** The link alone keeps the program alive. */
    private TcxLink attachClosing(BpfAssembler code, int attachType) {
        try (BpfProgram program = BpfProgram.load("closed_early", code, attachType)) {
            return attach(program, attachType);
        }
    }

    private TcxLink attach(BpfProgram program, int attachType) {
        return here.call(() -> TcxLink.attach(program, index, attachType));
    }

    /** CAP_SYS_ADMIN stands in for CAP_BPF. Who has a program may attach it; to load it takes the capability. */
    private static <T> T withoutBpf(Callable<T> work) {
        return Privileges.without(Privileges.CAP_SYS_ADMIN, () -> Privileges.without(Privileges.CAP_BPF, work));
    }

    private static BpfAssembler dropping(BpfMap unwanted) {
        return new BpfAssembler()
                .mov(R2, ETHERNET_HEADER + PROTOCOL_IN_IPV4)
                .mov(R3, R10)
                .add(R3, -8)
                .mov(R4, 1)
                .call(SkBuff.SKB_LOAD_BYTES)
                .jumpNotEqual(R0, 0, "next")
                .loadMap(R1, unwanted)
                .mov(R2, R10)
                .add(R2, -8)
                .call(SkBuff.MAP_LOOKUP_ELEM)
                .jumpEqual(R0, 0, "next")
                .mov(R0, SkBuff.TCX_DROP)
                .exit()
                .label("next")
                .mov(R0, SkBuff.TCX_NEXT)
                .exit();
    }

    private static BpfAssembler counting(BpfMap counters) {
        return new BpfAssembler()
                .store32(R10, -4, 0)
                .loadMap(R1, counters)
                .mov(R2, R10)
                .add(R2, -4)
                .call(SkBuff.MAP_LOOKUP_ELEM)
                .jumpEqual(R0, 0, "next")
                .mov(R1, 1)
                .atomicAdd64(R0, 0, R1)
                .label("next")
                .mov(R0, SkBuff.TCX_NEXT)
                .exit();
    }

    private static long value(BpfMap counters) {
        byte[] value = counters.get(FIRST_COUNTER);
        assertThat(value).isNotNull();
        return ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getLong();
    }

    private long sentPackets() {
        return Long.parseLong(
                here.exec("cat", "/sys/class/net/left/statistics/tx_packets").trim());
    }

    /** How many of so many pings are answered. */
    private int answersTo(int pings) {
        return answersTo(pings, 10);
    }

    private int answersTo(int pings, int seconds) {
        String output = here.exec("sh", "-c", "ping -q -c " + pings + " -i 0.02 -W " + seconds + " 192.0.2.2 || true");
        return Integer.parseInt(output.replaceAll("(?s).* transmitted, (\\d+) received.*", "$1"));
    }
}
