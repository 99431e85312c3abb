package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Keepalives of mode gre; the bytes with a key are a Cisco router's, {@code various_gre.pcap}, whose tunnel has a header more. */
final class KeepalivePacketTest {

    private static final int LOCAL = 0x0aac4006;
    private static final int REMOTE = 0x0aac4007;

    /** What the router puts into the tunnel, and what came back. */
    private static final String CISCO_INSIDE = "45c0001c00a30000ff2f24eb0aac40060aac40072000000000000028";

    private static final String CISCO_BACK = "45c0001c00a30000fe2f25eb0aac40060aac40072000000000000028";

    private static final int INNER = 24;

    private final SlotMemory memory = new SlotMemory();

    private static TunnelSpecBuilder spec() {
        return TunnelSpec.builder("gre1", Mode.GRE)
                .local(TestTunnels.address(LOCAL))
                .remote(TestTunnels.address(REMOTE))
                .keepalive(new Keepalive(10, 3));
    }

    private Slot decapsulate(TunnelSpecBuilder spec, byte[] packet) {
        Slot slot = memory.slot(packet, new TunnelTable(List.of(TestTunnels.tunnel(spec))));
        Decapsulation.decapsulate(slot);
        return slot;
    }

    private static byte[] outer(Packets.Gre gre) {
        return Packets.ipv4()
                .source(REMOTE)
                .destination(LOCAL)
                .protocol(47)
                .payload(gre.build())
                .build();
    }

    private static Packets.Ipv4 inside() {
        return Packets.ipv4().source(LOCAL).destination(REMOTE).protocol(47).payload(new byte[4]);
    }

    private static byte[] request(Packets.Ipv4 inner) {
        return outer(Packets.gre().payload(inner.build()));
    }

    @Test
    void givesBackWhatACiscoRouterAsksFor() {
        Slot slot = decapsulate(spec().key(0x28), outer(Packets.gre().key(0x28).payload(Hex.bytes(CISCO_INSIDE))));

        assertThat(SlotMemory.outcome(slot)).isEqualTo("ANSWER");
        assertThat(Hex.text(SlotMemory.packet(slot))).isEqualTo(CISCO_BACK);
    }

    @Test
    void takesItsOwnThatACiscoRouterGaveBack() {
        byte[] back = Hex.bytes(CISCO_BACK);
        TunnelSpecBuilder other = spec().local(TestTunnels.address(REMOTE)).remote(TestTunnels.address(LOCAL));

        assertThat(SlotMemory.outcome(decapsulate(other.key(0x28), back))).isEqualTo("TAKEN");
        assertThat(SlotMemory.outcome(decapsulate(other.key(0x29), back))).isEqualTo("key_mismatch");
        assertThat(SlotMemory.outcome(decapsulate(other.key(0x28).keepalive(Keepalive.ANSWER), back)))
                .isEqualTo("gre_protocol");
        assertThat(SlotMemory.outcome(decapsulate(other.key(0x28).keepalive(null), back)))
                .isEqualTo("gre_protocol");
    }

    @Test
    void writesWhatTheOtherEndGivesBack() {
        for (TunnelSpecBuilder spec :
                List.of(spec(), spec().key(0x28), spec().ikey(1).okey(2), spec().csum(true))) {
            TunnelSpec here = spec.build();
            TunnelSpec there = TunnelSpec.builder("gre1", Mode.GRE)
                    .local(here.remote())
                    .remote(here.local())
                    .ikey(here.okey())
                    .okey(here.ikey())
                    .csum(here.icsum())
                    .keepalive(Keepalive.ANSWER)
                    .build();
            Slot asked = decapsulate(there.withName("t2"), KeepalivePacket.of(spec.build()));
            assertThat(SlotMemory.outcome(asked)).isEqualTo("ANSWER");

            assertThat(SlotMemory.outcome(decapsulate(here, SlotMemory.packet(asked))))
                    .isEqualTo("TAKEN");
        }
    }

    private Slot decapsulate(TunnelSpec spec, byte[] packet) {
        Tunnel tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.GRE)).changed(spec, 0);
        Slot slot = memory.slot(packet, new TunnelTable(List.of(tunnel)));
        Decapsulation.decapsulate(slot);
        return slot;
    }

    /** Anything but exactly a keepalive is a packet like any other. */
    private static Stream<Arguments> notKeepalives() {
        return Stream.of(
                Arguments.of("for somebody else", request(inside().destination(0xc0000202))),
                Arguments.of("from somebody else", request(inside().source(0xc0000202))),
                Arguments.of("of another protocol", request(inside().protocol(17))),
                Arguments.of("with a payload", request(inside().payload(new byte[8]))),
                Arguments.of("too short", request(inside().payload(new byte[3]))),
                Arguments.of("of another GRE protocol", request(inside().payload(new byte[] {0, 0, 8, 0}))),
                Arguments.of("with a key", request(inside().payload(new byte[] {0x20, 0, 0, 0, 0, 0, 0, 7}))),
                Arguments.of("with options", request(inside().options((byte) 1, (byte) 1, (byte) 1, (byte) 1))),
                Arguments.of("a fragment", request(inside().fragment(0x2000))),
                Arguments.of("at the end of its time", request(inside().ttl(1))));
    }

    @ParameterizedTest
    @MethodSource("notKeepalives")
    void givesNothingElseBack(String what, byte[] packet) {
        assertThat(decapsulate(spec(), request(inside())).verdict).isEqualTo(Verdict.ANSWER);

        Slot slot = decapsulate(spec(), packet);

        assertThat(slot.verdict).as(what).isEqualTo(Verdict.FORWARD);
        assertThat(SlotMemory.packet(slot)).isEqualTo(Arrays.copyOfRange(packet, INNER, packet.length));
    }

    @Test
    void givesNothingBackWithoutTheOption() {
        assertThat(decapsulate(spec().keepalive(null), request(inside())).verdict)
                .isEqualTo(Verdict.FORWARD);
        assertThat(decapsulate(spec(), Packets.with(request(inside()), INNER + 10, 0)).verdict)
                .as("with a wrong checksum")
                .isEqualTo(Verdict.DROP);
    }

    @Test
    void isForTunnelsWhosePacketsCanComeBack() {
        assertThat(problems(spec())).isEmpty();
        assertThat(problems(spec().seq(true))).singleElement().asString().contains("sequence numbers");
        assertThat(problems(spec().local(null))).singleElement().asString().contains("both ends");
        assertThat(problems(spec().encap(new UdpEncap(UdpEncap.Kind.FOU, 0, 5555, false))))
                .singleElement()
                .asString()
                .contains("encap");
        assertThat(problems(TestTunnels.spec(Mode.IPIP).keepalive(Keepalive.ANSWER)))
                .singleElement()
                .asString()
                .contains("mode ipip");
    }

    private static List<String> problems(TunnelSpecBuilder spec) {
        return spec.build().problems().stream().map(TunnelSpec.Problem::message).toList();
    }
}
