package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.wire.IpProtocol;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Modes erspan, all three types, and ip6erspan: the outer bytes are as scapy builds them. */
final class ErspanTest {

    private static final int MTU = 1500;
    private static final byte[] LINK = Hex.bytes("02000000000b 02000000000a 0800");
    private static final String PACKET = "45b9002312340000 3f117ca1c0000201 c6336407 13881770000f3f3d 63756c76657274";
    private static final byte[] FRAME = Hex.bytes("020000000022 020000000021 0800" + PACKET);
    private static final byte[] TAGGED = Hex.bytes("020000000022 020000000021 8100 0007 0800" + PACKET);

    private static final InetAddress LOCAL = InetAddress.ofLiteral("2001:db8:ffff::1");
    private static final InetAddress REMOTE = InetAddress.ofLiteral("2001:db8:ffff::2");
    private static final long NETWORK = 0x2001_0db8_ffff_0000L;
    private static final Ipv6Outer IPV6 =
            Ipv6Outer.DEFAULT.withTrafficClass(0xb8).withFlowLabel(0x12345);

    private final SlotMemory memory = new SlotMemory();

    private static TunnelSpecBuilder erspan(int version) {
        return TestTunnels.spec(Mode.ERSPAN)
                .key(version == 0 ? null : 0x234)
                .ttl(64)
                .erspan(new ErspanOptions(version, version == 1 ? 0x54321 : 0, version == 2, version == 2 ? 0x2a : 0));
    }

    private static TunnelSpecBuilder ip6erspan(int version) {
        return TunnelSpec.builder("t1", Mode.IP6ERSPAN)
                .local(LOCAL)
                .remote(REMOTE)
                .key(0x234)
                .ipv6(IPV6)
                .erspan(erspan(version).build().erspan());
    }

    private Slot encapsulate(TunnelSpecBuilder spec, byte[] frame) {
        Tunnel tunnel = TestTunnels.tunnel(spec);
        tunnel.route(TestTunnels.resolved(MTU, Packets.LOCAL, LINK));
        Slot slot = memory.slot(frame);
        slot.networkOffset = frame.length - 35;
        slot.identification = 0x7a69;
        slot.timestamp = 0x01020304;
        tunnel.takeOutputSequence(0x8000_0001);
        tunnel.outerHeader().prepend(slot, 4, 0xb9, 63, false);
        tunnel.outerHeader().number(slot);
        return slot;
    }

    @ParameterizedTest
    @CsvSource({
        "0, false, 450100497a694000402f4817cb007101cb007102 000088be",
        "1, false, 450100557a694000402f480bcb007101cb007102 100088be80000001 1000a23400054321",
        "1, true, 450100597a694000402f4807cb007101cb007102 100088be80000001 1007ba3400054321",
        "2, true, 4501005d7a694000402f4803cb007101cb007102 100022eb80000001 2007aa34 01020304 000082a8"
    })
    void prependsTheHeadersOfEachType(int version, boolean isTagged, String outer) {
        byte[] frame = isTagged ? TAGGED : FRAME;
        Slot slot = encapsulate(erspan(version), frame);
        assertThat(Hex.text(SlotMemory.packet(slot))).isEqualTo(outer.replace(" ", "") + Hex.text(frame));
    }

    @ParameterizedTest
    @CsvSource({
        "1, -1, false, 0041 2f40, '', 100088be80000001 1000a23400054321",
        "1, 4, true, 004d 3c40, 2f00040104010100, 100088be80000001 1007ba3400054321",
        "2, -1, true, 0049 2f40, '', 100022eb80000001 2007aa34 01020304 000082a8",
        "2, 0, false, 004d 3c40, 2f00040100010100, 100022eb80000001 2000aa34 01020304 000082a8"
    })
    void prependsTheHeadersOverIpv6(
            int version, int limit, boolean isTagged, String start, String options, String erspan) {
        byte[] frame = isTagged ? TAGGED : FRAME;
        Slot slot = encapsulate(ip6erspan(version).ipv6(IPV6.withEncapLimit(limit)), frame);

        String addresses = Hex.text(LOCAL.getAddress()) + Hex.text(REMOTE.getAddress());
        String outer = "6b912345" + start + addresses + options + erspan;
        assertThat(Hex.text(SlotMemory.packet(slot))).isEqualTo(outer.replace(" ", "") + Hex.text(frame));
    }

    private Slot decapsulate(TunnelSpecBuilder spec, String gre, byte[] frame) {
        byte[] payload = Packets.followedBy(Hex.bytes(gre), frame);
        if (spec.build().mode().isOuterIpv6()) {
            return decapsulateIpv6(spec, IpProtocol.GRE, payload);
        }
        Slot slot = slot(spec, Packets.outer(IpProtocol.GRE, payload).build());
        Decapsulation.decapsulate(slot);
        return slot;
    }

    private Slot decapsulateIpv6(TunnelSpecBuilder spec, int nextHeader, byte[] payload) {
        Packets.Ipv6 packet = Packets.ipv6()
                .source(NETWORK, 2)
                .destination(NETWORK, 1)
                .nextHeader(nextHeader)
                .payload(payload);
        Slot slot = slot(spec, packet.build());
        Decapsulation.decapsulateIpv6(slot);
        return slot;
    }

    private Slot slot(TunnelSpecBuilder spec, byte[] packet) {
        return memory.slot(packet, new TunnelTable(List.of(TestTunnels.tunnel(spec))));
    }

