package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.culvert.testing.Hex;
import io.culvert.tunnel.UdpEncap.Kind;
import io.culvert.wire.EthernetFlyweight;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

/** UDP between outer header and shim; the bytes are as scapy builds them. */
final class UdpEncapTest extends UdpEncapContract {

    private static final byte[] LINK = Hex.bytes("02000000000b 02000000000a 0800");

    private static final String FOU_IPIP = "4501003f7a6940004011483fcb007101cb007102115c15b3002b0000";
    private static final String GUE_IPIP = "450100437a6940004011483bcb007101cb007102115c15b3002f000000040000";
    private static final String FOU_GRE_KEY_CSUM =
            "450100477a69400040114837cb007101cb007102115c15b3003324ca2000080000000007";
    private static final String GUE_GRE_SEQ_CSUM =
            "4501004b7a69400040114833cb007101cb007102115c15b30037b498002f00001000080080000001";

    UdpEncapTest() {
        super(TestTunnels.resolved(1500, Packets.LOCAL, LINK), 20, 4);
    }

    static Stream<Arguments> outers() {
        return Stream.of(
                arguments("fou ipip", FOU_IPIP),
                arguments("gue ipip", GUE_IPIP),
                arguments("fou gre key csum", FOU_GRE_KEY_CSUM),
                arguments("gue gre seq csum", GUE_GRE_SEQ_CSUM));
    }

    @Override
    void decapsulate(Slot slot) {
        Decapsulation.decapsulate(slot);
    }

    private static TunnelSpecBuilder spec(Mode mode, Kind kind, boolean csum) {
        return TestTunnels.spec(mode).ttl(64).encap(new UdpEncap(kind, SPORT, DPORT, csum));
    }

    @Override
    TunnelSpecBuilder spec(String name) {
        return switch (name) {
            case "fou ipip" -> spec(Mode.IPIP, Kind.FOU, false);
            case "gue ipip" -> spec(Mode.IPIP, Kind.GUE, false);
            case "fou gre key csum" -> spec(Mode.GRE, Kind.FOU, true).key(7);
            case "gue gre seq csum" -> spec(Mode.GRE, Kind.GUE, true).oseq(true);
            default -> throw new IllegalArgumentException(name);
        };
    }

    @Test
    void namesWhatIsWrong() {
        byte[] fou = received(FOU_GRE_KEY_CSUM);
        byte[] gue = received(GUE_IPIP);
        TunnelSpecBuilder fouSpec = spec("fou gre key csum");
        TunnelSpecBuilder gueSpec = spec("gue ipip");

        assertThat(outcome(fouSpec, Packets.with(fou, 26, 0x77))).isEqualTo("udp_checksum");
        assertThat(outcome(fouSpec, Packets.with(fou, 25, 4))).isEqualTo("udp_malformed");
        assertThat(outcome(gueSpec, Packets.with(gue, 28, 0x20))).isEqualTo("gue_malformed");
        assertThat(outcome(gueSpec, Packets.with(gue, 28, 0x40))).isEqualTo("gue_malformed");
        assertThat(outcome(gueSpec, Packets.with(gue, 28, 1))).isEqualTo("gue_malformed");
        assertThat(outcome(gueSpec, Packets.with(gue, 31, 1))).isEqualTo("gue_malformed");
        assertThat(outcome(gueSpec, Packets.with(gue, 29, 17))).isEqualTo("gue_protocol");
        assertThat(outcome(gueSpec, Packets.with(gue, 29, 99))).isEqualTo("gue_protocol");
        assertThat(outcome(gueSpec, Packets.ipip(INNER))).isEqualTo("encap_mismatch");
        assertThat(decapsulate(gueSpec, Packets.with(gue, 23, 1)).verdict).isEqualTo(Verdict.IGNORE);
    }

