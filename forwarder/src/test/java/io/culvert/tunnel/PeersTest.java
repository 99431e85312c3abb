package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.NextHops.Hop;
import io.culvert.wire.Ipv4Flyweight;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PeersTest {

    private static final int PEER = 0xc6336402;
    private static final byte[] LINK = new byte[OuterRoute.LINK_LENGTH];

    private final SlotMemory memory = new SlotMemory();

    private static TunnelSpecBuilder multipoint(Mode mode) {
        return TestTunnels.spec(mode).remote(null);
    }

    private static Tunnel tunnel(TunnelSpecBuilder spec) {
        Tunnel tunnel = TestTunnels.tunnel(spec);
        tunnel.route(OuterRoute.unresolved(TestTunnels.UNDERLAY, 1500, null));
        return tunnel;
    }

    private static Peers peers(Tunnel tunnel) {
        return Objects.requireNonNull(tunnel.peers());
    }

    private Slot slotTo(String destination) {
        return memory.slot(Packets.to(destination));
    }

    private String outcome(Tunnel tunnel, String destination) {
        Slot slot = slotTo(destination);
        OuterHeader header = peers(tunnel).outerHeader(slot);
        return header == null ? SlotMemory.outcome(slot) : Integer.toHexString(slot.outerDestination);
    }

    @ParameterizedTest
    @CsvSource({
        "SIT, 2002:c633:6402::1, c6336402",
        "SIT, ::198.51.100.2, c6336402",
        "SIT, 2001:db8::1, no_next_hop",
        "SIT, 2002:7f00:1::1, embedded_address",
        "SIT, 2002:e000:1::1, embedded_address",
        "SIT, 2002:ffff:ffff::1, embedded_address",
        "SIT, 2002:0:1::1, embedded_address",
        "SIT, 2002:a00:1::1, embedded_address",
        "SIT, 2002:ac1f:1::1, embedded_address",
        "SIT, 2002:c0a8:1::1, embedded_address",
        "SIT, 2002:a9fe:1::1, embedded_address",
        "SIT, 2002:cb00:7101::1, embedded_address",
        "ISATAP, fe80::5efe:198.51.100.2, c6336402",
        "ISATAP, 2001:db8::200:5efe:198.51.100.2, c6336402",
        "ISATAP, fe80::5efe:10.0.0.1, a000001",
        "ISATAP, fe80::5efe:127.0.0.1, embedded_address",
        "ISATAP, 2002:c633:6402::1, no_next_hop",
        "ISATAP, ff02::2, no_next_hop",
        "GRE, 198.51.100.2, c6336402",
        "GRE, 224.0.0.5, embedded_address",
        "GRE, 2001:db8::1, no_next_hop",
        "IPIP, 198.51.100.2, c6336402"
    })
    void findsTheOuterDestinationInTheInnerOne(Mode mode, String destination, String expected) {
        assertThat(outcome(tunnel(multipoint(mode)), destination)).isEqualTo(expected);
    }

    @Test
    void takesTheNextHopOfTheDevicesRoutes() {
        Tunnel gre = tunnel(multipoint(Mode.GRE));
        peers(gre)
                .nextHops(new NextHops(List.of(
                        new Hop(Prefix.parse("192.0.2.0/24"), PEER), new Hop(Prefix.parse("2001:db8::/32"), PEER))));
        Tunnel isatap = tunnel(multipoint(Mode.ISATAP));
        peers(isatap).nextHops(new NextHops(List.of(new Hop(Prefix.parse("::/0"), PEER))));

        assertThat(outcome(gre, "192.0.2.9")).isEqualTo("c6336402");
        assertThat(outcome(gre, "2001:db8::1")).isEqualTo("c6336402");
        assertThat(outcome(isatap, "2001:db8::1")).isEqualTo("c6336402");
    }

    @Test
    void writesEachPacketsDestinationUntilTheConductorHasARoute() {
        Tunnel tunnel = tunnel(multipoint(Mode.SIT).ttl(64));
        Slot slot = slotTo("2002:c633:6402::1");
        OuterHeader shared = Objects.requireNonNull(peers(tunnel).outerHeader(slot));
        shared.prepend(slot, 6, 0, 64, false);
        byte[] bySharedHeader = SlotMemory.packet(slot);

        assertThat(shared).isSameAs(tunnel.outerHeader());
        assertThat(peers(tunnel).takeMissed()).isTrue();
        assertThat(peers(tunnel).known()).containsExactly(PEER);
        assertThat(peers(tunnel).takeMissed()).isFalse();
        peers(tunnel).routes(new HashMap<>(Map.of(PEER, TestTunnels.resolved(1400, Packets.LOCAL, LINK))));
        slot = slotTo("2002:c633:6402::1");
        OuterHeader own = Objects.requireNonNull(peers(tunnel).outerHeader(slot));
        own.prepend(slot, 6, 0, 64, false);

        assertThat(own.innerMtu()).isEqualTo(1380);
        assertThat(own.isResolved()).isTrue();
        assertThat(SlotMemory.packet(slot)).isEqualTo(bySharedHeader);
        Ipv4Flyweight outer = new Ipv4Flyweight().wrap(slot.buffer, slot.offset);
        assertThat(outer.isChecksumValid()).isTrue();
        assertThat(outer.destination()).isEqualTo(PEER);
        assertThat(outer.source()).isEqualTo(Packets.LOCAL);
    }

    @Test
    void dropsWhatHasNoRoute() {
        Tunnel tunnel = tunnel(multipoint(Mode.SIT));
        peers(tunnel).routes(Map.of(PEER, OuterRoute.unusable(DropReason.LOOP)));

        assertThat(outcome(tunnel, "2002:c633:6402::1")).isEqualTo("loop");
    }

    @Test
    void forgetsWhatNoPacketWantsAnyMore() {
        Tunnel tunnel = tunnel(multipoint(Mode.SIT));
        Peers peers = peers(tunnel);
        outcome(tunnel, "2002:c633:6402::1");
        peers.takeMissed();
        peers.routes(Map.of(PEER, TestTunnels.resolved(1500, Packets.LOCAL, LINK)));
        peers.expire();
        assertThat(peers.known()).containsExactly(PEER);

        outcome(tunnel, "2002:c633:6402::1");
        peers.expire();
        assertThat(peers.known()).containsExactly(PEER);
        peers.expire();
        assertThat(peers.known()).isEmpty();
    }

    @Test
    void keepsDestinationsWhenTheSpecificationChanges() {
        Tunnel tunnel = tunnel(multipoint(Mode.SIT));
        outcome(tunnel, "2002:c633:6402::1");
        peers(tunnel).takeMissed();

        Tunnel changed = tunnel.changed(multipoint(Mode.SIT).ttl(9).build(), 0);

        assertThat(peers(changed).known()).containsExactly(PEER);
    }
}
