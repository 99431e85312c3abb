package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.SeededCases;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import java.util.List;
import org.junit.jupiter.api.Test;

/** GRE checksums over packets whose inner UDP checksum is still to be finished, and where the kernel left them. */
final class GreChecksumTest {

    private static final int OUTER = 20;
    private static final int GRE = 8;
    private static final int INNER_IPV4 = 20;
    private static final int UDP_CHECKSUM = 6;

    private final SlotMemory memory = new SlotMemory();
    private final Tunnel tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.GRE).csum(true));

    /** What the kernel hands over: the folded sum of the pseudo-header stands in the checksum field. */
    private static byte[] udpWithPartialChecksum(int source, int destination, byte[] data) {
        long pseudoHeader = InternetChecksum.pseudoHeaderIpv4(source, destination, IpProtocol.UDP, 8 + data.length);
        return Packets.udp(InternetChecksum.fold(pseudoHeader), data);
    }

    private static void partial(Slot slot, int checksumStart) {
        slot.checksumPartial = true;
        slot.checksumStart = checksumStart;
        slot.checksumOffset = UDP_CHECKSUM;
    }

    private static void finish(Slot slot) {
        InternetChecksum.complete(
                slot.buffer, slot.checksumStart, slot.offset + slot.length - slot.checksumStart, UDP_CHECKSUM, false);
    }

    private static boolean isSumRight(Slot slot) {
        return InternetChecksum.isValid(slot.buffer, slot.offset + OUTER, slot.length - OUTER, 0);
    }

    @Test
    void isRightOnceTheInnerChecksumIsFinished() {
        SeededCases.check(5_000, random -> {
            int source = random.nextInt();
            int destination = random.nextInt();
            byte[] data = new byte[random.nextInt(200)];
            random.nextBytes(data);
            byte[] inner = Packets.ipv4()
                    .source(source)
                    .destination(destination)
                    .payload(udpWithPartialChecksum(source, destination, data))
                    .build();
            Slot slot = memory.slot(inner);
            partial(slot, Slot.HEADROOM + INNER_IPV4);
            tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, new byte[OuterRoute.LINK_LENGTH]));
            tunnel.outerHeader().prepend(slot, 4, 0, 64, false);

            assertThat(slot.checksumStart).isEqualTo(Slot.HEADROOM + INNER_IPV4);
            finish(slot);
            assertThat(isSumRight(slot)).isTrue();
        });
    }

    /** The received packet as veth hands it over: outer and GRE headers are finished, the UDP checksum is not. */
    private Slot received(byte[] inner, int checksumStart) {
        byte[] finished = inner.clone();
        Slot finisher = memory.slot(inner);
        partial(finisher, Slot.HEADROOM + checksumStart - OUTER - GRE);
        finish(finisher);
        finisher.buffer.getBytes(Slot.HEADROOM, finished);
        byte[] packet = Packets.gre(Packets.gre().checksum(true).payload(finished));
        System.arraycopy(inner, 0, packet, OUTER + GRE, inner.length);
        Slot slot = memory.slot(packet, new TunnelTable(List.of(tunnel)));
        partial(slot, Slot.HEADROOM + checksumStart);
        return slot;
    }

    private static byte[] innerWithPartialChecksum() {
        return Packets.ipv4()
                .payload(udpWithPartialChecksum(0xc0000201, 0xc6336407, Packets.data(11)))
                .build();
    }

    @Test
    void verifiesWithAPartialInnerChecksumAndLeavesThatPartial() {
        Slot slot = received(innerWithPartialChecksum(), OUTER + GRE + INNER_IPV4);
        Decapsulation.decapsulate(slot);

        assertThat(slot.verdict).isEqualTo(Verdict.FORWARD);
        assertThat(slot.checksumPartial).isTrue();
        assertThat(slot.checksumStart).isEqualTo(slot.offset + INNER_IPV4);
        assertThat(slot.checksumOffset).isEqualTo(UDP_CHECKSUM);
    }

    @Test
    void refusesAWrongChecksumOverAPartialInnerOne() {
        byte[] packet = Packets.gre(Packets.gre().checksum(true).payload(innerWithPartialChecksum()));
        Slot slot = memory.slot(packet, new TunnelTable(List.of(tunnel)));
        partial(slot, Slot.HEADROOM + OUTER + GRE + INNER_IPV4);
        Decapsulation.decapsulate(slot);

        assertThat(slot.dropReason).isEqualTo(DropReason.CSUM_BAD);
        assertThat(slot.verdict).isEqualTo(Verdict.DROP);
    }

    /** A sender on the same host may leave the GRE checksum itself to a device that the packet never reaches. */
    @Test
    void acceptsAGreChecksumThatWasLeftToTheDevice() {
        byte[] packet = Packets.with(Packets.gre(Packets.gre().checksum(true)), OUTER + 4, 0x77);
        Slot slot = memory.slot(packet, new TunnelTable(List.of(tunnel)));
        slot.checksumPartial = true;
        slot.checksumStart = Slot.HEADROOM + OUTER;
        slot.checksumOffset = 4;
        Decapsulation.decapsulate(slot);

        assertThat(slot.verdict).isEqualTo(Verdict.FORWARD);
        assertThat(slot.checksumPartial).isFalse();
    }

    @Test
    void takesTheChecksumOfASuperPacketForGranted() {
        byte[] packet = Packets.with(Packets.gre(Packets.gre().checksum(true).payload(tcp())), OUTER + 5, 0x77);
        Slot slot = memory.slot(packet, new TunnelTable(List.of(tunnel)));
        slot.checksumPartial = true;
        slot.checksumStart = Slot.HEADROOM + OUTER + GRE + INNER_IPV4;
        slot.checksumOffset = 16;
        slot.gsoType = 1;
        slot.gsoSize = 1400;
        Decapsulation.decapsulate(slot);

        assertThat(slot.verdict).isEqualTo(Verdict.FORWARD);
        assertThat(slot.checksumPartial).isTrue();
        assertThat(slot.checksumStart).isEqualTo(slot.offset + INNER_IPV4);
        assertThat(slot.checksumOffset).isEqualTo(16);
        assertThat(slot.gsoType).isEqualTo(1);
        assertThat(slot.gsoSize).isEqualTo(1400);
    }

    /** A neighbour on the same host says where: anything between the frame's first byte and far behind the last. */
    @Test
    void neverThrowsWhereverThePartialChecksumIsSaidToBe() {
        byte[] packet = Packets.gre(Packets.gre().checksum(true).payload(innerWithPartialChecksum()));
        for (int start = Slot.HEADROOM - 14; start < Slot.HEADROOM + packet.length + 40; start++) {
            for (int offset : new int[] {0, 6, 16, 0xffff}) {
                Slot slot = memory.slot(packet, new TunnelTable(List.of(tunnel)));
                partial(slot, start);
                slot.checksumOffset = offset;
                Decapsulation.decapsulate(slot);

                if (slot.verdict == Verdict.FORWARD && slot.checksumPartial) {
                    assertThat(slot.checksumStart).isGreaterThanOrEqualTo(slot.offset + INNER_IPV4);
                    assertThat(slot.checksumStart + slot.checksumOffset + 2)
                            .isLessThanOrEqualTo(slot.offset + slot.length);
                }
            }
        }
    }

    /** Where the sender says so, the kernel writes: never into the inner header, which was just judged. */
    @Test
    void leavesNoChecksumOutsideTheInnerPayloadToTheKernel() {
        byte[] packet = Packets.ipip(innerWithPartialChecksum());
        TunnelTable table = new TunnelTable(List.of(TestTunnels.tunnel(TestTunnels.spec(Mode.IPIP))));
        int payload = Slot.HEADROOM + OUTER + INNER_IPV4;
        int end = Slot.HEADROOM + packet.length;
        for (int start = Slot.HEADROOM - 14; start < end + 40; start++) {
            for (int offset : new int[] {0, 6, 16, 0xffff}) {
                Slot slot = memory.slot(packet, table);
                partial(slot, start);
                slot.checksumOffset = offset;
                Decapsulation.decapsulate(slot);

                boolean sound = start >= payload && start + offset + 2 <= end;
                assertThat(SlotMemory.outcome(slot)).isEqualTo(sound ? "FORWARD" : "inner_malformed");
            }
        }
    }

    private static byte[] tcp() {
        byte[] segment = new byte[20 + 4000];
        segment[12] = 0x50;
        return Packets.ipv4().protocol(IpProtocol.TCP).payload(segment).build();
    }
}
