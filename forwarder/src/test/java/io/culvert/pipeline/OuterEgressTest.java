package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelTable;
import io.culvert.tunnel.Verdict;
import io.culvert.wire.GreFlyweight;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the egress stage does to packets before they are sent; nothing is sent here. */
final class OuterEgressTest {

    private final SlotPool pool = new SlotPool(16);
    private final Tunnel tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.GRE).oseq(true));
    private final OuterEgress egress = new OuterEgress(new PathCounters(), false, new PathErrors());
    private final EncapStage stage = new EncapStage();

    @AfterEach
    void close() {
        egress.close();
        pool.close();
    }

    private Slot process(int index) {
        Slot slot = pool.get(index);
        byte[] inner = Packets.ipv4().payload(Packets.data(5)).build();
        slot.received(TunnelTable.EMPTY, inner.length);
        slot.buffer.putBytes(slot.offset, inner);
        slot.tunnel = tunnel;
        stage.process(slot);
        return slot;
    }

    /** The numbers behind its own are other packets': under ESP the same nonce would be used twice. */
    @Test
    void sendsNoMoreFragmentsThanNumbersWereTakenFor() {
        tunnel.route(TestTunnels.resolved(576, Packets.LOCAL, new byte[14]));
        Slot slot = pool.get(0);
        byte[] inner = Packets.ipv4().payload(Packets.data(1200)).build();
        slot.received(TunnelTable.EMPTY, inner.length);
        slot.buffer.putBytes(slot.offset, inner);
        slot.tunnel = tunnel;
        stage.process(slot);
        assertThat(slot.verdict).isEqualTo(Verdict.FRAGMENT);
        assertThat(slot.segments).isEqualTo(1);
        egress.send(slot);

        assertThat(tunnel.encapCounters().drops(DropReason.TOO_BIG)).isEqualTo(1);
    }

    /** RFC 2890 section 2.2: a gap is a loss to the peer. */
    @Test
    void leavesNoGapInTheSequenceWhereAPacketIsNotSent() {
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, new byte[14]));
        List<Integer> sequences = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Slot slot = process(i);
            slot.segments = 1 + i;
            if (i % 3 == 1) {
                slot.drop(DropReason.TOO_BIG);
            }
            egress.send(slot);
            if (slot.verdict == Verdict.FORWARD) {
                sequences.add(
                        new GreFlyweight().wrap(slot.buffer, slot.offset + 20).sequence());
            }
        }

        assertThat(sequences).containsExactly(0, 1, 2, 3, 4);
    }
}
