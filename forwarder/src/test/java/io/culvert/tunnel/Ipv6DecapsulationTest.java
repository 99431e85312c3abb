package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.wire.IpProtocol;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of packets of every mode over IPv6: sound ones, and each kind of unsound one. */
final class Ipv6DecapsulationTest {

    private static final int OUTER = 40;
    private static final InetAddress LOCAL = InetAddress.ofLiteral("2001:db8:ffff::1");
    private static final InetAddress REMOTE = InetAddress.ofLiteral("2001:db8:ffff::2");
    private static final long NETWORK = 0x2001_0db8_ffff_0000L;
    private static final byte[] INNER_IPV4 =
            Packets.ipv4().payload(Packets.udp(0, Packets.data(13))).build();
    private static final byte[] INNER_IPV6 =
            Packets.ipv6().payload(Packets.udp(0, Packets.data(13))).build();

    /** The header that Linux puts in front of what it encapsulates, RFC 2473 section 5.1, without its first byte. */
    private static final String LIMIT = "00040104010100";

    private final SlotMemory memory = new SlotMemory();

    private static TunnelSpecBuilder spec(Mode mode) {
        return TunnelSpec.builder("t1", mode).local(LOCAL).remote(REMOTE);
    }

    private static Packets.Ipv6 outer(int nextHeader, byte[] payload) {
        return Packets.ipv6()
                .source(NETWORK, 2)
                .destination(NETWORK, 1)
                .nextHeader(nextHeader)
                .payload(payload);
    }

    /** A packet with that options header in front of what it carries. */
    private static byte[] withOptions(String header, byte[] inner) {
        return outer(IpProtocol.DESTINATION_OPTIONS, Hex.bytes(header + Hex.text(inner)))
                .build();
    }

    private static byte[] ipip6(byte[] inner) {
        return outer(IpProtocol.IPV4, inner).build();
    }

    private static byte[] ip6ip6(byte[] inner) {
        return outer(IpProtocol.IPV6, inner).build();
    }

    private static byte[] ip6gre(Packets.Gre gre) {
        return outer(IpProtocol.GRE, gre.build()).build();
    }

    private static byte[] gre(int index, int value) {
        return Packets.with(ip6gre(Packets.gre()), OUTER + index, value);
    }

    private record Case(DropReason reason, TunnelSpecBuilder spec, byte[] packet) {
        @Override
        public String toString() {
            return reason.word();
        }
    }

    private Slot decapsulate(Tunnel tunnel, byte[] packet) {
        Slot slot = memory.slot(packet, new TunnelTable(List.of(tunnel)));
        Decapsulation.decapsulateIpv6(slot);
        return slot;
    }

    private Slot decapsulate(TunnelSpecBuilder spec, byte[] packet) {
        return decapsulate(TestTunnels.tunnel(spec), packet);
    }

    /** Golden packets; the reason is of no meaning. */
    private static List<Case> sound() {
        List<Case> sound = new ArrayList<>();
        for (Mode mode : List.of(Mode.IPIP6, Mode.ANY6)) {
            sound.add(new Case(DropReason.INTERNAL, spec(mode), ipip6(INNER_IPV4)));
            sound.add(new Case(DropReason.INTERNAL, spec(mode), withOptions("04" + LIMIT, INNER_IPV4)));
        }
        for (Mode mode : List.of(Mode.IP6IP6, Mode.ANY6)) {
            sound.add(new Case(DropReason.INTERNAL, spec(mode), ip6ip6(INNER_IPV6)));
            sound.add(new Case(DropReason.INTERNAL, spec(mode), withOptions("29" + LIMIT, INNER_IPV6)));
        }
        for (boolean ipv4 : new boolean[] {true, false}) {
            Packets.Gre gre = Packets.gre()
                    .key(7)
                    .checksum(true)
                    .sequence(1)
                    .protocol(ipv4 ? 0x0800 : 0x86dd)
                    .payload(ipv4 ? INNER_IPV4 : INNER_IPV6);
            sound.add(new Case(
                    DropReason.INTERNAL, spec(Mode.IP6GRE).key(7).icsum(true).iseq(true), ip6gre(gre)));
        }
        return sound;
    }

