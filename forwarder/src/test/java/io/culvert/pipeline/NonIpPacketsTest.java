package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.MtuSource;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.Payload;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.SlotMemory;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import io.culvert.tunnel.TunnelTable;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MPLS and NHRP both ways; outer bytes as scapy builds them. */
final class NonIpPacketsTest {

    private static final int MPLS = 0x8847;
    private static final int MPLS_MULTICAST = 0x8848;
    private static final int NHRP = 0x2001;
    private static final int OUTER = 20;

    /** Two labels, 100 with TTL 63 and 16, and IPv4 with ECT(0) behind them. */
    private static final byte[] LABELLED =
            Hex.bytes("0006463f 0001013e 4502002300010000 3f118f8b c0000201 c6336407 13881770000f3f3d 63756c76657274");

    /** A registration request, as captured: see src/test/resources/captures/README.md. */
    private static final byte[] REQUEST = Hex.bytes("000108000000000000ff006c197b0034010304000404800200000001a9fe6401"
            + "9b0100019b0100050020000045f81c20000000008003000080040000800500008007000c000000014e48525041555448"
            + "000900140020000045f8000004000400a9fe64059b01000580000000");

    private final SlotMemory memory = new SlotMemory();
    private final EncapStage encap = new EncapStage();
    private final DecapStage decap = new DecapStage();

    private static TunnelSpecBuilder spec(String words) {
        return switch (words) {
            case "sit any" -> TestTunnels.spec(Mode.SIT).payload(Payload.ANY);
            case "sit mplsip" -> TestTunnels.spec(Mode.SIT).payload(Payload.MPLSIP);
            case "ipip any" -> TestTunnels.spec(Mode.IPIP).payload(Payload.ANY);
            case "ipip mplsip" -> TestTunnels.spec(Mode.IPIP).payload(Payload.MPLSIP);
            case "gre key csum" -> TestTunnels.spec(Mode.GRE).key(0x01020304).csum(true);
            default -> {
                Mode mode = Mode.ofWord(words);
                assertThat(mode).isNotNull();
                yield mode.isOuterIpv6()
                        ? TunnelSpec.builder("t1", mode)
                                .local(InetAddress.ofLiteral("2001:db8:ffff::1"))
                                .remote(InetAddress.ofLiteral("2001:db8:ffff::2"))
                        : TestTunnels.spec(mode);
            }
        };
    }

    private static Tunnel tunnel(TunnelSpecBuilder spec, int mtu) {
        Tunnel tunnel = TestTunnels.tunnel(spec);
        tunnel.route(TestTunnels.resolved(mtu, Packets.LOCAL, new byte[OuterRoute.LINK_LENGTH]));
        return tunnel;
    }

    private Slot encapsulate(TunnelSpecBuilder spec, int etherType, byte[] packet) {
        return encapsulate(tunnel(spec, 1500), etherType, packet);
    }

    private Slot encapsulate(Tunnel tunnel, int etherType, byte[] packet) {
        Slot slot = memory.slot(packet);
        slot.etherType = etherType;
        slot.tunnel = tunnel;
        slot.identification = 0x7a69;
        encap.process(slot);
        return slot;
    }

    private Slot decapsulate(TunnelSpecBuilder spec, byte[] packet) {
        Slot slot = memory.slot(packet, new TunnelTable(List.of(TestTunnels.tunnel(spec))));
        decap.process(slot);
        return slot;
    }

    private static byte[] mpls(byte[] packet) {
        return Packets.outer(137, packet).build();
    }

    private static byte[] gre(int etherType, byte[] packet) {
        return Packets.gre(Packets.gre().protocol(etherType).payload(packet));
    }

