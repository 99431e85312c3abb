package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.tun.VnetHeader;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.SlotMemory;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EncapStageTest {

    private static final int MTU = 1500;
    private static final int IPIP_MTU = MTU - 20;
    private static final int GRE_MTU = MTU - 24;
    private static final int DONT_FRAGMENT = 0x4000;

    private final SlotMemory memory = new SlotMemory();
    private final EncapStage stage = new EncapStage();

    private static Tunnel tunnel(TunnelSpecBuilder spec) {
        Tunnel tunnel = TestTunnels.tunnel(spec);
        tunnel.route(TestTunnels.resolved(MTU, Packets.LOCAL, new byte[OuterRoute.LINK_LENGTH]));
        return tunnel;
    }

    private Slot process(Tunnel tunnel, byte[] packet) {
        Slot slot = memory.slot(packet);
        slot.tunnel = tunnel;
        stage.process(slot);
        return slot;
    }

    private String outcome(Mode mode, byte[] packet) {
        return SlotMemory.outcome(process(tunnel(TestTunnels.spec(mode)), packet));
    }

    private static byte[] ipv4(int length, int fragment) {
        return Packets.ipv4()
                .fragment(fragment)
                .payload(Packets.data(length - 20))
                .build();
    }

    private static byte[] ipv6(int length) {
        return Packets.ipv6().payload(Packets.data(length - 40)).build();
    }

    @Test
    void prependsTheOuterHeader() {
        byte[] inner = Packets.ipv4().ttl(3).tos(0xb9).fragment(DONT_FRAGMENT).build();
        Slot slot = process(tunnel(TestTunnels.spec(Mode.IPIP).tos(1).pmtudisc(false)), inner);
        Ipv4Flyweight outer = new Ipv4Flyweight().wrap(slot.buffer, slot.offset);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(SlotMemory.packet(slot)).endsWith(inner).hasSize(20 + inner.length);
        assertThat(outer.ttl()).isEqualTo(3);
        assertThat(outer.tos()).isEqualTo(0xb9);
        assertThat(outer.dontFragment()).isTrue();
    }

    @Test
    void takesTtlAndTosFromIpv6Too() {
        byte[] inner = Packets.ipv6().hopLimit(5).trafficClass(0x2e).build();
        Slot slot = process(tunnel(TestTunnels.spec(Mode.GRE).tos(1)), inner);
        Ipv4Flyweight outer = new Ipv4Flyweight().wrap(slot.buffer, slot.offset);

        assertThat(SlotMemory.packet(slot)).endsWith(inner).hasSize(24 + inner.length);
        assertThat(outer.ttl()).isEqualTo(5);
        assertThat(outer.tos()).isEqualTo(0x2e);
    }

    @Test
    void cutsOffWhatFollowsTheInnerPacket() {
        for (byte[] inner : List.of(ipv4(60, 0), ipv6(60))) {
            Slot slot = process(tunnel(TestTunnels.spec(Mode.GRE)), Packets.followedBy(inner, new byte[9]));

            assertThat(SlotMemory.packet(slot)).endsWith(inner).hasSize(24 + inner.length);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15})
    void refusesEveryOtherVersion(int version) {
        assertThat(outcome(Mode.GRE, Packets.with(ipv4(60, 0), 0, version << 4 | 5)))
                .isEqualTo("inner_family");
    }

    @Test
    void refusesIpv6InModeIpip() {
        assertThat(outcome(Mode.IPIP, ipv6(60))).isEqualTo("inner_family");
    }

    @Test
    void refusesEveryTruncation() {
        for (byte[] inner : List.of(ipv4(60, 0), ipv6(60))) {
            for (int length = 1; length < inner.length; length++) {
                assertThat(outcome(Mode.GRE, Packets.cut(inner, length))).isEqualTo("inner_malformed");
            }
        }
    }

    /** RFC 2003 section 3.1: a packet whose time is over is not encapsulated. */
    @Test
    void refusesAPacketWhoseTimeIsOver() {
        assertThat(outcome(Mode.IPIP, Packets.ipv4().ttl(0).build())).isEqualTo("inner_ttl");
        assertThat(outcome(Mode.GRE, Packets.ipv6().hopLimit(0).build())).isEqualTo("inner_ttl");
    }

    @Test
    void tellsSendersThatThereIsNoRoute() {
        Tunnel tunnel = tunnel(TestTunnels.spec(Mode.GRE));
        tunnel.route(OuterRoute.unusable(DropReason.NO_ROUTE));
        Slot ipv4 = process(tunnel, ipv4(600, 0));
        assertThat(SlotMemory.outcome(ipv4)).isEqualTo("ANSWER");
        assertThat(SlotMemory.bytes(ipv4, ipv4.offset + 20, 2)).containsExactly(3, 1);
        Slot ipv6 = process(tunnel, ipv6(1300));
        assertThat(SlotMemory.outcome(ipv6)).isEqualTo("ANSWER");
        assertThat(SlotMemory.bytes(ipv6, ipv6.offset + 40, 2)).containsExactly(1, 3);

        assertThat(SlotMemory.outcome(process(tunnel, new byte[60]))).isEqualTo("no_route");
    }

    /** RFC 1812 section 4.3.2.8. */
    @Test
    void limitsTheRateAtWhichItTellsThem() {
        Tunnel tunnel = tunnel(TestTunnels.spec(Mode.GRE));
        tunnel.route(OuterRoute.unusable(DropReason.NO_ROUTE));
        List<String> outcomes = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            outcomes.add(SlotMemory.outcome(process(tunnel, ipv4(600, 0))));
        }

        assertThat(outcomes).contains("no_route").startsWith("ANSWER");
    }

    @Test
    void dropsEverythingThatWouldLoop() {
        Tunnel tunnel = tunnel(TestTunnels.spec(Mode.IPIP));
        tunnel.route(OuterRoute.unusable(DropReason.LOOP));

        assertThat(SlotMemory.outcome(process(tunnel, ipv4(60, 0)))).isEqualTo("loop");
    }

    private static Tunnel ip6ip6() {
        return tunnel(TunnelSpec.builder("t1", Mode.IP6IP6)
                .local(InetAddress.ofLiteral("2001:db8:ffff::1"))
                .remote(InetAddress.ofLiteral("2001:db8:ffff::2")));
    }

    /** Linux checks both for each packet: {@code ip6_tnl_xmit_ctl}. */
    @ParameterizedTest
    @EnumSource(names = {"REMOTE_IS_LOCAL", "LOCAL_IS_MISSING"})
    void dropsEverythingAtEndsThatCannotBe(DropReason reason) {
        Tunnel tunnel = ip6ip6();
        tunnel.route(OuterRoute.unusable(reason));

        assertThat(SlotMemory.outcome(process(tunnel, ipv6(60)))).isEqualTo(reason.word());
    }

    /** RFC 2473 section 4.1.1: what the tunnel's exit itself sends must not go back to it inside the tunnel. */
    @Test
    void doesNotEncapsulateWhatItsOwnRemoteSends() {
        assertThat(SlotMemory.outcome(process(ip6ip6(), Packets.from("2001:db8:ffff::2"))))
                .isEqualTo("source_is_remote");
        assertThat(SlotMemory.outcome(process(ip6ip6(), Packets.from("2001:db8:ffff::3"))))
                .isEqualTo("FORWARD");
    }

    /** An inner packet whose destination options header has that tunnel encapsulation limit. */
    private static byte[] limited(int limit) {
        byte[] options = {17, 0, 4, 1, (byte) limit, 1, 1, 0};
        return Packets.ipv6()
                .nextHeader(IpProtocol.DESTINATION_OPTIONS)
                .payload(Packets.followedBy(options, Packets.udp(0, Packets.data(1300))))
                .build();
    }

    @Test
    void tellsSendersThatTheEncapsulationLimitIsReached() {
        Slot slot = process(ip6ip6(), limited(0));

        assertThat(SlotMemory.outcome(slot)).isEqualTo("ANSWER");
        // Parameter problem, pointing at the limit: RFC 2473 section 4.1.1.
        assertThat(SlotMemory.bytes(slot, slot.offset + 40, 2)).containsExactly(4, 0);
        assertThat(SlotMemory.bytes(slot, slot.offset + 44, 4)).containsExactly(0, 0, 0, 44);
        assertThat(SlotMemory.outcome(process(ip6ip6(), limited(1)))).isEqualTo("FORWARD");
    }

    @Test
    void dropsPacketsBeyondTheLimitThatItMayNotAnswer() {
        byte[] toAll = limited(0);
        toAll[8] = (byte) 0xff;

        assertThat(SlotMemory.outcome(process(ip6ip6(), toAll))).isEqualTo("encap_limit");
    }

    /** Nothing says where the packet goes: no remote, no route with a gateway, no IPv4 address in the destination. */
    @Test
    void dropsWhatHasNoNextHop() {
        Tunnel tunnel = tunnel(TestTunnels.spec(Mode.GRE).remote(null));

        assertThat(SlotMemory.outcome(process(tunnel, ipv6(60)))).isEqualTo("no_next_hop");
    }

    @ParameterizedTest
    @CsvSource({
        IPIP_MTU + ", 0x4000, FORWARD",
        (IPIP_MTU + 1) + ", 0x4000, ANSWER",
        IPIP_MTU + ", 0, FORWARD",
        (IPIP_MTU + 1) + ", 0, FRAGMENT",
        "65515, 0, FRAGMENT"
    })
    void measuresIpv4AgainstThePath(int length, String fragment, String outcome) {
        assertThat(outcome(Mode.IPIP, ipv4(length, Integer.decode(fragment)))).isEqualTo(outcome);
    }

    @Test
    void measuresIpv6AgainstThePath() {
        assertThat(outcome(Mode.GRE, ipv6(GRE_MTU))).isEqualTo("FORWARD");
        assertThat(outcome(Mode.GRE, ipv6(GRE_MTU + 1))).isEqualTo("ANSWER");
    }

    /** RFC 8200 section 5: every link carries 1280 bytes, so no sender may be told less. */
    @Test
    void tellsNoIpv6SenderOfAPathThatIsTooNarrow() {
        Tunnel tunnel = tunnel(TestTunnels.spec(Mode.GRE));
        tunnel.route(TestTunnels.resolved(1303, Packets.LOCAL, new byte[OuterRoute.LINK_LENGTH]));

        Slot fits = process(tunnel, ipv6(1279));
        assertThat(SlotMemory.outcome(fits)).isEqualTo("FORWARD");
        assertThat(fits.outerFragments).isFalse();
        Slot least = process(tunnel, ipv6(1280));
        assertThat(SlotMemory.outcome(least)).isEqualTo("FORWARD");
        assertThat(least.outerFragments).isTrue();

        Slot answer = process(tunnel, ipv6(1281));
        assertThat(SlotMemory.outcome(answer)).isEqualTo("ANSWER");
        byte[] packetTooBig = SlotMemory.packet(answer);
        assertThat(Arrays.copyOfRange(packetTooBig, 40, 48)).startsWith(2, 0).endsWith(0, 0, 1280 >> 8, 1280 & 0xff);
    }

    @Test
    void leavesAPacketToFragmentAsItIs() {
        byte[] inner = ipv4(IPIP_MTU + 1, 0);
        Slot slot = process(tunnel(TestTunnels.spec(Mode.IPIP)), inner);

        assertThat(SlotMemory.packet(slot)).isEqualTo(inner);
    }

    private Slot superPacket(int data, int gsoSize) {
        byte[] inner = SuperPackets.tcp(false, 0, new byte[data]);
        Slot slot = memory.slot(inner);
        SuperPackets.receive(slot, tunnel(TestTunnels.spec(Mode.IPIP)), inner, VnetHeader.GSO_TCPV4, gsoSize);
        stage.process(slot);
        return slot;
    }

    @Test
    void measuresASuperPacketByItsSegments() {
        int headers = 52;

        assertThat(SlotMemory.outcome(superPacket(20_000, IPIP_MTU - headers))).isEqualTo("FORWARD");
        assertThat(SlotMemory.outcome(superPacket(20_000, IPIP_MTU - headers + 1)))
                .isEqualTo("ANSWER");
    }

    /** Its segments are what is too big, and they do not exist yet. */
    @Test
    void doesNotFragmentASuperPacket() {
        byte[] inner = SuperPackets.udp(false, new byte[20_000]);
        Slot slot = memory.slot(inner);
        SuperPackets.receive(slot, tunnel(TestTunnels.spec(Mode.IPIP)), inner, VnetHeader.GSO_UDP_L4, IPIP_MTU - 27);
        stage.process(slot);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("ANSWER");
    }

    /** RFC 9293 section 3.1: the data offset is 5 at least. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4})
    void refusesASuperPacketWhoseTcpHeaderIsTooShort(int dataOffset) {
        byte[] inner = SuperPackets.tcp(false, 0, new byte[20_000]);
        inner[20 + 12] = (byte) (dataOffset << 4);
        Slot slot = memory.slot(inner);
        SuperPackets.receive(slot, tunnel(TestTunnels.spec(Mode.IPIP)), inner, VnetHeader.GSO_TCPV4, 1000);
        stage.process(slot);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("inner_malformed");
    }

    /** A guest behind a bridge may say so in its virtio-net header; kernels before 6.11 pass it on. */
    @ParameterizedTest
    @ValueSource(ints = {0, 6, 15, 17, 1000, 0xffff})
    void refusesASuperPacketWhoseChecksumFieldIsElsewhere(int field) {
        byte[] inner = SuperPackets.tcp(false, 0, new byte[20_000]);
        Slot slot = memory.slot(inner);
        SuperPackets.receive(slot, tunnel(TestTunnels.spec(Mode.IPIP)), inner, VnetHeader.GSO_TCPV4, 1000);
        slot.checksumOffset = field;
        stage.process(slot);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("inner_malformed");
    }

    @Test
    void refusesASuperPacketWithoutSegments() {
        assertThat(SlotMemory.outcome(superPacket(20_000, 0))).isEqualTo("inner_malformed");
    }
}