    @Test
    void takesOffTheHeadersOfEachMode() {
        for (Case golden : sound()) {
            byte[] inner = golden.packet[golden.packet.length - INNER_IPV4.length] == 0x45 ? INNER_IPV4 : INNER_IPV6;
            Slot slot = decapsulate(golden.spec, golden.packet);

            assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
            assertThat(SlotMemory.packet(slot)).isEqualTo(inner);
        }
    }

    private static Stream<Case> refusals() {
        TunnelSpecBuilder any6 = spec(Mode.ANY6);
        TunnelSpecBuilder ip6gre = spec(Mode.IP6GRE);
        return Stream.of(
                // An option beyond the header's end.
                new Case(DropReason.OUTER_OPTIONS, any6, withOptions("0400040504010100", INNER_IPV4)),
                // A header beyond the packet's end.
                new Case(DropReason.OUTER_OPTIONS, any6, withOptions("04ff040104010100", INNER_IPV4)),
                new Case(DropReason.OUTER_OPTIONS, any6, withOptions("04000401", new byte[0])),
                // An option that a node must discard the packet for if it does not know it, RFC 8200 section 4.2.
                new Case(DropReason.OUTER_OPTIONS, any6, withOptions("04007e0104010100", INNER_IPV4)),
                new Case(
                        DropReason.OUTER_OPTIONS,
                        any6,
                        withOptions(("3c" + LIMIT).repeat(5) + "04" + LIMIT, INNER_IPV4)),
                // Hop-by-hop options that are not the first header, RFC 8200 section 4.1.
                new Case(DropReason.OUTER_OPTIONS, any6, withOptions("00" + LIMIT + "0400010400000000", INNER_IPV4)),
                new Case(
                        DropReason.NO_TUNNEL,
                        any6.remote(REMOTE),
                        outer(IpProtocol.IPV4, INNER_IPV4).source(NETWORK, 3).build()),
                new Case(DropReason.NO_TUNNEL, spec(Mode.IP6IP6), ipip6(INNER_IPV4)),
                new Case(DropReason.NO_TUNNEL, spec(Mode.IPIP6), ip6ip6(INNER_IPV6)),
                new Case(DropReason.NO_TUNNEL, ip6gre, ipip6(INNER_IPV4)),
                new Case(DropReason.KEY_MISMATCH, spec(Mode.IP6GRE).key(1), ip6gre(Packets.gre())),
                new Case(
                        DropReason.KEY_MISMATCH,
                        spec(Mode.IP6GRE).key(1),
                        ip6gre(Packets.gre().key(2))),
                new Case(DropReason.KEY_MISMATCH, ip6gre, ip6gre(Packets.gre().key(0))),
                new Case(
                        DropReason.GRE_MALFORMED,
                        ip6gre,
                        outer(IpProtocol.GRE, new byte[3]).build()),
                new Case(DropReason.GRE_VERSION, ip6gre, gre(1, 1)),
                new Case(DropReason.GRE_RESERVED, ip6gre, gre(0, 0x40)),
                new Case(DropReason.GRE_PROTOCOL, ip6gre, ip6gre(Packets.gre().protocol(0x6558))),
                new Case(DropReason.CSUM_MISSING, spec(Mode.IP6GRE).icsum(true), ip6gre(Packets.gre())),
                new Case(
                        DropReason.CSUM_UNEXPECTED, ip6gre, ip6gre(Packets.gre().checksum(true))),
                new Case(
                        DropReason.CSUM_BAD,
                        spec(Mode.IP6GRE).icsum(true),
                        Packets.with(ip6gre(Packets.gre().checksum(true)), OUTER + 4, 0)),
                new Case(DropReason.SEQ_MISSING, spec(Mode.IP6GRE).iseq(true), ip6gre(Packets.gre())),
                new Case(
                        DropReason.ECN,
                        any6,
                        outer(IpProtocol.IPV4, INNER_IPV4).trafficClass(3).build()),
                new Case(DropReason.INNER_MALFORMED, any6, ipip6(new byte[0])),
                new Case(DropReason.INNER_MALFORMED, any6, ipip6(Packets.cut(INNER_IPV4, 19))),
                new Case(DropReason.INNER_MALFORMED, any6, ip6ip6(Packets.cut(INNER_IPV6, 39))),
                new Case(DropReason.INNER_CHECKSUM, any6, ipip6(Packets.with(INNER_IPV4, 10, 0))),
                new Case(DropReason.INNER_FAMILY, any6, ipip6(INNER_IPV6)),
                new Case(DropReason.INNER_FAMILY, any6, ip6ip6(INNER_IPV4)),
                new Case(
                        DropReason.INNER_TTL,
                        any6,
                        ip6ip6(Packets.ipv6().hopLimit(0).build())),
                new Case(DropReason.MARTIAN, any6, ip6ip6(Packets.from("::1"))),
                new Case(DropReason.MARTIAN, any6, ipip6(Packets.to("127.0.0.1"))),
                new Case(
                        DropReason.INNER_SOURCE,
                        spec(Mode.ANY6).innerSource(List.of(Prefix.parse("2001:db8:1::/48"))),
                        ip6ip6(INNER_IPV6)));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesForThatReason(Case refusal) {
        Slot slot = decapsulate(refusal.spec, refusal.packet);

        assertThat(SlotMemory.outcome(slot)).isEqualTo(refusal.reason.word());
        assertThat(slot.offset).isEqualTo(Slot.HEADROOM);
    }

    /** Linux refuses these too: a tunnel to an own address loops, and one from an address of another host is not its own. */
    @ParameterizedTest
    @EnumSource(names = {"REMOTE_IS_LOCAL", "LOCAL_IS_MISSING"})
    void refusesEverythingAtEndsThatCannotBe(DropReason reason) {
        for (Case golden : sound()) {
            Tunnel tunnel = TestTunnels.tunnel(golden.spec);
            tunnel.route(OuterRoute.unusable(reason));

            assertThat(SlotMemory.outcome(decapsulate(tunnel, golden.packet))).isEqualTo(reason.word());
        }
    }

    @Test
    void receivesWhileThereIsNoRouteBack() {
        Tunnel tunnel = TestTunnels.tunnel(spec(Mode.ANY6));
        tunnel.route(OuterRoute.unusable(DropReason.NO_ROUTE));

        assertThat(SlotMemory.outcome(decapsulate(tunnel, ipip6(INNER_IPV4)))).isEqualTo("FORWARD");
    }

    @Test
    void refusesEveryTruncation() {
        for (Case golden : sound()) {
            for (int length = OUTER; length < golden.packet.length; length++) {
                byte[] packet = Packets.cut(golden.packet, length);
                packet[4] = 0;
                packet[5] = (byte) (length - OUTER);

                assertThat(decapsulate(golden.spec, packet).verdict)
                        .as("%d bytes", length)
                        .isEqualTo(Verdict.DROP);
            }
        }
    }

    @Test
    void forwardsNoMoreThanThereIsWhateverBitIsFlipped() {
        for (Case golden : sound()) {
            int end = Slot.HEADROOM + golden.packet.length;
            for (int bit = OUTER * 8; bit < golden.packet.length * 8; bit++) {
                byte flipped = (byte) (golden.packet[bit / 8] ^ 1 << bit % 8);
                Slot slot = decapsulate(golden.spec, Packets.with(golden.packet, bit / 8, flipped));

                if (slot.verdict == Verdict.FORWARD) {
                    assertThat(slot.offset).isGreaterThanOrEqualTo(Slot.HEADROOM + OUTER);
                    assertThat(slot.offset + slot.length).isLessThanOrEqualTo(end);
                }
            }
        }
    }

    /** What no mode has is somebody else's: the kernel answers it. */
    @ParameterizedTest
    @ValueSource(ints = {0x2b, 0x2c, 0x33, 0x3a, 0x3b, 0x37})
    void leavesOtherProtocolsAlone(int protocol) {
        assertThat(decapsulate(spec(Mode.ANY6), outer(protocol, INNER_IPV4).build()).verdict)
                .isEqualTo(Verdict.IGNORE);
    }

    @Test
    void countsNothingOfAnotherHost() {
        byte[] elsewhere = ipip6(INNER_IPV4);
        Arrays.fill(elsewhere, 24, 40, (byte) 0x20);

        assertThat(decapsulate(spec(Mode.ANY6), elsewhere).verdict).isEqualTo(Verdict.IGNORE);
    }
}