    /** Not even where they can be read are ECN bits taken over: as in Linux. */
    @ParameterizedTest
    @CsvSource({
        "sit any, 8847, 4500003f7a694000408947c8cb007101cb007102",
        "sit mplsip, 8847, 4500003f7a694000408947c8cb007101cb007102",
        "ipip any, 8847, 4500003f7a694000408947c8cb007101cb007102",
        "ipip mplsip, 8847, 4500003f7a694000408947c8cb007101cb007102",
        "gre, 8847, 450000437a694000402f481ecb007101cb00710200008847",
        "gre, 8848, 450000437a694000402f481ecb007101cb00710200008848"
    })
    void prependsTheOuterHeaderToLabels(String spec, String etherType, String outer) {
        Slot slot = encapsulate(spec(spec), Integer.parseInt(etherType, 16), LABELLED);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(Hex.text(SlotMemory.packet(slot))).isEqualTo(outer + Hex.text(LABELLED));
    }

    @ParameterizedTest
    @CsvSource({"any6, 002b, 89, ''", "ip6gre, 002f, 2f, 00008847"})
    void prependsAnOuterIpv6HeaderToLabels(String mode, String length, String next, String shim) {
        TunnelSpecBuilder spec = spec(mode);
        Slot slot = encapsulate(spec.ipv6(spec.build().ipv6().withEncapLimit(-1).withFlowLabel(5)), MPLS, LABELLED);

        assertThat(Hex.text(SlotMemory.packet(slot)))
                .isEqualTo("60000005" + length + next + "40" + "20010db8ffff00000000000000000001"
                        + "20010db8ffff00000000000000000002" + shim + Hex.text(LABELLED));
    }

    /** ip_tunnel_xmit: a TTL to inherit is the route's, and a TOS is what stands behind inherit/. */
    @ParameterizedTest
    @CsvSource({"0, 0, 40, 00", "0, 1, 40, 00", "0, 17, 40, 10", "9, 16, 09, 10", "9, 255, 09, fc"})
    void inheritsNeitherTtlNorTos(int ttl, int tos, String outerTtl, String outerTos) {
        Slot slot = encapsulate(spec("gre").ttl(ttl).tos(tos), MPLS, LABELLED);

        assertThat(Hex.text(SlotMemory.bytes(slot, slot.offset + 8, 1))).isEqualTo(outerTtl);
        assertThat(Hex.text(SlotMemory.bytes(slot, slot.offset + 1, 1))).isEqualTo(outerTos);
    }

    @ParameterizedTest
    @CsvSource({
        "sit any, 20",
        "sit mplsip, 20",
        "ipip any, 20",
        "ipip mplsip, 20",
        "gre, 24",
        "any6, 48",
        "ip6gre, 52",
        "gre key csum, 32"
    })
    void takesOffWhatItPrepends(String words, int headers) {
        Tunnel sender = tunnel(spec(words), 1500);
        Slot sent = encapsulate(sender, MPLS, LABELLED);
        assertThat(sent.length).isEqualTo(headers + LABELLED.length);
        byte[] packet = SlotMemory.packet(sent);
        TunnelSpec there = spec(words).build();
        TunnelSpecBuilder receiver = spec(words).local(there.remote()).remote(there.local());

        Slot slot = decapsulate(receiver.ttl(64), packet);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(slot.etherType).isEqualTo(MPLS);
        assertThat(SlotMemory.packet(slot)).isEqualTo(LABELLED);
        assertThat(slot.innerLength).isEqualTo(LABELLED.length);
    }

    @Test
    void passesNhrpAsItIs() {
        Slot sent = encapsulate(spec("gre"), NHRP, REQUEST);
        assertThat(Hex.text(SlotMemory.packet(sent))).endsWith("00002001" + Hex.text(REQUEST));

        Slot taken = decapsulate(spec("gre"), gre(NHRP, REQUEST));
        assertThat(taken.etherType).isEqualTo(NHRP);
        assertThat(SlotMemory.packet(taken)).isEqualTo(REQUEST);
    }

    @Test
    void tellsMulticastByTheProtocolType() {
        assertThat(decapsulate(spec("gre"), gre(MPLS_MULTICAST, LABELLED)).etherType)
                .isEqualTo(MPLS_MULTICAST);
    }

    /** The outer packet is marked Congestion Experienced, and nothing inside can say so: as in Linux. */
    @Test
    void takesMarkedPackets() {
        byte[] marked = Packets.outer(137, LABELLED).tos(3).build();

        assertThat(SlotMemory.outcome(decapsulate(spec("sit any"), marked))).isEqualTo("FORWARD");
    }

