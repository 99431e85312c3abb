package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Tshark;
import io.culvert.tunnel.UdpEncap.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions of L2TPv3 over UDP, RFC 3931 section 4.1.2: sent from this end's port to the peer's, received the other way. */
final class L2tpOverUdpTest {

    private static final int OURS = 4444;
    private static final int THEIRS = 1701;
    private static final byte[] LINK = Hex.bytes("02000000000b 02000000000a 0800");
    private static final byte[] FRAME = Hex.bytes("020000000022 020000000021 0800"
            + "45b9002312340000 3f117ca1c0000201 c6336407 13881770000f3f3d 63756c76657274");

    private final SlotMemory memory = new SlotMemory();

    private static TunnelSpecBuilder l2tp(boolean csum) {
        L2tpCookie cookie = L2tpCookie.parse("014d3636");
        return TestTunnels.spec(Mode.L2TP)
                .ttl(64)
                .oseq(true)
                .l2tp(new L2tpOptions(7, 8, cookie, L2tpCookie.parse("fedcba9876543210"), true))
                .encap(new UdpEncap(Kind.L2TP, OURS, THEIRS, csum));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tsharkReadsWhatIsSent(boolean csum) {
        Tshark.require();
        Tunnel tunnel = TestTunnels.tunnel(l2tp(csum));
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK));
        Slot slot = memory.slot(FRAME);
        slot.tunnel = tunnel;
        slot.networkOffset = 14;
        tunnel.takeOutputSequence(5);
        tunnel.outerHeader().prepend(slot, 4, 0xb9, 63, false);
        tunnel.outerHeader().number(slot);
        List<String> read = Tshark.fields(
                        List.of(SlotMemory.packet(slot)),
                        List.of(
                                "udp.srcport",
                                "udp.dstport",
                                "udp.checksum.status",
                                "l2tp.type",
                                "l2tp.version",
                                "l2tp.sid",
                                "l2tp.cookie",
                                "l2tp.l2_spec_sequence",
                                "eth.src",
                                "ip.checksum.status"),
                        "-o",
                        "l2tp.cookie_size:4 Byte Cookie",
                        "-o",
                        "l2tp.l2_specific:Default L2-Specific",
                        "-d",
                        "l2tp.pw_type==0,eth")
                .getFirst();

        assertThat(read)
                .containsExactly(
                        "4444,5000",
                        "1701,6000",
                        csum ? "1,1" : "3,1",
                        "0",
                        "3",
                        "0x00000008",
                        "014d3636",
                        "5",
                        "02:00:00:00:00:21",
                        "1,1");
        // IPv4, UDP, the header behind it, and session, the longer cookie and sublayer.
        assertThat(tunnel.outerHeader().deviceMtu(1500)).isEqualTo(1500 - 20 - 8 - 4 - 16 - 14);
    }

    private Slot decapsulate(String header) {
        byte[] payload = Packets.followedBy(Hex.bytes(header), FRAME);
        byte[] udp = Hex.bytes(String.format("%04x %04x %04x 0000", THEIRS, OURS, 8 + payload.length));
        byte[] packet = Packets.outer(17, Packets.followedBy(udp, payload)).build();
        Slot slot = memory.slot(packet, new TunnelTable(List.of(TestTunnels.tunnel(l2tp(false)))));
        Decapsulation.decapsulate(slot);
        return slot;
    }

    @Test
    void takesOffTheHeaders() {
        Slot slot = decapsulate("00030000 00000007 fedcba9876543210 00000000");

        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(SlotMemory.packet(slot)).isEqualTo(FRAME);
    }

    @ParameterizedTest
    @CsvSource({
        "00020000 00000007 fedcba9876543210 00000000, l2tp_version",
        "c802000c 00070000 00000001, l2tp_version",
        "c803000c 00000000 00000000, l2tp_control",
        "80030000 00000007 fedcba9876543210 00000000, l2tp_control",
        "00030000 00000000 fedcba9876543210 00000000, l2tp_control",
        "00030000 00000008 fedcba9876543210 00000000, l2tp_session",
        "00030000 00000007 fedcba9876543211 00000000, l2tp_cookie"
    })
    void refusesWhatIsNoneOfTheSessions(String header, String reason) {
        assertThat(SlotMemory.outcome(decapsulate(header))).isEqualTo(reason);
    }

    @Test
    void refusesAHeaderThatIsCut() {
        byte[] udp = Hex.bytes(String.format("%04x %04x 000b 0000 000300", THEIRS, OURS));
        Slot slot =
                memory.slot(Packets.outer(17, udp).build(), new TunnelTable(List.of(TestTunnels.tunnel(l2tp(false)))));
        Decapsulation.decapsulate(slot);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("l2tp_malformed");
    }

    /** A session over UDP takes nothing that comes without, nor the other way round. */
    @Test
    void refusesTheOtherEncap() {
        byte[] packet = Packets.outer(115, Packets.followedBy(Hex.bytes("00000007 fedcba9876543210 00000000"), FRAME))
                .build();
        Slot slot = memory.slot(packet, new TunnelTable(List.of(TestTunnels.tunnel(l2tp(false)))));
        Decapsulation.decapsulate(slot);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("l2tp_session");
    }

    /** As l2tp_udp_recv_core has it: a socket is one tunnel's, so that sessions of others may have the same ID. */
    @Test
    void findsTheSessionAtTheTunnelsPort() {
        Tunnel one = TestTunnels.tunnel(l2tp(false));
        Tunnel other = TestTunnels.tunnel(l2tp(false).encap(new UdpEncap(Kind.L2TP, OURS + 1, THEIRS, false)));
        Tunnel bare = TestTunnels.tunnel(l2tp(false).encap(null));
        assertThat(one.spec().identity()).isNotEqualTo(other.spec().identity());
        TunnelTable table = new TunnelTable(List.of(one, other, bare));
        byte[] data = Packets.followedBy(Hex.bytes("00000007 fedcba9876543210 00000000"), FRAME);

        assertThat(taker(table, OURS, data)).isSameAs(one);
        assertThat(taker(table, OURS + 1, data)).isSameAs(other);
        Slot slot = memory.slot(Packets.outer(115, data).build(), table);
        Decapsulation.decapsulate(slot);
        assertThat(slot.tunnel).isSameAs(bare);
    }

    private Tunnel taker(TunnelTable table, int port, byte[] data) {
        byte[] payload = Packets.followedBy(Hex.bytes("00030000"), data);
        byte[] udp = Hex.bytes(String.format("%04x %04x %04x 0000", THEIRS, port, 8 + payload.length));
        Slot slot =
                memory.slot(Packets.outer(17, Packets.followedBy(udp, payload)).build(), table);
        Decapsulation.decapsulate(slot);
        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        return slot.tunnel;
    }

    @Test
    void receivesAtThePortThatItSendsFrom() {
        assertThat(l2tp(false).build().outerProtocols()).containsExactly(new OuterProtocol(false, 17, OURS));
    }
}