    private static TunnelSpecBuilder erspan(boolean isIpv6) {
        return isIpv6 ? ip6erspan(1) : erspan(1);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 000088be",
        "1, 100088be00000001 1000a23400054321",
        "2, 100022eb00000001 20078a34 11223344 000082a8",
        "2, 100022eb00000001 20078a34 11223344 000082a9 0102030405060708",
        "1, 100022eb00000001 20078a34 11223344 000082a8"
    })
    void takesOffTheHeadersOfEachType(int version, String gre) {
        Slot slot = decapsulate(erspan(version), gre, TAGGED);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(SlotMemory.packet(slot)).isEqualTo(TAGGED);
        assertThat(slot.networkOffset).isEqualTo(18);
    }

    @ParameterizedTest
    @CsvSource({
        "1, '', 100088be00000001 1000a23400054321",
        "1, 2f00040104010100, 100088be00000001 1000a23400054321",
        "2, '', 100022eb00000001 20078a34 11223344 000082a8",
        "2, 2f00040104010100, 100022eb00000001 20078a34 11223344 000082a9 0102030405060708",
        "2, '', 100022eb00000001 20000234 8d3b9cb6 00000048"
    })
    void takesOffTheHeadersOverIpv6(int version, String options, String gre) {
        byte[] payload = Packets.followedBy(Hex.bytes(options + gre), TAGGED);
        int nextHeader = options.isEmpty() ? IpProtocol.GRE : IpProtocol.DESTINATION_OPTIONS;
        Slot slot = decapsulateIpv6(ip6erspan(version), nextHeader, payload);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(SlotMemory.packet(slot)).isEqualTo(TAGGED);
        assertThat(slot.networkOffset).isEqualTo(18);
    }

    /** A session is not between 0 and the one that the tunnel has. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusesOtherSessions(boolean isIpv6) {
        String other = "100088be00000001 1000a23500054321";
        TunnelSpecBuilder spec = erspan(isIpv6);
        TunnelSpecBuilder without = erspan(isIpv6).key(null);
        assertThat(SlotMemory.outcome(decapsulate(spec, other, FRAME))).isEqualTo("key_mismatch");
        assertThat(SlotMemory.outcome(decapsulate(without, other, FRAME))).isEqualTo("key_mismatch");
        assertThat(SlotMemory.outcome(decapsulate(without, "100088be00000001 1000a00000054321", FRAME)))
                .isEqualTo("FORWARD");
        assertThat(SlotMemory.outcome(decapsulate(spec, "000088be", FRAME))).isEqualTo("key_mismatch");
    }

    @Test
    void judgesTheNumbersOverIpv6() {
        TunnelSpecBuilder numbered = ip6erspan(2).iseq(true);
        Slot slot = decapsulate(numbered, "100022eb00000009 20078a34 11223344 000082a8", FRAME);

        assertThat(slot.sequenceChecked).isTrue();
        assertThat(slot.sequence).isEqualTo(9);
        assertThat(SlotMemory.outcome(decapsulate(numbered, "000022eb 20078a34 11223344 000082a8", FRAME)))
                .isEqualTo("seq_missing");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusesWhatIsNoErspan(boolean isIpv6) {
        // Truncated, of another version, of the other type's version, without its subheader.
        for (String gre : List.of(
                "100088be00000001 1000a234",
                "100088be00000001 0000a23400054321",
                "100088be00000001 3000a23400054321",
                "100088be00000001 20078a34 11223344 000082a8",
                "100022eb00000001 1000a234 00054321 00000000",
                "100022eb00000001 20078a34 11223344",
                "100022eb00000001 20078a34 11223344 000082a9 01020304")) {
            assertThat(SlotMemory.outcome(decapsulate(erspan(isIpv6), gre, new byte[0])))
                    .as(gre)
                    .isEqualTo("erspan_malformed");
        }
        assertThat(SlotMemory.outcome(decapsulate(erspan(isIpv6), "100088be00000001 1000a23400054321", new byte[13])))
                .isEqualTo("frame_malformed");
        TunnelSpecBuilder gre =
                isIpv6 ? TunnelSpec.builder("t1", Mode.IP6GRE).local(LOCAL).remote(REMOTE) : TestTunnels.spec(Mode.GRE);
        for (String packet : List.of("000088be", "100088be00000001 1000a23400054321")) {
            assertThat(SlotMemory.outcome(decapsulate(gre, packet, FRAME))).isEqualTo("gre_protocol");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void leavesTheFrameWhatTheHeadersDoNotTake(int version) {
        Tunnel tunnel = TestTunnels.tunnel(erspan(version));
        tunnel.route(TestTunnels.resolved(MTU, Packets.LOCAL, LINK));

        assertThat(tunnel.outerHeader().deviceMtu(MTU)).isEqualTo(MTU - 20 - 14 - new int[] {4, 16, 20}[version]);
    }

    @Test
    void namesWhatIsWrong() {
        assertThat(keys(erspan(1))).isEmpty();
        assertThat(keys(ip6erspan(1))).isEmpty();
        assertThat(keys(ip6erspan(0).key(null))).containsExactly("erspan_ver");
        assertThat(keys(ip6erspan(2).key(1024).csum(true))).containsExactly("ikey", "okey", "icsum");
        assertThat(keys(erspan(1).key(1024))).containsExactly("ikey", "okey");
        assertThat(keys(erspan(0).key(1))).containsExactly("ikey", "okey");
        assertThat(keys(erspan(0).seq(true))).containsExactly("iseq");
        assertThat(keys(erspan(2).csum(true))).containsExactly("icsum");
        assertThat(keys(erspan(1).remote(null))).containsExactly("remote");
        assertThat(keys(erspan(1).erspan(new ErspanOptions(3, 1 << 20, false, 64))))
                .containsExactly("erspan_ver", "erspan", "erspan_hwid");
    }

    private static List<String> keys(TunnelSpecBuilder spec) {
        return spec.build().problems().stream().map(TunnelSpec.Problem::key).toList();
    }
}
