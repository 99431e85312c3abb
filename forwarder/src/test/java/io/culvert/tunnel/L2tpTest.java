package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Tshark;
import io.culvert.wire.AsyncHdlc;
import io.culvert.wire.EtherType;
import io.culvert.wire.Ipv4Flyweight;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Modes l2tp and ip6l2tp: tshark reads what is sent; what Linux makes of it the interoperability tests show. */
final class L2tpTest {

    private static final int MTU = 1500;
    private static final byte[] LINK = Hex.bytes("02000000000b 02000000000a 0800");
    private static final byte[] FRAME = Hex.bytes("020000000022 020000000021 0800"
            + "45b9002312340000 3f117ca1c0000201 c6336407 13881770000f3f3d 63756c76657274");

    private final SlotMemory memory = new SlotMemory();

    private static L2tpCookie cookie(String text) {
        return text == null ? L2tpCookie.NONE : L2tpCookie.parse(text);
    }

    /** Session 7 from the peer, 0xfffffffe to it. */
    private static TunnelSpecBuilder l2tp(String cookie, String peerCookie, boolean sublayer) {
        return TestTunnels.spec(Mode.L2TP)
                .ttl(64)
                .l2tp(new L2tpOptions(7, -2, cookie(cookie), cookie(peerCookie), sublayer));
    }

    private static TunnelSpecBuilder bare() {
        return l2tp(null, null, false);
    }

    private static TunnelSpecBuilder whole() {
        return l2tp("014d3636deadbeef", "fedcba98", true);
    }

    private Slot encapsulate(TunnelSpecBuilder spec) {
        Tunnel tunnel = TestTunnels.tunnel(spec);
        tunnel.route(TestTunnels.resolved(MTU, Packets.LOCAL, LINK));
        Slot slot = memory.slot(FRAME);
        slot.networkOffset = 14;
        slot.tunnel = tunnel;
        slot.identification = 0x7a69;
        tunnel.takeOutputSequence(0xff_ffff);
        tunnel.outerHeader().prepend(slot, 4, 0xb9, 63, false);
        tunnel.outerHeader().number(slot);
        return slot;
    }

    @ParameterizedTest
    @CsvSource({
        ",                 false, false, 450100497a6940004073 47d3 cb007101cb007102 fffffffe",
        ",                 true,  false, 4501004d7a6940004073 47cf cb007101cb007102 fffffffe 00000000",
        "014d3636,         false, false, 4501004d7a6940004073 47cf cb007101cb007102 fffffffe 014d3636",
        "014d3636deadbeef, true,  false, 450100557a6940004073 47c7 cb007101cb007102 fffffffe 014d3636deadbeef 00000000",
        "014d3636deadbeef, true,  true,  450100557a6940004073 47c7 cb007101cb007102 fffffffe 014d3636deadbeef 40ffffff"
    })
    void prependsTheHeaderOfTheSession(String cookie, boolean sublayer, boolean seq, String outer) {
        Slot slot = encapsulate(l2tp(cookie, null, sublayer).oseq(seq));

        assertThat(Hex.text(SlotMemory.packet(slot))).isEqualTo(outer.replace(" ", "") + Hex.text(FRAME));
        assertThat(slot.tunnel().outerHeader().deviceMtu(MTU)).isEqualTo(MTU - slot.length + FRAME.length - 14);
    }

    /** What the peer sends is as big as its device's MTU lets it: the longer cookie is that of both. */
    @Test
    void leavesRoomForTheLongerHeader() {
        Tunnel tunnel = TestTunnels.tunnel(l2tp(null, "fedcba9876543210", false));
        tunnel.route(TestTunnels.resolved(MTU, Packets.LOCAL, LINK));

        assertThat(tunnel.outerHeader().deviceMtu(MTU)).isEqualTo(MTU - 20 - 12 - 14);
    }

    @Test
    void tsharkReadsWhatIsSent() {
        Tshark.require();
        List<String> read = Tshark.fields(
                        List.of(SlotMemory.packet(encapsulate(whole().oseq(true)))),
                        List.of("l2tp.sid", "l2tp.cookie", "l2tp.l2_spec_sequence", "eth.src", "ip.checksum.status"),
                        "-o",
                        "l2tp.cookie_size:8 Byte Cookie",
                        "-o",
                        "l2tp.l2_specific:Default L2-Specific",
                        "-d",
                        "l2tp.pw_type==0,eth")
                .getFirst();

        assertThat(read).containsExactly("0xfffffffe", "014d3636deadbeef", "16777215", "02:00:00:00:00:21", "1,1");
    }

