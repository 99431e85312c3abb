package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.Errno;
import io.culvert.testing.Hex;
import io.culvert.tunnel.Counters;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.SlotMemory;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TunEgressTest {

    private static final byte[] INNER = Packets.ipv4().payload(Packets.data(5)).build();
    private static final String FINISHED = "00000000000000000000";

    private final SlotMemory memory = new SlotMemory();
    private final ScriptedDevice device = new ScriptedDevice();
    private final Tunnel tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.GRE).iseq(true), device);
    private final Counters own = tunnel.decapCounters();
    private final PathCounters path = new PathCounters();
    private final TunEgress egress = new TunEgress(path, new PathErrors());

    private Slot inner() {
        Slot slot = memory.slot(INNER);
        slot.tunnel = tunnel;
        return slot;
    }

    private void send(Slot slot) {
        egress.send(slot);
        egress.flush();
    }

    private void send(int sequence) {
        Slot slot = inner();
        slot.sequence = sequence;
        slot.sequenceChecked = true;
        send(slot);
    }

    private void assertCounted(long received, long forwarded, DropReason reason, long dropped) {
        assertThat(path.receivedPackets()).isEqualTo(received);
        assertThat(own.packets()).isEqualTo(forwarded);
        assertThat(own.bytes()).isEqualTo(forwarded * INNER.length);
        assertThat(own.drops(reason)).isEqualTo(dropped);
    }

    @Test
    void writesTheInnerPacketBehindItsVirtioHeader() {
        send(inner());

        assertThat(device.written()).containsExactly(FINISHED + Hex.text(INNER));
        assertCounted(1, 1, DropReason.TUN_DOWN, 0);
    }

    @Test
    void leavesAPartialChecksumToTheDevice() {
        Slot slot = inner();
        slot.checksumPartial = true;
        slot.checksumStart = slot.offset + 20;
        slot.checksumOffset = 6;
        send(slot);

        assertThat(device.written()).containsExactly("01000000000014000600" + Hex.text(INNER));
    }

    @Test
    void judgesSequenceNumbersInTheOrderOfArrival() {
        for (int sequence : new int[] {10, 11, 11, 10, 13, 12, 14}) {
            send(sequence);
        }

        assertThat(device.written()).hasSize(4);
        assertCounted(7, 4, DropReason.SEQ_LATE, 3);
    }

    @Test
    void looksAtNoSequenceNumberThatWasNotAskedFor() {
        send(inner());
        send(inner());

        assertCounted(2, 2, DropReason.SEQ_LATE, 0);
    }

    @Test
    void countsDropsForTheirTunnelOrElseForThePath() {
        Slot slot = inner();
        slot.drop(DropReason.MARTIAN);
        send(slot);
        slot.tunnel = null;
        slot.drop(DropReason.NO_TUNNEL);
        send(slot);

        assertThat(device.written()).isEmpty();
        assertCounted(2, 0, DropReason.MARTIAN, 1);
        assertThat(own.drops(DropReason.NO_TUNNEL)).isZero();
        assertThat(path.withoutTunnel().drops(DropReason.NO_TUNNEL)).isEqualTo(1);
        assertThat(path.withoutTunnel().drops(DropReason.MARTIAN)).isZero();
    }

    /** A number that was dropped for another reason says nothing of the peer. */
    @Test
    void takesNoSequenceNumberFromADroppedPacket() {
        send(5);
        Slot dropped = inner();
        dropped.sequence = 6;
        dropped.sequenceChecked = true;
        dropped.drop(DropReason.MARTIAN);
        egress.send(dropped);
        send(6);

        assertCounted(3, 2, DropReason.SEQ_LATE, 0);
    }

    @Test
    void doesNotCountWhatIsNotForTheGateway() {
        Slot slot = inner();
        slot.verdict = Verdict.IGNORE;
        send(slot);

        assertThat(device.written()).isEmpty();
        assertCounted(0, 0, DropReason.NO_TUNNEL, 0);
    }

    @Test
    void countsThePacketThatAnExceptionCosts() {
        Slot slot = inner();
        slot.tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.GRE));
        send(slot);

        assertThat(path.receivedPackets()).isEqualTo(1);
        assertThat(slot.tunnel().decapCounters().drops(DropReason.INTERNAL)).isEqualTo(1);
    }

    @Test
    void writesAgainAfterASignal() {
        device.willReturn(-Errno.EINTR, -Errno.EINTR);
        send(inner());

        assertThat(device.written()).hasSize(3);
        assertCounted(1, 1, DropReason.TUN_REFUSED, 0);
    }

    @ParameterizedTest
    @CsvSource({"5, tun_down", "77, tun_down", "9, tun_down", "22, tun_refused", "12, tun_refused", "11, tun_refused"})
    void dropsWhatTheDeviceDoesNotTake(int errno, String word) {
        device.willReturn(-errno);
        send(inner());
        send(inner());
        DropReason reason = word.equals("tun_down") ? DropReason.TUN_DOWN : DropReason.TUN_REFUSED;

        assertCounted(2, 1, reason, 1);
    }
}
