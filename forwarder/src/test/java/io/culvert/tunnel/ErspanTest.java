package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mode erspan, all three types: the outer bytes are as scapy builds them. */
final class ErspanTest {

    private static final int MTU = 1500;
    private static final byte[] LINK = Hex.bytes("02000000000b 02000000000a 0800");
    private static final String PACKET = "45b9002312340000 3f117ca1c0000201 c6336407 13881770000f3f3d 63756c76657274";
    private static final byte[] FRAME = Hex.bytes("020000000022 020000000021 0800" + PACKET);
    private static final byte[] TAGGED = Hex.bytes("020000000022 020000000021 8100 0007 0800" + PACKET);

    private final SlotMemory memory = new SlotMemory();

    private static TunnelSpec.Builder erspan(int version) {
        return TestTunnels.spec(Mode.ERSPAN)
                .key(version == 0 ? null : 0x234)
                .ttl(64)
                .erspan(new ErspanOptions(version, version == 1 ? 0x54321 : 0, version == 2, version == 2 ? 0x2a : 0));
    }

    private Slot encapsulate(int version, byte[] frame) {
        Tunnel tunnel = TestTunnels.tunnel(erspan(version));
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
        Slot slot = encapsulate(version, frame);
        assertThat(Hex.text(SlotMemory.packet(slot))).isEqualTo(outer.replace(" ", "") + Hex.text(frame));
    }

    private Slot decapsulate(TunnelSpec.Builder spec, String gre, byte[] frame) {
        byte[] packet =
                Packets.outer(47, Packets.followedBy(Hex.bytes(gre), frame)).build();
        Slot slot = memory.slot(packet, new TunnelTable(List.of(TestTunnels.tunnel(spec))));
        Decapsulation.decapsulate(slot);
        return slot;
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

    /** A session is not between 0 and the one that the tunnel has. */
    @Test
    void refusesOtherSessions() {
        assertThat(SlotMemory.outcome(decapsulate(erspan(1), "100088be00000001 1000a23500054321", FRAME)))
                .isEqualTo("key_mismatch");
        assertThat(SlotMemory.outcome(decapsulate(erspan(1).key(null), "100088be00000001 1000a23500054321", FRAME)))
                .isEqualTo("key_mismatch");
        assertThat(SlotMemory.outcome(decapsulate(erspan(1).key(null), "100088be00000001 1000a00000054321", FRAME)))
                .isEqualTo("FORWARD");
        assertThat(SlotMemory.outcome(decapsulate(erspan(1), "000088be", FRAME)))
                .isEqualTo("key_mismatch");
    }

    @Test
    void refusesWhatIsNoErspan() {
        // Truncated, of another version, of the other type's version, without its subheader.
        for (String gre : List.of(
                "100088be00000001 1000a234",
                "100088be00000001 0000a23400054321",
                "100088be00000001 3000a23400054321",
                "100088be00000001 20078a34 11223344 000082a8",
                "100022eb00000001 1000a234 00054321 00000000",
                "100022eb00000001 20078a34 11223344",
                "100022eb00000001 20078a34 11223344 000082a9 01020304")) {
            assertThat(SlotMemory.outcome(decapsulate(erspan(1), gre, new byte[0])))
                    .as(gre)
                    .isEqualTo("erspan_malformed");
        }
        assertThat(SlotMemory.outcome(decapsulate(erspan(1), "100088be00000001 1000a23400054321", new byte[13])))
                .isEqualTo("frame_malformed");
        assertThat(SlotMemory.outcome(decapsulate(TestTunnels.spec(Mode.GRE), "000088be", FRAME)))
                .isEqualTo("gre_protocol");
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
        assertThat(keys(erspan(1).key(1024))).containsExactly("ikey", "okey");
        assertThat(keys(erspan(0).key(1))).containsExactly("ikey", "okey");
        assertThat(keys(erspan(0).seq(true))).containsExactly("iseq");
        assertThat(keys(erspan(2).csum(true))).containsExactly("icsum");
        assertThat(keys(erspan(1).remote(null))).containsExactly("remote");
        assertThat(keys(erspan(1).erspan(new ErspanOptions(3, 1 << 20, false, 64))))
                .containsExactly("erspan_ver", "erspan", "erspan_hwid");
    }

    private static List<String> keys(TunnelSpec.Builder spec) {
        return spec.build().problems().stream().map(TunnelSpec.Problem::key).toList();
    }
}
