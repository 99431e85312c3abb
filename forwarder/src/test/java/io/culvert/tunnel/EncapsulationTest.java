package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The outer bytes of each mode, as scapy builds them. */
final class EncapsulationTest {

    private static final byte[] LINK = Hex.bytes("02000000000b 02000000000a 0800");

    /** TOS 0xb9: ECT(1). */
    private static final byte[] INNER_IPV4 =
            Hex.bytes("45b9002312340000 3f117ca1c0000201 c6336407 13881770000f3f3d 63756c76657274");

    /** Traffic class 0x2e: ECT(0). */
    private static final byte[] INNER_IPV6 =
            Hex.bytes("62eabcde000f113e 20010db8000000000000000000000001 20010db8000000000000000000000007"
                    + "13881770000fcfff 63756c76657274");

    private final SlotMemory memory = new SlotMemory();

    private static TunnelSpecBuilder gre(String options) {
        return TestTunnels.spec(Mode.GRE)
                .ocsum(options.contains("c"))
                .okey(options.contains("k") ? 0x01020304 : null)
                .oseq(options.contains("s"))
                .ttl(64);
    }

    private Slot encapsulate(TunnelSpecBuilder spec, int innerVersion) {
        Tunnel tunnel = TestTunnels.tunnel(spec);
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK));
        Slot slot = memory.slot(innerVersion == 4 ? INNER_IPV4 : INNER_IPV6);
        slot.identification = 0xabcd_7a69;
        tunnel.takeOutputSequence(0x8000_0001);
        if (innerVersion == 4) {
            tunnel.outerHeader().prepend(slot, 4, 0xb9, 63, false);
        } else {
            tunnel.outerHeader().prepend(slot, 6, 0x2e, 62, false);
        }
        tunnel.outerHeader().number(slot);
        return slot;
    }

    private static void assertOuter(Slot slot, String outer, byte[] inner) {
        assertThat(Hex.text(SlotMemory.packet(slot))).isEqualTo(outer.replace(" ", "") + Hex.text(inner));
    }

    @Test
    void prependsAnIpv4HeaderInModeIpip() {
        Slot slot = encapsulate(TestTunnels.spec(Mode.IPIP).ttl(64), 4);

        assertOuter(slot, "450100377a69400040044854cb007101cb007102", INNER_IPV4);
    }

    /** The group's number is the key, as iproute2 has it. */
    @Test
    void sendsToAGroup() {
        TunnelSpecBuilder group = TestTunnels.spec(Mode.GRE)
                .remote(TestTunnels.address(0xef010203))
                .okey(0xef010203)
                .ttl(5);

        assertOuter(encapsulate(group, 4), "4501003f7a694000052fce1fcb007101ef010203 20000800ef010203", INNER_IPV4);
    }

    @Test
    void prependsAnIpv4HeaderInModeSit() {
        Slot slot = encapsulate(sit(Payload.IP6IP), 6);

        assertOuter(slot, "4502004b7a6940004029481acb007101cb007102", INNER_IPV6);
        assertThat(slot.outerHeader().carries(4)).isFalse();
    }

    @Test
    void prependsAnIpv4HeaderForBothFamiliesInModeSitAny() {
        assertOuter(encapsulate(sit(Payload.ANY), 4), "450100377a69400040044854cb007101cb007102", INNER_IPV4);
        assertOuter(encapsulate(sit(Payload.ANY), 6), "4502004b7a6940004029481acb007101cb007102", INNER_IPV6);
    }

    /** The header moves to the front, and its checksum, addresses, length and protocol change: RFC 2004 section 3. */
    @Test
    void movesTheHeaderInModeMinenc() {
        Slot slot = encapsulate(TestTunnels.spec(Mode.MINENC), 4);

        assertThat(Hex.text(SlotMemory.packet(slot)))
                .isEqualTo("45b9002f123400003f37f0a6cb007101cb007102" + "11800243c6336407c0000201"
                        + Hex.text(INNER_IPV4).substring(40));
        assertThat(SlotMemory.bytes(slot, slot.offset - OuterRoute.LINK_LENGTH, OuterRoute.LINK_LENGTH))
                .isEqualTo(LINK);
    }

    @Test
    void leavesOutTheSourceThatIsTheOuterOneInModeMinenc() {
        Tunnel tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.MINENC));
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK));
        Slot slot =
                memory.slot(Hex.bytes("45b90023123400003f1102a1cb007101c6336407" + "13881770000f3f3d63756c76657274"));
        tunnel.outerHeader().prepend(slot, 4, 0xb9, 63, false);

        assertThat(Hex.text(SlotMemory.packet(slot)))
                .isEqualTo("45b9002b123400003f37f0aacb007101cb007102" + "1100c4c4c6336407"
                        + "13881770000f3f3d63756c76657274");
    }

    /** RFC 2004 section 1: minimal encapsulation must not be used for a fragment. */
    @ParameterizedTest
    @ValueSource(ints = {0x2000, 0x0001, 0x2001})
    void sendsFragmentsAsIpipInModeMinenc(int fragment) {
        Tunnel tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.MINENC));
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK));
        byte[] inner =
                Packets.ipv4().fragment(fragment).payload(Packets.data(16)).build();
        Slot slot = memory.slot(inner);
        tunnel.outerHeader().prepend(slot, 4, 0, 64, false);

        assertThat(slot.length).isEqualTo(inner.length + 20);
        assertThat(SlotMemory.bytes(slot, slot.offset + 9, 1)).containsExactly(4);
        assertThat(SlotMemory.bytes(slot, slot.offset + 20, inner.length)).isEqualTo(inner);
    }

    private static TunnelSpecBuilder sit(Payload payload) {
        return TestTunnels.spec(Mode.SIT).payload(payload).ttl(64);
    }

    @ParameterizedTest
    @CsvSource({
        "-, 4, 4501003b7a694000402f4825cb007101cb007102 00000800",
        "-, 6, 4502004f7a694000402f4810cb007101cb007102 000086dd",
        "s, 4, 4501003f7a694000402f4821cb007101cb007102 1000080080000001",
        "s, 6, 450200537a694000402f480ccb007101cb007102 100086dd80000001",
        "k, 4, 4501003f7a694000402f4821cb007101cb007102 2000080001020304",
        "k, 6, 450200537a694000402f480ccb007101cb007102 200086dd01020304",
        "ks, 4, 450100437a694000402f481dcb007101cb007102 300008000102030480000001",
        "ks, 6, 450200577a694000402f4808cb007101cb007102 300086dd0102030480000001",
        "c, 4, 4501003f7a694000402f4821cb007101cb007102 80000800645c0000",
        "c, 6, 450200537a694000402f480ccb007101cb007102 800086ddc82b0000",
        "cs, 4, 450100437a694000402f481dcb007101cb007102 90000800d45a000080000001",
        "cs, 6, 450200577a694000402f4808cb007101cb007102 900086dd382a000080000001",
        "ck, 4, 450100437a694000402f481dcb007101cb007102 a00008004056000001020304",
        "ck, 6, 450200577a694000402f4808cb007101cb007102 a00086dda425000001020304",
        "cks, 4, 450100477a694000402f4819cb007101cb007102 b0000800b05400000102030480000001",
        "cks, 6, 4502005b7a694000402f4804cb007101cb007102 b00086dd142400000102030480000001",
    })
    void prependsIpv4AndGreHeadersInModeGre(String options, int innerVersion, String outer) {
        Slot slot = encapsulate(gre(options), innerVersion);

        assertOuter(slot, outer, innerVersion == 4 ? INNER_IPV4 : INNER_IPV6);
    }

    @ParameterizedTest
    @CsvSource({
        "-, 1, 450100497a694000402f4817cb007101cb007102 00006558",
        "k, 1, 4501004d7a694000402f4813cb007101cb007102 2000655801020304",
        "s, 1, 4501004d7a694000402f4813cb007101cb007102 1000655880000001",
        "c, 1, 4501004d7a694000402f4813cb007101cb007102 80006558fac00000",
        "cks, 1, 450100557a694000402f480bcb007101cb007102 b000655846b900000102030480000001",
        "-, 2, 4501004d7a694000402f4813cb007101cb007102 00006558",
        "cks, 2, 450100597a694000402f4807cb007101cb007102 b0006558c5b100000102030480000001",
        "-, 3, 450000427a694000402f481fcb007101cb007102 00006558",
        "cks, 3, 4500004e7a694000402f4813cb007101cb007102 b0006558c84c00000102030480000001",
    })
    void prependsIpv4AndGreHeadersInModeGretap(String options, int frame, String outer) {
        byte[] bytes = switch (frame) {
            case 1 -> Packets.followedBy(Hex.bytes("020000000022 020000000021 0800"), INNER_IPV4);
            case 2 -> Packets.followedBy(Hex.bytes("020000000022 020000000021 8100 0007 0800"), INNER_IPV4);
            default ->
                Hex.bytes(
                        "ffffffffffff 020000000021 0806 00010800060400010200" + "00000021c0000201000000000000c0000202");
        };
        Tunnel tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.GRETAP)
                .ocsum(options.contains("c"))
                .okey(options.contains("k") ? 0x01020304 : null)
                .oseq(options.contains("s"))
                .ttl(64));
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK));
        Slot slot = memory.slot(bytes);
        slot.identification = 0x7a69;
        tunnel.takeOutputSequence(0x8000_0001);
        tunnel.outerHeader().prepend(slot, frame == 3 ? 0 : 4, frame == 3 ? 0 : 0xb9, 63, false);
        tunnel.outerHeader().number(slot);

        assertOuter(slot, outer, bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-", "k", "cks"})
    void writesTheLinkHeaderInFrontAndNothingBeforeIt(String options) {
        Slot slot = encapsulate(gre(options), 4);
        int link = slot.offset - OuterRoute.LINK_LENGTH;

        assertThat(SlotMemory.bytes(slot, link, OuterRoute.LINK_LENGTH)).isEqualTo(LINK);
        assertThat(SlotMemory.isUntouched(slot, link)).isTrue();
    }

    @Test
    void accountsForWhatItPrepended() {
        Slot slot = encapsulate(gre("cks"), 4);

        assertThat(slot.offset).isEqualTo(Slot.HEADROOM - 36);
        assertThat(slot.length).isEqualTo(36 + INNER_IPV4.length);
        assertThat(slot.innerLength).isEqualTo(INNER_IPV4.length);
        assertThat(slot.outerHeader().route().link()).isEqualTo(LINK);
        assertThat(slot.outerHeader().isResolved()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"ipip, 20", "-, 24", "c, 28", "k, 28", "s, 28", "ck, 32", "cks, 36"})
    void leavesTheInnerPacketWhatTheHeadersDoNotTake(String options, int overhead) {
        Tunnel tunnel = TestTunnels.tunnel(options.equals("ipip") ? TestTunnels.spec(Mode.IPIP) : gre(options));
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK));

        assertThat(tunnel.overhead()).isEqualTo(overhead);
        assertThat(tunnel.outerHeader().innerMtu()).isEqualTo(1500 - overhead);
    }

    @Test
    void carriesIpv6InModeGreOnly() {
        assertThat(TestTunnels.tunnel(gre("-")).outerHeader().carries(4)).isTrue();
        assertThat(TestTunnels.tunnel(gre("-")).outerHeader().carries(6)).isTrue();
        Tunnel ipip = TestTunnels.tunnel(TestTunnels.spec(Mode.IPIP));
        assertThat(ipip.outerHeader().carries(4)).isTrue();
        assertThat(ipip.outerHeader().carries(6)).isFalse();
    }

    @Test
    void startsToNumberPacketsAtZero() {
        Tunnel tunnel = TestTunnels.tunnel(gre("s"));

        assertThat(tunnel.takeOutputSequence(1)).isZero();
        assertThat(tunnel.takeOutputSequence(44)).isEqualTo(1);
        assertThat(tunnel.takeOutputSequence(1)).isEqualTo(45);
    }

    @Test
    void sendsNothingBeforeThereIsARoute() {
        Tunnel tunnel = TestTunnels.tunnel(gre("-"));

        assertThat(tunnel.outerHeader().unusable()).isEqualTo(DropReason.NO_ROUTE);
        assertThat(tunnel.outerHeader().isResolved()).isFalse();
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK));
        assertThat(tunnel.outerHeader().unusable()).isNull();
    }

    @Test
    void keepsTheOuterHeaderWhileTheRouteIsTheSame() {
        Tunnel tunnel = TestTunnels.tunnel(gre("-"));
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK));
        OuterHeader header = tunnel.outerHeader();

        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK.clone()));
        assertThat(tunnel.outerHeader()).isSameAs(header);
        tunnel.route(TestTunnels.resolved(1400, Packets.LOCAL, LINK));
        assertThat(tunnel.outerHeader().innerMtu()).isEqualTo(1376);
        tunnel.route(TestTunnels.resolved(1400, Packets.LOCAL, Hex.bytes("02000000000c 02000000000a 0800")));
        assertThat(tunnel.outerHeader().route().link()).startsWith(2, 0, 0, 0, 0, 0x0c);
    }

    @Test
    void takesTheRoutesSourceWhereTheTunnelHasNone() {
        Tunnel tunnel = TestTunnels.tunnel(gre("-").local(null));
        tunnel.route(TestTunnels.resolved(1500, 0x0a000005, LINK));
        Slot slot = memory.slot(INNER_IPV4);
        tunnel.outerHeader().prepend(slot, 4, 0, 63, false);

        assertThat(SlotMemory.bytes(slot, slot.offset + 12, 4)).isEqualTo(Hex.bytes("0a000005"));
    }
}
