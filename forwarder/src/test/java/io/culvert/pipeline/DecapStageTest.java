package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.SlotMemory;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.TunnelTable;
import io.culvert.tunnel.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The outer header's own checks: frames come from a packet socket as they were on the wire. */
final class DecapStageTest {

    private static final byte[] INNER = Packets.ipv4().payload(Packets.data(5)).build();
    private static final byte[] OUTER = Packets.ipip(INNER);

    private final SlotMemory memory = new SlotMemory();
    private final TunnelTable table = new TunnelTable(
            List.of(TestTunnels.tunnel(TestTunnels.spec(Mode.IPIP)), TestTunnels.tunnel(TestTunnels.spec(Mode.GRE))));
    private final DecapStage stage = new DecapStage();

    private Slot process(byte[] frame) {
        return process(frame, false);
    }

    private Slot process(byte[] frame, boolean raw) {
        Slot slot = memory.slot(frame, table);
        slot.raw = raw;
        stage.process(slot);
        return slot;
    }

    private String outcome(byte[] frame) {
        return SlotMemory.outcome(process(frame));
    }

    @Test
    void takesOffAWholeOuterHeader() {
        Slot slot = process(OUTER);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(SlotMemory.packet(slot)).isEqualTo(INNER);
    }

    /** Ethernet frames have 46 bytes of payload at least. */
    @Test
    void cutsOffWhatFollowsTheOuterPacket() {
        Slot slot = process(Packets.followedBy(OUTER, new byte[7]));

        assertThat(SlotMemory.packet(slot)).isEqualTo(INNER);
    }

    /** The padding is no part of the packet, so an inner length that reaches into it is wrong. */
    @Test
    void takesNothingFromThePadding() {
        byte[] cut = Packets.ipip(Packets.cut(INNER, INNER.length - 1));

        assertThat(outcome(Packets.followedBy(cut, new byte[20]))).isEqualTo("inner_malformed");
    }

    @Test
    void refusesEveryTruncation() {
        byte[] gre = Packets.gre(Packets.gre().payload(INNER));
        for (byte[] whole : List.of(OUTER, gre)) {
            for (int length = 0; length < whole.length; length++) {
                assertThat(outcome(Packets.cut(whole, length)))
                        .as("%d bytes", length)
                        .isEqualTo("outer_malformed");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x05, 0x35, 0x65, 0xf5, 0x40, 0x44, 0x4f})
    void refusesAnotherVersionOrHeaderLength(int first) {
        assertThat(outcome(Packets.with(OUTER, 0, first))).isEqualTo("outer_malformed");
    }

    @ParameterizedTest
    @ValueSource(ints = {0x2000, 0x0001, 0x1fff, 0x2005})
    void refusesFragments(int fragment) {
        byte[] packet = Packets.outer(4, INNER).fragment(fragment).build();

        assertThat(outcome(packet)).isEqualTo("outer_fragment");
    }

    @Test
    void takesDontFragmentForWhatItIs() {
        assertThat(outcome(Packets.outer(4, INNER).fragment(0x4000).build())).isEqualTo("FORWARD");
    }

    @Test
    void refusesEveryFlippedBitInTheOuterHeader() {
        for (int bit = 0; bit < 160; bit++) {
            byte flipped = (byte) (OUTER[bit / 8] ^ 1 << bit % 8);
            Slot slot = process(Packets.with(OUTER, bit / 8, flipped));

            assertThat(slot.verdict).as("bit %d", bit).isEqualTo(Verdict.DROP);
            assertThat(slot.dropReason.word()).matches("outer_(malformed|checksum|fragment)");
        }
    }

    @Test
    void trustsTheKernelsOwnCheckOfTheHeader() {
        byte[] wrong = Packets.with(OUTER, 10, OUTER[10] ^ 1);

        assertThat(outcome(wrong)).isEqualTo("outer_checksum");
        assertThat(SlotMemory.outcome(process(wrong, true))).isEqualTo("FORWARD");
    }
}