    private Slot decapsulate(TunnelSpecBuilder spec, String header, byte[] frame) {
        byte[] packet =
                Packets.outer(115, Packets.followedBy(Hex.bytes(header), frame)).build();
        Slot slot = memory.slot(packet, new TunnelTable(List.of(TestTunnels.tunnel(spec))));
        Decapsulation.decapsulate(slot);
        return slot;
    }

    private String outcome(TunnelSpecBuilder spec, String header) {
        return SlotMemory.outcome(decapsulate(spec, header, FRAME));
    }

    @ParameterizedTest
    @CsvSource({
        ",                 false, false, 00000007",
        ",                 true,  false, 00000007 00000000",
        ",                 true,  false, 00000007 40000005",
        "fedcba98,         false, false, 00000007 fedcba98",
        "fedcba9876543210, true,  true,  00000007 fedcba9876543210 40000005"
    })
    void takesOffTheHeaderOfTheSession(String peerCookie, boolean sublayer, boolean seq, String header) {
        Slot slot = decapsulate(l2tp(null, peerCookie, sublayer).iseq(seq), header, FRAME);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(SlotMemory.packet(slot)).isEqualTo(FRAME);
        assertThat(slot.networkOffset).isEqualTo(14);
        assertThat(slot.sequenceChecked).isEqualTo(seq);
        assertThat(slot.sequence).isEqualTo(seq ? 5 : slot.sequence);
    }

    /** Of PPP only the length is looked at, and address and control, ff 03, may be there or not. */
    @Test
    void takesPppFramesAsTheyAre() {
        TunnelSpecBuilder ppp = bare().l2tp(new L2tpOptions(0, 0, 7, 8, L2tpCookie.NONE, L2tpCookie.NONE, false, true));
        for (String frame : List.of("ff03c0210101000401020304", "c021010100040102", "0021")) {
            Slot slot = decapsulate(ppp, "00000007", Hex.bytes(frame));

            assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
            assertThat(Hex.text(SlotMemory.packet(slot))).isEqualTo(frame);
            assertThat(slot.etherType).isEqualTo(EtherType.PPP);
        }
        assertThat(SlotMemory.outcome(decapsulate(ppp, "00000007", Hex.bytes("21"))))
                .isEqualTo("frame_malformed");
        assertThat(SlotMemory.outcome(decapsulate(ppp, "00000007", new byte[AsyncHdlc.MAX_FRAME + 1])))
                .isEqualTo("frame_too_long");
    }

    @Test
    void refusesOtherSessions() {
        assertThat(outcome(bare(), "00000008")).isEqualTo("l2tp_session");
        assertThat(outcome(bare(), "fffffffe")).isEqualTo("l2tp_session");
        assertThat(outcome(bare(), "00000000 c8030014")).isEqualTo("l2tp_control");
        assertThat(outcome(bare().remote(TestTunnels.ipv4(0xcb007109)), "00000007"))
                .isEqualTo("no_tunnel");
        assertThat(outcome(bare().remote(TestTunnels.ipv4(0xcb007109)), "00000000"))
                .isEqualTo("no_tunnel");
    }

    /** Every byte of a cookie counts, and none can be left out. */
    @Test
    void refusesOtherCookies() {
        assertThat(outcome(whole(), "00000007 fedcba98 00000000")).isEqualTo("FORWARD");
        for (String cookie : List.of("7edcba98", "fedcba99", "fe5cba98", "00000000")) {
            assertThat(outcome(whole(), "00000007" + cookie + "00000000"))
                    .as(cookie)
                    .isEqualTo("l2tp_cookie");
        }
        TunnelSpecBuilder eight = l2tp(null, "fedcba9876543210", false);
        assertThat(outcome(eight, "00000007 fedcba9876543210")).isEqualTo("FORWARD");
        for (String cookie : List.of("7edcba9876543210", "fedcba9876543211", "fedcba9800000000")) {
            assertThat(outcome(eight, "00000007" + cookie)).as(cookie).isEqualTo("l2tp_cookie");
        }
    }

    @Test
    void refusesAMissingSequenceNumber() {
        assertThat(outcome(whole().iseq(true), "00000007 fedcba98 00000005")).isEqualTo("seq_missing");
        assertThat(outcome(whole().iseq(true), "00000007 fedcba98 40000005")).isEqualTo("FORWARD");
    }

    /** A number has 24 bits, and goes on with 0 behind the last. */
    @Test
    void judgesSequenceNumbersOf24Bits() {
        Tunnel tunnel = TestTunnels.tunnel(whole().iseq(true));
        for (int number : new int[] {0xff_fffe, 0xff_ffff, 0, 1}) {
            assertThat(tunnel.wouldAcceptSequence(number)).isTrue();
            assertThat(tunnel.acceptSequence(number)).as("%x", number).isTrue();
        }
        for (int number : new int[] {1, 0, 0xff_ffff}) {
            assertThat(tunnel.wouldAcceptSequence(number)).isFalse();
            assertThat(tunnel.acceptSequence(number)).as("%x", number).isFalse();
        }
    }