    @ParameterizedTest
    @CsvSource({
        "sit any, 8848, inner_family",
        "ipip, 8847, 'inner_family'",
        "sit, 8847, inner_family",
        "ip6ip6, 8847, inner_family",
        "sit any, 2001, inner_family",
        "any6, 2001, inner_family",
        "gre, 0806, inner_family",
        "gre, 88cc, inner_family"
    })
    void sendsNoOtherPayload(String spec, String etherType, String reason) {
        Slot slot = encapsulate(spec(spec), Integer.parseInt(etherType, 16), LABELLED);

        assertThat(SlotMemory.outcome(slot)).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource({"sit", "ipip", "isatap", "minenc", "gre"})
    void receivesNoMplsThatIsNotConfigured(String mode) {
        assertThat(SlotMemory.outcome(decapsulate(spec(mode), mpls(LABELLED)))).isEqualTo("no_tunnel");
    }

    @ParameterizedTest
    @CsvSource({"sit mplsip, 41", "sit mplsip, 4", "ipip mplsip, 4"})
    void receivesNothingButMplsWhereThatIsConfigured(String spec, int protocol) {
        byte[] inner = protocol == 4
                ? Packets.ipv4().payload(Packets.data(9)).build()
                : Packets.ipv6().payload(Packets.data(9)).build();

        assertThat(SlotMemory.outcome(
                        decapsulate(spec(spec), Packets.outer(protocol, inner).build())))
                .isEqualTo("no_tunnel");
    }

    /** Linux asks ipip first, and that one does not pass on. */
    @Test
    void givesMplsToModeIpipBeforeModeSit() {
        Tunnel ipip = TestTunnels.tunnel(spec("ipip mplsip"));
        Tunnel sit = TestTunnels.tunnel(spec("sit any"));
        for (List<Tunnel> tunnels : List.of(List.of(ipip, sit), List.of(sit, ipip))) {
            Slot slot = memory.slot(mpls(LABELLED), new TunnelTable(tunnels));
            decap.process(slot);
            assertThat(slot.tunnel).isSameAs(ipip);
        }
    }

    @Test
    void refusesWhatIsShorterThanALabelInBothDirections() {
        for (int length = 0; length < 4; length++) {
            byte[] cut = Packets.cut(LABELLED, length);
            assertThat(SlotMemory.outcome(decapsulate(spec("sit any"), mpls(cut))))
                    .isEqualTo("mpls_malformed");
            assertThat(SlotMemory.outcome(decapsulate(spec("gre"), gre(MPLS, cut))))
                    .isEqualTo("mpls_malformed");
        }
        assertThat(SlotMemory.outcome(encapsulate(spec("gre"), MPLS, Packets.cut(LABELLED, 3))))
                .isEqualTo("mpls_malformed");
    }

    /** What follows the first label is for whoever takes that off. */
    @Test
    void looksAtTheFirstLabelOnly() {
        byte[] withoutBottom = Packets.cut(LABELLED, 6);

        assertThat(SlotMemory.outcome(decapsulate(spec("sit any"), mpls(withoutBottom))))
                .isEqualTo("FORWARD");
        assertThat(SlotMemory.outcome(encapsulate(spec("sit any"), MPLS, withoutBottom)))
                .isEqualTo("FORWARD");
    }

    @Test
    void refusesALabelWhoseTimeIsOver() {
        byte[] over = Packets.with(LABELLED, 3, 0);

        assertThat(SlotMemory.outcome(decapsulate(spec("sit any"), mpls(over)))).isEqualTo("inner_ttl");
        assertThat(SlotMemory.outcome(encapsulate(spec("sit any"), MPLS, over))).isEqualTo("inner_ttl");
    }

    @Test
    void refusesNhrpThatIsShorterThanItsFixedPart() {
        byte[] cut = Packets.cut(REQUEST, 19);

        assertThat(SlotMemory.outcome(decapsulate(spec("gre"), gre(NHRP, cut)))).isEqualTo("nhrp_malformed");
        assertThat(SlotMemory.outcome(encapsulate(spec("gre"), NHRP, cut))).isEqualTo("nhrp_malformed");
    }

    /** A sender on this host may say anything in front of its packet. */
    @Test
    void refusesSuperPacketsAndChecksumsElsewhere() {
        Slot slot = memory.slot(gre(MPLS, LABELLED), new TunnelTable(List.of(TestTunnels.tunnel(spec("gre")))));
        slot.gsoType = 1;
        decap.process(slot);
        assertThat(SlotMemory.outcome(slot)).isEqualTo("mpls_malformed");

        slot = memory.slot(gre(NHRP, REQUEST), new TunnelTable(List.of(TestTunnels.tunnel(spec("gre")))));
        slot.checksumPartial = true;
        slot.checksumStart = slot.offset + slot.length;
        decap.process(slot);
        assertThat(SlotMemory.outcome(slot)).isEqualTo("nhrp_malformed");
    }

    /** The sources that a tunnel accepts are those of IP packets. */
    @Test
    void refusesWhatHasNoSourceWhereSourcesAreFiltered() {
        TunnelSpecBuilder filtered = spec("gre").innerSource(List.of(Prefix.parse("192.0.2.0/24")));

        assertThat(SlotMemory.outcome(decapsulate(filtered, gre(MPLS, LABELLED))))
                .isEqualTo("inner_source");
        assertThat(SlotMemory.outcome(decapsulate(filtered, gre(NHRP, REQUEST))))
                .isEqualTo("inner_source");
    }

    @Test
    void refusesThemWhereTheDeviceWasMadeForIpOnly() {
        Tunnel changed = TestTunnels.tunnel(spec("gre"), new ScriptedDevice());
        Slot slot = memory.slot(gre(MPLS, LABELLED), new TunnelTable(List.of(changed)));
        decap.process(slot);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("device_ip_only");
    }

    @Test
    void tellsNobodyThatTheyAreTooBigOrHaveNoRoute() {
        assertThat(SlotMemory.outcome(encapsulate(tunnel(spec("gre"), 66), MPLS, LABELLED)))
                .isEqualTo("too_big");
        assertThat(SlotMemory.outcome(encapsulate(tunnel(spec("gre"), 67), MPLS, LABELLED)))
                .isEqualTo("FORWARD");
        Tunnel nowhere = TestTunnels.tunnel(spec("gre"));
        nowhere.route(OuterRoute.unusable(DropReason.NO_ROUTE));
        assertThat(SlotMemory.outcome(encapsulate(nowhere, MPLS, LABELLED))).isEqualTo("no_route");
    }

    /** As ip_tunnel_xmit has it: without DF the kernel cuts what the path does not take. */
    @ParameterizedTest
    @CsvSource({
        "gre, false, 66, FORWARD, true",
        "gre, false, 67, FORWARD, false",
        "ipip any, false, 62, FORWARD, true",
        "sit mplsip, false, 62, FORWARD, true",
        "gre, true, 66, too_big, false",
        "any6, false, 86, too_big, false"
    })
    void cutsTheOuterPacketWhereDfIsNotSet(String words, boolean pmtudisc, int mtu, String outcome, boolean fragments) {
        Slot slot = encapsulate(tunnel(spec(words).pmtudisc(pmtudisc), mtu), MPLS, LABELLED);

        assertThat(SlotMemory.outcome(slot)).isEqualTo(outcome);
        assertThat(slot.outerFragments).isEqualTo(fragments);
    }

    /** Routers cut what goes by a path with an MTU below the least: DF is not set there, whatever the tunnel says. */
    @Test
    void cutsTheOuterPacketWhereThePathIsLocked() {
        Tunnel tunnel = tunnel(spec("gre"), 1500);
        tunnel.route(TestTunnels.resolved(66, Packets.LOCAL, new byte[OuterRoute.LINK_LENGTH])
                .withMtu(66, MtuSource.ICMP_LOCKED));

        assertThat(encapsulate(tunnel, MPLS, LABELLED).outerFragments).isTrue();
    }

    /** No IP packet is longer, in however many fragments it goes. */
    @Test
    void cutsNothingThatNoIpPacketHasRoomFor() {
        Tunnel tunnel = tunnel(spec("gre").pmtudisc(false), 1500);
        byte[] longest = Arrays.copyOf(LABELLED, Slot.MAX_PACKET - 24);

        assertThat(encapsulate(tunnel, MPLS, longest).outerFragments).isTrue();
        assertThat(SlotMemory.outcome(encapsulate(tunnel, MPLS, Arrays.copyOf(longest, longest.length + 1))))
                .isEqualTo("too_big");
    }

    @Test
    void hasNoDestinationForThemWithoutARemote() {
        TunnelSpecBuilder multipoint = spec("gre").remote(null);

        assertThat(SlotMemory.outcome(encapsulate(multipoint, NHRP, REQUEST))).isEqualTo("no_next_hop");
    }

    /** A port by the labels: what is behind them has no part in it. */
    @Test
    void spreadsLabelsOverUdpPorts() {
        TunnelSpecBuilder spec = spec("ipip any")
                .encap(new io.culvert.tunnel.UdpEncap(io.culvert.tunnel.UdpEncap.Kind.GUE, 0, 5555, false));
        byte[] other = Packets.with(LABELLED, LABELLED.length - 1, 7);
        byte[] otherLabel = Packets.with(LABELLED, 1, 7);

        byte[] first = port(encapsulate(spec, MPLS, LABELLED));
        assertThat(port(encapsulate(spec, MPLS, other))).isEqualTo(first);
        assertThat(port(encapsulate(spec, MPLS, otherLabel))).isNotEqualTo(first);
        Slot slot = encapsulate(spec, MPLS, LABELLED);
        assertThat(Hex.text(SlotMemory.bytes(slot, slot.offset + OUTER + 8, 4))).isEqualTo("00890000");
    }

    private static byte[] port(Slot slot) {
        return SlotMemory.bytes(slot, slot.offset + OUTER, 2);
    }

    @Test
    void writesWhatThePacketIsInFrontOfTheVirtioHeader() {
        Slot slot = memory.slot(LABELLED);
        Tunnel tunnel = TestTunnels.tunnel(spec("gre"));
        slot.etherType = MPLS;
        assertThat(InnerHeader.store(slot, tunnel.device())).isEqualTo(14);
        assertThat(Hex.text(SlotMemory.bytes(slot, slot.offset - 14, 14))).isEqualTo("00008847" + "0".repeat(20));

        slot = memory.slot(Packets.ipv4().build());
        InnerHeader.store(slot, tunnel.device());
        assertThat(Hex.text(SlotMemory.bytes(slot, slot.offset - 14, 4))).isEqualTo("00000800");
        slot = memory.slot(Packets.ipv6().build());
        InnerHeader.store(slot, tunnel.device());
        assertThat(Hex.text(SlotMemory.bytes(slot, slot.offset - 14, 4))).isEqualTo("000086dd");

        assertThat(InnerHeader.store(memory.slot(LABELLED), new ScriptedDevice()))
                .isEqualTo(10);
    }

    @Test
    void readsWhatThePacketIs() {
        Tunnel tunnel = TestTunnels.tunnel(spec("gre"));
        for (String type : List.of("8847", "2001", "0800", "86dd")) {
            Slot slot = memory.slot(LABELLED);
            slot.buffer.putBytes(Slot.HEADROOM - 14, Hex.bytes("0000" + type + "0".repeat(20)));
            InnerHeader.load(slot, tunnel.device());
            assertThat(slot.etherType)
                    .isEqualTo(type.endsWith("00") || type.equals("86dd") ? 0 : Integer.parseInt(type, 16));
        }
    }

    /** Labels may look like the version of an IP header, and must be merged with nothing. */
    @Test
    void mergesThemWithNothing() {
        Slot slot = decapsulate(
                spec("gre"),
                gre(
                        MPLS,
                        Packets.ipv4().payload(Packets.udp(0, Packets.data(9))).build()));
        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");

        assertThat(new TransportView().wrap(slot)).isFalse();
    }
}
