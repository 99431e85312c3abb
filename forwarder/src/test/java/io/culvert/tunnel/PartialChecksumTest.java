package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What a raw socket shows of packets whose inner checksum their sender left to a device. */
class PartialChecksumTest {

    private static final int SOURCE = 0xc0000201;
    private static final int DESTINATION = 0xc6336407;
    private static final byte[] DATA = Packets.data(40);
    private static final int UDP_LENGTH = 8 + DATA.length;
    private static final int PSEUDO_HEADER =
            InternetChecksum.fold(InternetChecksum.pseudoHeaderIpv4(SOURCE, DESTINATION, IpProtocol.UDP, UDP_LENGTH));

    private final SlotMemory memory = new SlotMemory();

    @Test
    void partialChecksumIsLeftToTheKernelInside() {
        Slot slot = decapsulated(TestTunnels.spec(Mode.IPIP), Packets.ipip(inner(PSEUDO_HEADER)), true);

        assertThat(slot.verdict).isEqualTo(Verdict.FORWARD);
        assertThat(slot.checksumPartial).isTrue();
        assertThat(slot.checksumStart).isEqualTo(slot.offset + 20);
        assertThat(slot.checksumOffset).isEqualTo(6);
    }

    @Test
    void finishedChecksumStaysAsItIs() {
        Slot slot = decapsulated(TestTunnels.spec(Mode.IPIP), Packets.ipip(inner(PSEUDO_HEADER ^ 1)), true);

        assertThat(slot.verdict).isEqualTo(Verdict.FORWARD);
        assertThat(slot.checksumPartial).isFalse();
    }

    @Test
    void packetSocketSaysItItself() {
        Slot slot = decapsulated(TestTunnels.spec(Mode.IPIP), Packets.ipip(inner(PSEUDO_HEADER)), false);

        assertThat(slot.checksumPartial).isFalse();
    }

    /** The sender's GRE checksum is that of the finished packet, which sums to the pseudo-header's complement. */
    @Test
    void greChecksumIsJudgedAsIfTheInnerOneWereFinished() {
        byte[] packet = Packets.gre(Packets.gre().checksum(true).payload(inner(PSEUDO_HEADER)));
        int gre = 20;
        byte[] inner = inner(PSEUDO_HEADER);
        long headers = InternetChecksum.sum(buffer(packet), gre, 4, 0)
                + InternetChecksum.sum(buffer(inner), 0, 20, 0)
                + (~PSEUDO_HEADER & 0xffff);
        int checksum = ~InternetChecksum.fold(headers) & 0xffff;
        packet[gre + 4] = (byte) (checksum >> 8);
        packet[gre + 5] = (byte) checksum;
        TunnelSpecBuilder spec = TestTunnels.spec(Mode.GRE).icsum(true);

        assertThat(SlotMemory.outcome(decapsulated(spec, packet, true))).isEqualTo("FORWARD");
        packet[gre + 5] ^= 1;
        assertThat(SlotMemory.outcome(decapsulated(spec, packet, true))).isEqualTo("csum_bad");
    }

    private Slot decapsulated(TunnelSpecBuilder spec, byte[] packet, boolean raw) {
        Slot slot = memory.slot(packet, new TunnelTable(List.of(TestTunnels.tunnel(spec))));
        slot.raw = raw;
        Decapsulation.decapsulate(slot);
        return slot;
    }

    private static byte[] inner(int checksum) {
        return Packets.ipv4()
                .source(SOURCE)
                .destination(DESTINATION)
                .payload(Packets.udp(checksum, DATA))
                .build();
    }

    private static UnsafeBuffer buffer(byte[] bytes) {
        return new UnsafeBuffer(bytes);
    }
}