    /** A port of foo over UDP carries what its tunnels carry, which of mode sit is a matter of their payload. */
    @Test
    void takesWhatATunnelOfModeSitCarries() {
        TunnelSpecBuilder ipv4 = spec(Mode.SIT, Kind.FOU, false).payload(Payload.IPIP);

        Slot taken = decapsulate(ipv4, received(FOU_IPIP));

        assertThat(SlotMemory.outcome(taken)).isEqualTo("FORWARD");
        assertThat(SlotMemory.packet(taken)).isEqualTo(INNER);
    }

    /** What a peer of no tunnel sends to the port reaches nobody. */
    @Test
    void refusesAStranger() {
        byte[] packet = Packets.with(received(FOU_IPIP), 15, 99);

        assertThat(outcome(spec("fou ipip"), packet)).isEqualTo("no_tunnel");
    }

    @Test
    void hasASourcePortOfEachFlow() {
        TunnelSpecBuilder auto = TestTunnels.spec(Mode.IPIP).encap(new UdpEncap(Kind.FOU, 0, DPORT, false));
        byte[] other = Packets.with(INNER, 21, 0x89);

        int port = sourcePort(encapsulate(auto, INNER));

        assertThat(port).isBetween(0xc000, 0xffff).isEqualTo(sourcePort(encapsulate(auto, INNER)));
        assertThat(sourcePort(encapsulate(auto, other)))
                .isBetween(0xc000, 0xffff)
                .isNotEqualTo(port);
    }

    /** A frame has the port of the flow in it, or, if it is no IP packet's, one by its addresses. */
    @Test
    void hasASourcePortOfEachFlowInFrames() {
        TunnelSpecBuilder auto = TestTunnels.spec(Mode.GRETAP).encap(new UdpEncap(Kind.GUE, 0, DPORT, false));
        byte[] link = Hex.bytes("02000000000c 02000000000d 0800");
        byte[] arp = Packets.followedBy(Hex.bytes("ffffffffffff 02000000000d 0806"), new byte[28]);
        Tunnel tunnel = routed(auto);

        int port = framePort(tunnel, Packets.followedBy(link, INNER), 4);
        assertThat(port)
                .isEqualTo(framePort(tunnel, Packets.followedBy(Packets.with(link, 5, 0x7f), INNER), 4))
                .isNotEqualTo(framePort(tunnel, Packets.followedBy(link, Packets.with(INNER, 21, 0x89)), 4));
        assertThat(framePort(tunnel, arp, 0))
                .isBetween(0xc000, 0xffff)
                .isNotEqualTo(framePort(tunnel, Packets.with(arp, 11, 0x0e), 0));
    }

    private int framePort(Tunnel tunnel, byte[] frame, int version) {
        Slot slot = memory.slot(frame);
        slot.networkOffset = version == 0 ? EthernetFlyweight.NO_IP : EthernetFlyweight.HEADER_LENGTH;
        tunnel.outerHeader().prepend(slot, version, 0, 63, false);
        return sourcePort(slot);
    }

    private static int sourcePort(Slot slot) {
        byte[] packet = SlotMemory.packet(slot);
        return (packet[20] & 0xff) << 8 | packet[21] & 0xff;
    }

    @Test
    void countsItsHeadersIntoTheInnerMtu() {
        assertThat(innerMtu(spec("fou ipip"))).isEqualTo(1500 - 28);
        assertThat(innerMtu(spec("gue ipip"))).isEqualTo(1500 - 32);
        assertThat(innerMtu(spec("fou gre key csum"))).isEqualTo(1500 - 36);
    }

    @Test
    void isForModesThatCanSayWhatTheyCarry() {
        assertThat(spec(Mode.MINENC, Kind.GUE, false).ttl(0).build().problems())
                .extracting(TunnelSpec.Problem::message)
                .contains("encap is not allowed with mode minenc");
        assertThat(spec(Mode.SIT, Kind.FOU, false).payload(Payload.ANY).build().problems())
                .extracting(TunnelSpec.Problem::key)
                .containsExactly("encap");
    }
}
