package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ethernet frames out of modes gretap and ip6gretap. */
final class InnerFrameTest {

    private static final int TEB = 0x6558;
    private static final byte[] HEADER = Hex.bytes("020000000022 020000000021 0800");
    private static final byte[] ARP =
            Hex.bytes("ffffffffffff 020000000021 0806 0001 0800 0604 0001 020000000021 c0000201 000000000000 c0000202");
    private static final byte[] IPV4 =
            frame(Packets.ipv4().payload(Packets.udp(0, Packets.data(13))).build());

    private final SlotMemory memory = new SlotMemory();

    private static byte[] frame(byte[] packet) {
        byte[] frame = Packets.followedBy(HEADER, packet);
        return (packet[0] & 0xf0) == 0x60 ? Packets.with(Packets.with(frame, 12, 0x86), 13, 0xdd) : frame;
    }

    private static TunnelSpecBuilder gretap() {
        return TestTunnels.spec(Mode.GRETAP);
    }

    private static byte[] gre(byte[] frame) {
        return Packets.gre(Packets.gre().protocol(TEB).payload(frame));
    }

    private Slot decapsulate(TunnelSpecBuilder spec, byte[] packet) {
        Slot slot = memory.slot(packet, new TunnelTable(List.of(TestTunnels.tunnel(spec))));
        Decapsulation.decapsulate(slot);
        return slot;
    }

    private static void assertForwarded(Slot slot, byte[] frame, int networkOffset) {
        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(SlotMemory.packet(slot)).isEqualTo(frame);
        assertThat(slot.innerLength).isEqualTo(frame.length);
        assertThat(slot.networkOffset).isEqualTo(networkOffset);
    }

    @Test
    void takesEveryFrame() {
        byte[] ipv6 = frame(Packets.ipv6().build());
        byte[] tagged = Packets.followedBy(
                Hex.bytes("020000000022 020000000021 88a8 0001 8100 0007 0800"),
                Packets.ipv4().build());
        byte[] padded = Packets.followedBy(IPV4, new byte[20]);

        assertForwarded(decapsulate(gretap(), gre(IPV4)), IPV4, 14);
        assertForwarded(decapsulate(gretap(), gre(ipv6)), ipv6, 14);
        assertForwarded(decapsulate(gretap(), gre(tagged)), tagged, 22);
        assertForwarded(decapsulate(gretap(), gre(padded)), padded, 14);
        assertForwarded(decapsulate(gretap(), gre(ARP)), ARP, -1);
        assertForwarded(decapsulate(gretap(), gre(HEADER)), HEADER, -1);
        byte[] cutTag = Packets.cut(tagged, 18);
        assertForwarded(decapsulate(gretap(), gre(cutTag)), cutTag, -1);
        // What a host does with a packet that is not sound is not the tunnel's to say.
        byte[] cut = Packets.cut(IPV4, 30);
        assertForwarded(decapsulate(gretap(), gre(cut)), cut, -1);
        byte[] dhcp = frame(Packets.ipv4().source(0).ttl(0).build());
        assertForwarded(decapsulate(gretap(), gre(dhcp)), dhcp, 14);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 13})
    void refusesAFrameWithoutAWholeHeader(int length) {
        assertThat(SlotMemory.outcome(decapsulate(gretap(), gre(Packets.cut(ARP, length)))))
                .isEqualTo("frame_malformed");
    }

    @Test
    void refusesAChecksumToFinishThatIsNotInTheFrame() {
        Slot slot = memory.slot(gre(IPV4), new TunnelTable(List.of(TestTunnels.tunnel(gretap()))));
        slot.checksumPartial = true;
        slot.checksumStart = slot.offset + 24 + 10;
        slot.checksumOffset = 6;
        Decapsulation.decapsulate(slot);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("frame_malformed");
    }

    /** RFC 6040 section 4.2, of the packet in the frame. */
    @ParameterizedTest
    @CsvSource({"0, 3, ecn", "2, 3, 3", "2, 1, 1", "1, 2, 1"})
    void bringsTheEcnFieldsTogether(int inner, int outer, String expected) {
        for (byte[] packet : List.of(
                Packets.ipv4().tos(inner).build(),
                Packets.ipv6().trafficClass(inner).build())) {
            byte[] received = Packets.outer(
                            47,
                            Packets.gre().protocol(TEB).payload(frame(packet)).build())
                    .tos(outer)
                    .build();
            Slot slot = decapsulate(gretap(), received);
            if (expected.equals("ecn")) {
                assertThat(SlotMemory.outcome(slot)).isEqualTo("ecn");
            } else {
                int tos = Integer.parseInt(expected);
                byte[] changed = (packet[0] & 0xf0) == 0x40
                        ? Packets.ipv4().tos(tos).build()
                        : Packets.ipv6().trafficClass(tos).build();
                assertForwarded(slot, frame(changed), 14);
            }
        }
        byte[] arp = Packets.outer(47, Packets.gre().protocol(TEB).payload(ARP).build())
                .tos(outer)
                .build();
        assertForwarded(decapsulate(gretap(), arp), ARP, -1);
    }

    /** As in Linux, gre and gretap between the same addresses and with the same key are two tunnels. */
    @Test
    void tellsGretapFromGreByTheProtocolType() {
        Tunnel gretap = TestTunnels.tunnel(gretap().key(7));
        Tunnel gre = TestTunnels.tunnel(TestTunnels.spec(Mode.GRE).key(7));
        TunnelTable table = new TunnelTable(List.of(gre, gretap));
        byte[] packet = Packets.ipv4().build();

        Slot frame = memory.slot(Packets.gre(Packets.gre().key(7).protocol(TEB).payload(IPV4)), table);
        Decapsulation.decapsulate(frame);
        assertThat(frame.tunnel).isSameAs(gretap);
        Slot plain = memory.slot(Packets.gre(Packets.gre().key(7).payload(packet)), table);
        Decapsulation.decapsulate(plain);
        assertThat(plain.tunnel).isSameAs(gre);
        assertThat(gre.spec().identity()).isNotEqualTo(gretap.spec().identity());
    }

    @Test
    void refusesWhatIsForNoGretap() {
        assertThat(SlotMemory.outcome(decapsulate(gretap(), Packets.gre(Packets.gre()))))
                .isEqualTo("no_tunnel");
        assertThat(SlotMemory.outcome(decapsulate(gretap().key(7), gre(IPV4)))).isEqualTo("key_mismatch");
        assertThat(SlotMemory.outcome(decapsulate(gretap().icsum(true), gre(IPV4))))
                .isEqualTo("csum_missing");
        assertThat(SlotMemory.outcome(decapsulate(gretap().iseq(true), gre(IPV4))))
                .isEqualTo("seq_missing");
    }
}
