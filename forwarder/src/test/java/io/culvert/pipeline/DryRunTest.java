package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.pipeline.DryRun.Outcome;
import io.culvert.testing.Hex;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.SlotMemory;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelTable;
import io.culvert.tunnel.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DryRunTest {

    private static final byte[] INNER =
            Packets.ipv4().payload(Packets.udp(0, Packets.data(64))).build();
    private static final int MTU = 1500;

    private final ScriptedDevice device = new ScriptedDevice();
    private final Tunnel gre =
            TestTunnels.tunnel(TestTunnels.spec(Mode.GRE).key(7).iseq(true), device);
    private final TunnelTable table = new TunnelTable(List.of(gre));
    private final DryRun dryRun = new DryRun();

    @AfterEach
    void close() {
        dryRun.close();
    }

    private static byte[] packet(int key, int sequence, byte[] inner) {
        return Packets.gre(Packets.gre().key(key).sequence(sequence).payload(inner));
    }

    /** Packets of every kind, twice over, each through the real stages, which count it. */
    @Test
    void saysWhatTheDecapsulationPathDoes() {
        List<byte[]> packets = new ArrayList<>();
        for (int sequence : new int[] {1, 2, 2, 1, 3, 9}) {
            packets.add(packet(7, sequence, INNER));
            packets.add(packet(8, sequence, INNER));
            packets.add(packet(7, sequence, Packets.from("127.0.0.1")));
        }
        packets.add(Packets.gre(Packets.gre().key(7).payload(INNER)));
        packets.add(Packets.ipip(INNER));
        packets.add(Packets.cut(packet(7, 10, INNER), 30));
        packets.add(new byte[] {0x45});
        PathCounters counters = new PathCounters();
        TunEgress egress = new TunEgress(counters, new PathErrors());
        DecapStage stage = new DecapStage();
        SlotMemory memory = new SlotMemory();
        List<Object> told = new ArrayList<>();
        for (byte[] packet : packets) {
            Outcome outcome = dryRun.decapsulate(table, packet, 0);
            long forwarded = gre.decapCounters().packets();
            long dropped = drops(counters, outcome.reason());
            int written = device.written().size();

            Slot slot = memory.slot(packet, table);
            stage.process(slot);
            egress.send(slot);
            egress.flush();

            boolean isForwarded = gre.decapCounters().packets() > forwarded;
            assertThat(outcome.verdict() == Verdict.FORWARD)
                    .as(Hex.text(packet))
                    .isEqualTo(isForwarded);
            if (isForwarded) {
                assertThat(outcome.tunnel()).isSameAs(gre);
                assertThat(device.written().get(written))
                        .endsWith(Hex.text(outcome.packets().getFirst()));
            } else if (outcome.reason() != null) {
                assertThat(drops(counters, outcome.reason())).isEqualTo(dropped + 1);
            }
            told.add(outcome.reason() == null ? outcome.verdict() : outcome.reason());
        }
        assertThat(told)
                .contains(
                        Verdict.FORWARD,
                        DropReason.SEQ_LATE,
                        DropReason.KEY_MISMATCH,
                        DropReason.MARTIAN,
                        DropReason.SEQ_MISSING,
                        DropReason.NO_TUNNEL,
                        DropReason.OUTER_MALFORMED);
    }

    private long drops(PathCounters counters, DropReason reason) {
        return reason == null
                ? 0
                : gre.decapCounters().drops(reason) + counters.withoutTunnel().drops(reason);
    }

    @Test
    void countsAndMovesNothing() {
        for (int i = 0; i < 3; i++) {
            assertThat(dryRun.decapsulate(table, packet(7, 5, INNER), 0).verdict())
                    .isEqualTo(Verdict.FORWARD);
        }

        assertThat(gre.decapCounters().packets()).isZero();
        assertThat(gre.acceptSequence(5)).isTrue();
        assertThat(device.written()).isEmpty();
    }

    @Test
    void encapsulates() {
        assertThat(dryRun.encapsulate(table, gre, INNER).verdict()).isEqualTo(Verdict.ANSWER);
        gre.route(OuterRoute.unresolved(TestTunnels.UNDERLAY, MTU, null));

        Outcome outcome = dryRun.encapsulate(table, gre, INNER);

        assertThat(outcome.verdict()).isEqualTo(Verdict.FORWARD);
        Outcome back = dryRun.decapsulate(
                new TunnelTable(List.of(mirrored())), outcome.packets().getFirst(), 0);
        assertThat(back.packets()).containsExactly(INNER);
    }

    /** The tunnel's other end. */
    private static Tunnel mirrored() {
        return TestTunnels.tunnel(TestTunnels.spec(Mode.GRE)
                .key(7)
                .local(TestTunnels.address(Packets.REMOTE))
                .remote(TestTunnels.address(Packets.LOCAL)));
    }

    @Test
    void fragmentsWhatIsTooBigOrAnswersIt() {
        gre.route(OuterRoute.unresolved(TestTunnels.UNDERLAY, MTU, null));
        byte[] big = Packets.ipv4().payload(Packets.udp(0, Packets.data(3000))).build();

        Outcome fragmented = dryRun.encapsulate(table, gre, big);

        assertThat(fragmented.verdict()).isEqualTo(Verdict.FRAGMENT);
        assertThat(fragmented.packets()).hasSize(3).allMatch(packet -> packet.length <= MTU);
        byte[] fixed = Packets.ipv4()
                .fragment(0x4000)
                .payload(Packets.udp(0, Packets.data(3000)))
                .build();
        Outcome answered = dryRun.encapsulate(table, gre, fixed);
        assertThat(answered.verdict()).isEqualTo(Verdict.ANSWER);
        assertThat(answered.packets().getFirst()[9]).as("ICMP").isEqualTo((byte) 1);
    }
}
