package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Outer IPv6 headers and what decapsulation makes of them. */
final class Ipv6OuterHeaderTest {

    private static final byte[] LINK = new byte[OuterRoute.LINK_LENGTH];
    private static final InetAddress LOCAL = InetAddress.ofLiteral("2001:db8:ffff::1");
    private static final InetAddress REMOTE = InetAddress.ofLiteral("2001:db8:ffff::2");
    private static final String ADDRESSES = "20010db8ffff0000000000000000000120010db8ffff00000000000000000002";

    private final SlotMemory memory = new SlotMemory();

    private static TunnelSpecBuilder spec(Mode mode, Ipv6Outer outer) {
        return TunnelSpec.builder("t1", mode).local(LOCAL).remote(REMOTE).ipv6(outer);
    }

    private static Tunnel tunnel(TunnelSpecBuilder spec) {
        Tunnel tunnel = TestTunnels.tunnel(spec);
        tunnel.route(TestTunnels.resolved(1500, 0, LINK));
        return tunnel;
    }

    private static final Ipv6Outer FIXED =
            Ipv6Outer.DEFAULT.withTrafficClass(0xb8).withFlowLabel(0x12345);

    @ParameterizedTest
    @CsvSource({
        "IP6IP6, 4, 6, 6ba12345 0030 3c40, 2900040104010100",
        "IPIP6, 4, 4, 6ba12345 001c 3c40, 0400040104010100",
        "ANY6, -1, 4, 6ba12345 0014 0440, ''",
        "ANY6, -1, 6, 6ba12345 0028 2940, ''",
        "IP6GRE, -1, 6, 6ba12345 002c 2f40, 000086dd",
        "IP6GRE, 4, 4, 6ba12345 0020 3c40, 2f00040104010100 00000800",
    })
    void prependsTheHeader(Mode mode, int limit, int innerVersion, String start, String rest) {
        Tunnel tunnel = tunnel(spec(mode, FIXED.withEncapLimit(limit)));
        byte[] inner =
                innerVersion == 4 ? Packets.ipv4().build() : Packets.ipv6().build();
        Slot slot = memory.slot(inner);
        tunnel.outerHeader().prepend(slot, innerVersion, 0x02, 63, false);

        byte[] expected = Hex.bytes(start + ADDRESSES + rest);
        assertThat(SlotMemory.bytes(slot, slot.offset, expected.length)).isEqualTo(expected);
        assertThat(slot.length).isEqualTo(expected.length + inner.length);
        assertThat(tunnel.overhead()).isEqualTo(expected.length);
    }

    @Test
    void countsANestedLimitDownEvenWithoutAnOwnOne() {
        Tunnel tunnel = tunnel(spec(Mode.IP6IP6, FIXED.withEncapLimit(Ipv6Outer.NO_LIMIT)));
        Slot slot = memory.slot(Packets.ipv6().build());
        slot.innerEncapLimit = 3;
        OuterHeader limited = tunnel.outerHeader().withEncapLimit();
        assertThat(limited).isNotNull();
        limited.prepend(slot, 6, 0, 63, false);

        assertThat(SlotMemory.bytes(slot, slot.offset + 40, 8)).isEqualTo(Hex.bytes("2900040102010100"));
    }

    @Test
    void keepsTheFlowLabelOfAFlow() {
        Tunnel tunnel = tunnel(spec(Mode.ANY6, Ipv6Outer.DEFAULT));
        byte[] first = header(tunnel, Packets.from("192.0.2.1"));

        assertThat(header(tunnel, Packets.from("192.0.2.1"))).isEqualTo(first);
        assertThat(header(tunnel, Packets.from("192.0.2.9"))).isNotEqualTo(first);
    }

    private byte[] header(Tunnel tunnel, byte[] inner) {
        Slot slot = memory.slot(inner);
        tunnel.outerHeader().prepend(slot, 4, 0, 63, false);
        return SlotMemory.bytes(slot, slot.offset, 4);
    }
}