    @Test
    void refusesEveryTruncation() {
        String header = "00000007 fedcba98 00000000";
        byte[] packet =
                Packets.outer(115, Packets.followedBy(Hex.bytes(header), FRAME)).build();
        for (int length = 20; length < 20 + 12 + 14; length++) {
            byte[] cut = Packets.cut(packet, length);
            new Ipv4Flyweight()
                    .wrap(new UnsafeBuffer(cut), 0)
                    .totalLength(length)
                    .updateChecksum();
            Slot slot = memory.slot(cut, new TunnelTable(List.of(TestTunnels.tunnel(whole()))));
            Decapsulation.decapsulate(slot);

            assertThat(SlotMemory.outcome(slot))
                    .as("%d bytes", length)
                    .isEqualTo(length < 20 + 12 ? "l2tp_malformed" : "frame_malformed");
        }
    }

    @Test
    void forwardsNoMoreThanThereIsWhateverBitIsFlipped() {
        byte[] packet = Packets.outer(115, Packets.followedBy(Hex.bytes("00000007 fedcba98 00000000"), FRAME))
                .build();
        for (int bit = 20 * 8; bit < packet.length * 8; bit++) {
            byte flipped = (byte) (packet[bit / 8] ^ 1 << bit % 8);
            Slot slot = memory.slot(
                    Packets.with(packet, bit / 8, flipped), new TunnelTable(List.of(TestTunnels.tunnel(whole()))));
            Decapsulation.decapsulate(slot);

            // The first 8 bytes are session and cookie.
            assertThat(slot.verdict).isEqualTo(bit < 28 * 8 ? Verdict.DROP : Verdict.FORWARD);
            if (slot.verdict == Verdict.FORWARD) {
                assertThat(slot.offset + slot.length).isLessThanOrEqualTo(Slot.HEADROOM + packet.length);
            }
        }
    }

    /** Two sessions between the same hosts are two tunnels; one session for two is none. */
    @Test
    void tellsSessionsApart() {
        TunnelSpec one = bare().build();
        TunnelSpec other = bare().l2tp(new L2tpOptions(8, 8, L2tpCookie.NONE, L2tpCookie.NONE, false))
                .build();

        assertThat(one.identity()).isNotEqualTo(other.identity());
        assertThat(one.identity()).isEqualTo(whole().build().identity());
    }

    @Test
    void knowsItsOwnPacketsInIcmpErrors() {
        Encapsulator encapsulator = ModeRegistry.encapsulator(bare().build(), io.culvert.esp.AssociationSet.NONE);

        assertThat(encapsulator.isQuotedBy(new UnsafeBuffer(Hex.bytes("fffffffe 00000000")), 0, 8))
                .isTrue();
        assertThat(encapsulator.isQuotedBy(new UnsafeBuffer(Hex.bytes("00000007 00000000")), 0, 8))
                .isFalse();
    }

    @Test
    void namesWhatIsWrong() {
        assertThat(keys(whole().seq(true))).isEmpty();
        assertThat(keys(bare().oseq(true))).containsExactly("oseq");
        assertThat(keys(bare().remote(null))).containsExactly("remote");
        assertThat(keys(bare().key(1))).containsExactly("ikey");
        assertThat(keys(bare().csum(true))).containsExactly("icsum");
        assertThat(keys(TestTunnels.spec(Mode.L2TP))).containsExactly("session_id", "peer_session_id");
        for (UdpEncap.Kind kind : new UdpEncap.Kind[] {UdpEncap.Kind.FOU, UdpEncap.Kind.GUE}) {
            assertThat(keys(bare().encap(new UdpEncap(kind, 7, 5555, false)))).containsExactly("encap");
        }
        assertThat(keys(bare().encap(new UdpEncap(UdpEncap.Kind.L2TP, 7, 5555, false))))
                .isEmpty();
        assertThat(keys(bare().encap(new UdpEncap(UdpEncap.Kind.L2TP, 0, 5555, false))))
                .containsExactly("encap");
        assertThat(keys(TestTunnels.spec(Mode.GRE).encap(new UdpEncap(UdpEncap.Kind.L2TP, 7, 5555, false))))
                .containsExactly("encap");
    }

    private static List<String> keys(TunnelSpecBuilder spec) {
        return spec.build().problems().stream().map(TunnelSpec.Problem::key).toList();
    }
}
