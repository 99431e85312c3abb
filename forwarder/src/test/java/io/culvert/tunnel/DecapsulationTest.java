package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.MinimalEncapsulationFlyweight;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DecapsulationTest {

    private static final int OUTER = 20;
    private static final byte[] INNER_IPV4 =
            Packets.ipv4().payload(Packets.udp(0, Packets.data(13))).build();
    private static final byte[] INNER_IPV6 =
            Packets.ipv6().payload(Packets.udp(0, Packets.data(13))).build();

    private static final byte[] LABELLED = Packets.followedBy(new byte[] {0, 6, 0x41, 63}, INNER_IPV4);

    private static final Set<Integer> TAKEN = Set.of(4, 17, 41, 47, 50, 55, 115, 137);

    private final SlotMemory memory = new SlotMemory();

    private static TunnelSpecBuilder ipip() {
        return TestTunnels.spec(Mode.IPIP);
    }

    private static TunnelSpecBuilder gre() {
        return TestTunnels.spec(Mode.GRE);
    }

    private static TunnelSpecBuilder sit(Payload payload) {
        return TestTunnels.spec(Mode.SIT).payload(payload);
    }

    private static byte[] sitPacket(byte[] inner) {
        return Packets.outer(41, inner).build();
    }

    private Slot decapsulate(TunnelSpecBuilder spec, byte[] packet) {
        Slot slot = memory.slot(packet, new TunnelTable(List.of(TestTunnels.tunnel(spec))));
        Decapsulation.decapsulate(slot);
        return slot;
    }

    private static void assertForwarded(Slot slot, byte[] inner) {
        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(SlotMemory.packet(slot)).isEqualTo(inner);
        assertThat(slot.innerLength).isEqualTo(inner.length);
        assertThat(slot.tunnel).isNotNull();
    }

    @Test
    void takesOffTheHeadersOfEachMode() {
        assertForwarded(decapsulate(ipip(), Packets.ipip(INNER_IPV4)), INNER_IPV4);
        assertForwarded(decapsulate(gre(), Packets.gre(Packets.gre().payload(INNER_IPV4))), INNER_IPV4);
        assertForwarded(decapsulate(sit(Payload.IP6IP), sitPacket(INNER_IPV6)), INNER_IPV6);
        assertForwarded(decapsulate(sit(Payload.ANY), sitPacket(INNER_IPV6)), INNER_IPV6);
        assertForwarded(decapsulate(sit(Payload.ANY), Packets.ipip(INNER_IPV4)), INNER_IPV4);
        assertForwarded(decapsulate(sit(Payload.IPIP), Packets.ipip(INNER_IPV4)), INNER_IPV4);
        assertForwarded(
                decapsulate(gre(), Packets.gre(Packets.gre().protocol(0x86dd).payload(INNER_IPV6))), INNER_IPV6);
    }

    @Test
    void skipsOuterOptions() {
        byte[] options = {1, 1, 1, 1, 1, 1, 1, 0};
        byte[] packet =
                Packets.outer(Mode.IPIP.protocol(), INNER_IPV4).options(options).build();
        assertForwarded(decapsulate(ipip(), packet), INNER_IPV4);
        packet = Packets.outer(
                        Mode.GRE.protocol(),
                        Packets.gre().key(7).payload(INNER_IPV4).build())
                .options(options)
                .build();
        assertForwarded(decapsulate(gre().ikey(7), packet), INNER_IPV4);
    }

    @Test
    void doesNotLookAtTheOuterTtl() {
        byte[] packet = Packets.outer(Mode.IPIP.protocol(), INNER_IPV4).ttl(0).build();

        assertForwarded(decapsulate(ipip(), packet), INNER_IPV4);
    }

    @Test
    void leavesOtherProtocolsAlone() {
        for (int protocol = 0; protocol < 256; protocol++) {
            if (!TAKEN.contains(protocol)) {
                byte[] packet = Packets.outer(protocol, INNER_IPV4).build();
                assertThat(decapsulate(gre(), packet).verdict).isEqualTo(Verdict.IGNORE);
            }
        }
    }

    /** CVE-2026-7473: a tunnel of one mode must not open packets of another. */
    @Test
    void refusesAModeThatIsNotConfigured() {
        assertThat(SlotMemory.outcome(decapsulate(gre(), Packets.ipip(INNER_IPV4))))
                .isEqualTo("no_tunnel");
        assertThat(SlotMemory.outcome(decapsulate(ipip(), Packets.gre(Packets.gre()))))
                .isEqualTo("no_tunnel");
    }

    @Test
    void refusesAPayloadThatATunnelOfModeSitDoesNotCarry() {
        assertThat(SlotMemory.outcome(decapsulate(sit(Payload.IP6IP), Packets.ipip(INNER_IPV4))))
                .isEqualTo("no_tunnel");
        assertThat(SlotMemory.outcome(decapsulate(sit(Payload.IPIP), sitPacket(INNER_IPV6))))
                .isEqualTo("no_tunnel");
    }

    @Test
    void givesIpv4InIpv4ToModeIpipBeforeModeSit() {
        Tunnel ipip = TestTunnels.tunnel(ipip());
        Tunnel sit = TestTunnels.tunnel(sit(Payload.ANY));
        for (List<Tunnel> tunnels : List.of(List.of(ipip, sit), List.of(sit, ipip))) {
            Slot slot = memory.slot(Packets.ipip(INNER_IPV4), new TunnelTable(tunnels));
            Decapsulation.decapsulate(slot);
            assertThat(slot.tunnel).isSameAs(ipip);
        }
    }

    private record Refusal(DropReason reason, TunnelSpecBuilder spec, byte[] packet) {
        @Override
        public String toString() {
            return reason.word();
        }
    }

    private static Refusal refusal(DropReason reason, TunnelSpecBuilder spec, byte[] packet) {
        return new Refusal(reason, spec, packet);
    }

    private static TunnelSpecBuilder minenc() {
        return TestTunnels.spec(Mode.MINENC);
    }

    /** What it carries has addresses of {@link Packets#ipv4}; without a source, the outer one. */
    private static byte[] minencPacket(boolean hasSource) {
        byte[] payload = Packets.udp(0, Packets.data(13));
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[(hasSource ? 12 : 8) + payload.length]);
        MinimalEncapsulationFlyweight shim = new MinimalEncapsulationFlyweight()
                .wrap(buffer, 0)
                .protocol(17)
                .hasSource(hasSource)
                .originalDestination(0xc6336407);
        if (hasSource) {
            shim.originalSource(0xc0000201);
        }
        buffer.putBytes(shim.updateChecksum().payloadOffset(), payload);
        return Packets.outer(55, buffer.byteArray()).tos(2).build();
    }

    @Test
    void putsTheHeaderBackInModeMinenc() {
        byte[] payload = Packets.udp(0, Packets.data(13));

        assertForwarded(
                decapsulate(minenc(), minencPacket(true)),
                Packets.ipv4().tos(2).payload(payload).build());
        assertForwarded(
                decapsulate(minenc(), minencPacket(false)),
                Packets.ipv4().source(Packets.REMOTE).tos(2).payload(payload).build());
        assertForwarded(decapsulate(minenc(), Packets.ipip(INNER_IPV4)), INNER_IPV4);
    }

    private static Refusal sixToFour(DropReason reason, int outerSource, String source, String destination) {
        byte[] inner = source.isEmpty() ? Packets.cut(INNER_IPV6, 39) : ipv6(source, destination);
        return refusal(reason, TestTunnels.spec(Mode.SIT).remote(null), sitPacket(outerSource, inner));
    }

    /** RFC 1122 section 3.2.1.3, and this end's own address: the kernel has not judged what a packet socket receives. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 0x7f000001, 0xe0000001, 0xef010203, 0xf0000001, 0xffffffff, Packets.LOCAL})
    void refusesSourcesThatNoPeerCanHave(int source) {
        for (TunnelSpecBuilder spec : List.of(
                gre().remote(null),
                ipip().remote(null),
                TestTunnels.spec(Mode.SIT).remote(null),
                TestTunnels.spec(Mode.ISATAP).remote(null))) {
            Mode mode = spec.build().mode();
            byte[] payload = mode == Mode.GRE ? Packets.gre().build() : mode == Mode.IPIP ? INNER_IPV4 : INNER_IPV6;
            byte[] packet =
                    Packets.outer(mode.protocol(), payload).source(source).build();

            assertThat(SlotMemory.outcome(decapsulate(spec, packet)))
                    .as("%s", mode)
                    .isEqualTo("outer_source");
        }
    }

    private static Refusal isatap(DropReason reason, String source) {
        return refusal(
                reason, TestTunnels.spec(Mode.ISATAP).remote(null), sitPacket(0xc6336402, ipv6(source, "fe80::1")));
    }

    private static byte[] sitPacket(int outerSource, byte[] inner) {
        return Packets.outer(41, inner).source(outerSource).build();
    }

    private static byte[] ipv6(String source, String destination) {
        ByteBuffer from = ByteBuffer.wrap(InetAddress.ofLiteral(source).getAddress());
        ByteBuffer to = ByteBuffer.wrap(InetAddress.ofLiteral(destination).getAddress());
        return Packets.ipv6()
                .source(from.getLong(), from.getLong())
                .destination(to.getLong(), to.getLong())
                .payload(Packets.udp(0, Packets.data(13)))
                .build();
    }

    @ParameterizedTest
    @CsvSource({
        "2002:c633:6402::1, 2002:cb00:7101::1",
        "2001:db8::1, 2002:cb00:7101::1",
        "2002:c633:6402::1, 2001:db8::1"
    })
    void takesWhatSixToFourMaySend(String source, String destination) {
        byte[] inner = ipv6(source, destination);

        assertForwarded(decapsulate(TestTunnels.spec(Mode.SIT).remote(null), sitPacket(0xc6336402, inner)), inner);
    }

    @Test
    void checksTheAddressesOfASixRdPrefix() {
        SitOptions options = SitOptions.DEFAULT.withSixRd(Prefix.parse("2001:db8::/29"), Prefix.parse("10.0.0.0/8"));
        TunnelSpecBuilder spec = TestTunnels.spec(Mode.SIT)
                .remote(null)
                .local(TestTunnels.address(0x0a000001))
                .sit(options);
        byte[] sound = ipv6("2001:dbb:2323:2800::1", "2001:db8:0:800::1");
        byte[] packet = Packets.outer(41, sound)
                .source(0x0a646465)
                .destination(0x0a000001)
                .build();

        assertForwarded(decapsulate(spec, packet), sound);
        byte[] forged = Packets.outer(41, sound)
                .source(0x0a646464)
                .destination(0x0a000001)
                .build();
        assertThat(SlotMemory.outcome(decapsulate(spec, forged))).isEqualTo("spoofed_source");
    }

    /** RFC 5214 section 7.3: potential routers may send anything, others only as themselves, and on the link. */
    @Test
    void takesWhatIsatapRoutersAndNeighboursMaySend() {
        InetAddress router = InetAddress.ofLiteral("198.51.100.2");
        Tunnel tunnel = TestTunnels.tunnel(
                TestTunnels.spec(Mode.ISATAP).remote(null).sit(SitOptions.DEFAULT.withPrl(List.of(), List.of(router))));
        tunnel.onLink(List.of(Prefix.parse("2001:db8::/64")));
        TunnelTable table = new TunnelTable(List.of(tunnel));
        Map<byte[], String> expected = Map.of(
                sitPacket(0xc6336402, ipv6("2001:db8:1::1", "2001:db8::1")), "FORWARD",
                sitPacket(0xc6336403, ipv6("2001:db8:1::1", "2001:db8::1")), "spoofed_source",
                sitPacket(0xc6336403, ipv6("2001:db8::5efe:198.51.100.3", "2001:db8::1")), "FORWARD",
                sitPacket(0xc6336403, ipv6("2001:db8::200:5efe:198.51.100.3", "2001:db8::1")), "FORWARD",
                sitPacket(0xc6336403, ipv6("2001:db8::1:5efe:198.51.100.3", "2001:db8::1")), "spoofed_source",
                sitPacket(0xc6336403, ipv6("2001:db9::5efe:198.51.100.3", "2001:db8::1")), "spoofed_source");
        expected.forEach((packet, outcome) -> {
            Slot slot = memory.slot(packet, table);
            Decapsulation.decapsulate(slot);
            assertThat(SlotMemory.outcome(slot)).isEqualTo(outcome);
        });
    }

    private static byte[] mpls(byte[] packet) {
        return Packets.outer(137, packet).build();
    }

    private static Refusal inner(DropReason reason, Packets.Ipv4 inner) {
        return refusal(reason, ipip(), Packets.ipip(inner.build()));
    }

    private static byte[] gre(Packets.Gre packet) {
        return Packets.gre(packet);
    }

    /** The GRE header's byte of that index changed. */
    private static byte[] gre(int index, int value) {
        return Packets.with(gre(Packets.gre()), OUTER + index, value);
    }

    private static Stream<Refusal> refusals() {
        return Stream.of(
                refusal(DropReason.NO_TUNNEL, gre().remote(TestTunnels.address(0xcb007109)), gre(Packets.gre())),
                refusal(
                        DropReason.OUTER_SOURCE,
                        gre().remote(TestTunnels.address(0xef010203)),
                        Packets.outer(47, Packets.gre().payload(INNER_IPV4).build())
                                .source(Packets.LOCAL)
                                .destination(0xef010203)
                                .build()),
                refusal(DropReason.KEY_MISMATCH, gre().ikey(1), gre(Packets.gre())),
                refusal(DropReason.KEY_MISMATCH, gre(), gre(Packets.gre().key(0))),
                refusal(
                        DropReason.GRE_MALFORMED,
                        gre(),
                        Packets.outer(47, new byte[3]).build()),
                refusal(
                        DropReason.GRE_MALFORMED,
                        gre(),
                        Packets.outer(47, new byte[] {(byte) 0x80, 0, 8, 0, 0, 0, 0})
                                .build()),
                refusal(DropReason.GRE_VERSION, gre(), gre(1, 1)),
                refusal(DropReason.GRE_RESERVED, gre(), gre(0, 0x40)),
                refusal(DropReason.GRE_PROTOCOL, gre(), gre(Packets.gre().protocol(0x6558))),
                refusal(
                        DropReason.FRAME_MALFORMED,
                        TestTunnels.spec(Mode.GRETAP),
                        gre(Packets.gre().protocol(0x6558).payload(new byte[13]))),
                refusal(
                        DropReason.ERSPAN_MALFORMED,
                        TestTunnels.spec(Mode.ERSPAN),
                        gre(Packets.gre().protocol(0x22eb).sequence(0).payload(new byte[7]))),
                refusal(DropReason.CSUM_MISSING, gre().icsum(true), gre(Packets.gre())),
                refusal(DropReason.CSUM_UNEXPECTED, gre(), gre(Packets.gre().checksum(true))),
                refusal(
                        DropReason.CSUM_BAD,
                        gre().icsum(true),
                        Packets.with(gre(Packets.gre().checksum(true)), OUTER + 4, 0)),
                refusal(DropReason.SEQ_MISSING, gre().iseq(true), gre(Packets.gre())),
                refusal(
                        DropReason.ECN,
                        ipip(),
                        Packets.outer(4, INNER_IPV4).tos(3).build()),
                refusal(DropReason.INNER_MALFORMED, ipip(), Packets.ipip(new byte[0])),
                refusal(DropReason.INNER_MALFORMED, gre(), gre(Packets.gre().payload(new byte[0]))),
                refusal(DropReason.INNER_MALFORMED, ipip(), Packets.ipip(Packets.cut(INNER_IPV4, 19))),
                refusal(DropReason.INNER_CHECKSUM, ipip(), Packets.ipip(Packets.with(INNER_IPV4, 10, 0))),
                refusal(DropReason.INNER_FAMILY, ipip(), Packets.ipip(INNER_IPV6)),
                refusal(DropReason.INNER_FAMILY, gre(), gre(Packets.gre().payload(INNER_IPV6))),
                refusal(DropReason.INNER_FAMILY, gre(), gre(Packets.gre().protocol(0x86dd))),
                refusal(DropReason.MPLS_MALFORMED, sit(Payload.ANY), mpls(Packets.cut(LABELLED, 3))),
                refusal(
                        DropReason.NHRP_MALFORMED,
                        gre(),
                        gre(Packets.gre().protocol(0x2001).payload(new byte[19]))),
                refusal(DropReason.INNER_TTL, sit(Payload.ANY), mpls(Packets.with(LABELLED, 3, 0))),
                refusal(
                        DropReason.INNER_SOURCE,
                        gre().innerSource(List.of(Prefix.parse("10.0.0.0/8"))),
                        gre(Packets.gre().protocol(0x8847).payload(LABELLED))),
                refusal(DropReason.INNER_FAMILY, sit(Payload.ANY), sitPacket(INNER_IPV4)),
                refusal(DropReason.INNER_MALFORMED, sit(Payload.IP6IP), sitPacket(Packets.cut(INNER_IPV6, 39))),
                refusal(
                        DropReason.MINENC_MALFORMED,
                        minenc(),
                        Packets.outer(55, new byte[7]).build()),
                refusal(
                        DropReason.MINENC_MALFORMED,
                        minenc(),
                        Packets.outer(55, new byte[] {17, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0})
                                .build()),
                refusal(DropReason.MINENC_CHECKSUM, minenc(), Packets.with(minencPacket(true), OUTER + 3, 1)),
                refusal(DropReason.NO_TUNNEL, minenc().remote(TestTunnels.address(0xcb007109)), minencPacket(true)),
                sixToFour(DropReason.SPOOFED_SOURCE, 0xc6336402, "2002:c633:6403::1", "2002:cb00:7101::1"),
                sixToFour(DropReason.SPOOFED_DESTINATION, 0xc6336402, "2002:c633:6402::1", "2002:cb00:7102::1"),
                sixToFour(DropReason.EMBEDDED_ADDRESS, 0xc6336402, "2002:e000:1::1", "2002:cb00:7101::1"),
                sixToFour(DropReason.EMBEDDED_ADDRESS, 0xc6336402, "2002:7f00:1::1", "2002:cb00:7101::1"),
                sixToFour(DropReason.EMBEDDED_ADDRESS, 0x0a000001, "2002:a00:1::1", "2002:cb00:7101::1"),
                sixToFour(DropReason.OUTER_SOURCE, 0x7f000001, "2001:db8::1", "2002:cb00:7101::1"),
                sixToFour(DropReason.INNER_MALFORMED, 0xc6336402, "", ""),
                isatap(DropReason.SPOOFED_SOURCE, "2001:db8::1"),
                isatap(DropReason.SPOOFED_SOURCE, "fe80::5efe:198.51.100.3"),
                isatap(DropReason.SPOOFED_SOURCE, "fe80::5efe:198.51.100.2"),
                inner(DropReason.INNER_TTL, Packets.ipv4().ttl(0)),
                inner(DropReason.MARTIAN, Packets.ipv4().source(0x7f000001)),
                inner(DropReason.MARTIAN, Packets.ipv4().destination(0x7f000001)),
                refusal(
                        DropReason.INNER_SOURCE,
                        ipip().innerSource(List.of(Prefix.parse("10.0.0.0/8"))),
                        Packets.ipip(INNER_IPV4)));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesForThatReason(Refusal refusal) {
        Slot slot = decapsulate(refusal.spec(), refusal.packet());

        assertThat(SlotMemory.outcome(slot)).isEqualTo(refusal.reason().word());
        assertThat(slot.offset).isEqualTo(Slot.HEADROOM);
        assertThat(slot.innerLength).isEqualTo(refusal.packet().length);
        assertThat(slot.tunnel == null)
                .as("whether no tunnel counts the drop")
                .isEqualTo(EnumSet.of(
                                DropReason.NO_TUNNEL,
                                DropReason.KEY_MISMATCH,
                                DropReason.GRE_MALFORMED,
                                DropReason.MINENC_MALFORMED,
                                DropReason.GRE_VERSION,
                                DropReason.GRE_RESERVED,
                                DropReason.ERSPAN_MALFORMED)
                        .contains(refusal.reason()));
    }

    /** WRONG_DEVICE is tested with the look-up; the others belong to other stages or to paths not built yet. */
    @Test
    void hasARefusalForEveryReasonOfDecapsulation() {
        Set<DropReason> reasons = EnumSet.range(DropReason.NO_TUNNEL, DropReason.MARTIAN);
        reasons.removeAll(EnumSet.of(DropReason.WRONG_DEVICE, DropReason.SEQ_LATE, DropReason.NESTED));
        // NonIpPacketsTest's.
        reasons.remove(DropReason.DEVICE_IP_ONLY);
        // These are UdpEncapTest's.
        reasons.removeAll(EnumSet.range(DropReason.UDP_MALFORMED, DropReason.ENCAP_MISMATCH));
        // L2tpTest's.
        reasons.removeAll(EnumSet.range(DropReason.L2TP_MALFORMED, DropReason.L2TP_COOKIE));
        // PptpTest's, and of the other direction PtyPortTest's.
        reasons.remove(DropReason.PPTP_CALL);
        reasons.removeAll(EnumSet.of(DropReason.FRAME_FCS, DropReason.FRAME_ABORTED, DropReason.FRAME_TOO_LONG));
        // RouterDiscoveryTest's.
        reasons.remove(DropReason.UNLISTED_ROUTER);
        // These are EspTunnelTest's.
        reasons.removeAll(EnumSet.range(DropReason.ESP_MALFORMED, DropReason.SA_EXPIRED));

        assertThat(refusals().map(Refusal::reason)).containsAll(reasons);
    }

    /** Golden packets of every option, each with the tunnel that takes it. */
    private static List<Refusal> sound() {
        List<Refusal> sound = new ArrayList<>();
        sound.add(refusal(DropReason.INTERNAL, ipip(), Packets.ipip(INNER_IPV4)));
        sound.add(refusal(DropReason.INTERNAL, sit(Payload.IP6IP), sitPacket(INNER_IPV6)));
        sound.add(refusal(DropReason.INTERNAL, minenc(), Packets.ipip(INNER_IPV4)));
        for (int options = 0; options < 16; options++) {
            boolean checksum = (options & 1) != 0;
            Integer key = (options & 2) != 0 ? 7 : null;
            boolean sequence = (options & 4) != 0;
            boolean ipv4 = (options & 8) != 0;
            sound.add(refusal(
                    DropReason.INTERNAL,
                    gre().icsum(checksum).ikey(key).iseq(sequence),
                    gre(Packets.gre()
                            .checksum(checksum)
                            .key(key)
                            .sequence(sequence ? 5 : null)
                            .protocol(ipv4 ? 0x0800 : 0x86dd)
                            .payload(ipv4 ? INNER_IPV4 : INNER_IPV6))));
        }
        return sound;
    }

    /** The outer header says how much there is; memory behind it holds nothing, so a look there throws. */
    @Test
    void refusesEveryTruncation() {
        for (Refusal golden : sound()) {
            assertThat(SlotMemory.outcome(decapsulate(golden.spec(), golden.packet())))
                    .isEqualTo("FORWARD");
            for (int length = OUTER; length < golden.packet().length; length++) {
                byte[] packet = Packets.cut(golden.packet(), length);
                new Ipv4Flyweight()
                        .wrap(new UnsafeBuffer(packet), 0)
                        .totalLength(length)
                        .updateChecksum();

                assertThat(decapsulate(golden.spec(), packet).verdict).isEqualTo(Verdict.DROP);
            }
        }
    }

    @Test
    void forwardsNoMoreThanThereIsWhateverBitIsFlipped() {
        for (Refusal golden : sound()) {
            int end = Slot.HEADROOM + golden.packet().length;
            for (int bit = OUTER * 8; bit < golden.packet().length * 8; bit++) {
                byte flipped = (byte) (golden.packet()[bit / 8] ^ 1 << bit % 8);
                Slot slot = decapsulate(golden.spec(), Packets.with(golden.packet(), bit / 8, flipped));

                if (slot.verdict == Verdict.FORWARD) {
                    assertThat(slot.offset).isGreaterThanOrEqualTo(Slot.HEADROOM + OUTER);
                    assertThat(slot.offset + slot.length).isLessThanOrEqualTo(end);
                }
            }
        }
    }
}
