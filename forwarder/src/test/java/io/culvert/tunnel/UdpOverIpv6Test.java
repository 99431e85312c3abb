package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.culvert.testing.Hex;
import io.culvert.tunnel.UdpEncap.Kind;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

/** UDP between an outer IPv6 header, with and without an encapsulation limit, and shim; the bytes are as scapy builds them. */
final class UdpOverIpv6Test extends UdpEncapContract {

    private static final int IPV6 = 40;
    private static final byte[] LINK = Hex.bytes("02000000000b 02000000000a 86dd");
    private static final InetAddress LOCAL = InetAddress.ofLiteral("2001:db8:ffff::1");
    private static final InetAddress REMOTE = InetAddress.ofLiteral("2001:db8:ffff::2");

    private static final String FOU_LIMIT_CSUM =
            "6011234500333c4020010db8ffff0000000000000000000120010db8ffff0000000000000000000211000401040101"
                    + "00115c15b3002b6971";
    private static final String GUE =
            "60112345002f114020010db8ffff0000000000000000000120010db8ffff0000000000000000000211"
                    + "5c15b3002f000000040000";
    private static final String FOU_GRE_KEY_LIMIT_CSUM =
            "60112345003b3c4020010db8ffff0000000000000000000120010db8ffff0000000000000000000211000401040101"
                    + "00115c15b30033415a2000080000000007";
    private static final String GUE_GRE_SEQ_CSUM =
            "601123450037114020010db8ffff0000000000000000000120010db8ffff0000000000000000000211"
                    + "5c15b30037d128002f00001000080080000001";

    UdpOverIpv6Test() {
        super(OuterRoute.resolved(TestTunnels.UNDERLAY, 1500, LOCAL, LINK), IPV6, 16);
    }

    static Stream<Arguments> outers() {
        return Stream.of(
                arguments("fou limit csum", FOU_LIMIT_CSUM),
                arguments("gue", GUE),
                arguments("fou gre key limit csum", FOU_GRE_KEY_LIMIT_CSUM),
                arguments("gue gre seq csum", GUE_GRE_SEQ_CSUM));
    }

    @Override
    void decapsulate(Slot slot) {
        Decapsulation.decapsulateIpv6(slot);
    }

    private static TunnelSpecBuilder spec(Mode mode, Kind kind, boolean csum, int limit) {
        return TunnelSpec.builder("t1", mode)
                .local(LOCAL)
                .remote(REMOTE)
                .ttl(64)
                .ipv6(new Ipv6Outer(limit, 0, 0x12345, false, false))
                .encap(new UdpEncap(kind, SPORT, DPORT, csum));
    }

    @Override
    TunnelSpecBuilder spec(String name) {
        return switch (name) {
            case "fou limit csum" -> spec(Mode.IPIP6, Kind.FOU, true, 4);
            case "gue" -> spec(Mode.ANY6, Kind.GUE, false, Ipv6Outer.NO_LIMIT);
            case "fou gre key limit csum" ->
                spec(Mode.IP6GRE, Kind.FOU, true, 4).key(7);
            case "gue gre seq csum" ->
                spec(Mode.IP6GRE, Kind.GUE, true, Ipv6Outer.NO_LIMIT).oseq(true);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private String outcome(String name, byte[] packet) {
        return outcome(spec(name), packet);
    }

    @Test
    void namesWhatIsWrong() {
        byte[] fou = received(FOU_LIMIT_CSUM);
        byte[] gue = received(GUE);

        assertThat(outcome("fou limit csum", Packets.with(fou, IPV6 + 8 + 6, 0x77)))
                .isEqualTo("udp_checksum");
        assertThat(outcome("fou limit csum", Packets.with(fou, IPV6 + 8 + 5, 4)))
                .isEqualTo("udp_malformed");
        assertThat(outcome("gue", Packets.with(gue, IPV6 + 8, 0x20))).isEqualTo("gue_malformed");
        assertThat(outcome("gue", Packets.with(gue, IPV6 + 9, 17))).isEqualTo("gue_protocol");
        assertThat(outcome("gue", Packets.with(gue, IPV6 + 9, 60))).isEqualTo("gue_protocol");
        // Another destination port is nobody's.
        assertThat(decapsulate(spec("gue"), Packets.with(gue, IPV6 + 3, 1)).verdict)
                .isEqualTo(Verdict.IGNORE);
        // Another source is no peer's; here no checksum covers it.
        assertThat(outcome("gue", Packets.with(gue, 23, 99))).isEqualTo("no_tunnel");
    }

    /** RFC 8200 section 8.1: the checksum covers the outer addresses. */
    @Test
    void refusesAChangedAddress() {
        assertThat(outcome("fou limit csum", Packets.with(received(FOU_LIMIT_CSUM), 23, 99)))
                .isEqualTo("udp_checksum");
    }

    @Test
    void refusesAPacketWithoutUdpToATunnelBehindUdp() {
        byte[] bare = Packets.ipv6()
                .source(0x2001_0db8_ffff_0000L, 2)
                .destination(0x2001_0db8_ffff_0000L, 1)
                .nextHeader(IpProtocol.IPV4)
                .payload(INNER)
                .build();

        assertThat(outcome("fou limit csum", bare)).isEqualTo("encap_mismatch");
    }

    /** RFC 6936 section 5: only a tunnel that was told so takes packets without a checksum; one with a checksum it takes too. */
    @Test
    void takesAPacketWithoutChecksumOnlyWhereNoneIsSent() {
        int field = IPV6 + 8 + 6;
        byte[] unsummed = Packets.with(Packets.with(received(FOU_LIMIT_CSUM), field, 0), field + 1, 0);
        TunnelSpecBuilder without = spec(Mode.IPIP6, Kind.FOU, false, 4);

        assertThat(outcome("fou limit csum", unsummed)).isEqualTo("udp_checksum_missing");
        assertThat(SlotMemory.outcome(decapsulate(without, unsummed))).isEqualTo("FORWARD");
        assertThat(SlotMemory.outcome(decapsulate(without, received(FOU_LIMIT_CSUM))))
                .isEqualTo("FORWARD");
    }

    /** What a sender leaves to its device is the pseudo-header's sum: such a field is neither wrong nor missing. */
    @Test
    void takesAnUnfinishedChecksum() {
        byte[] packet = received(FOU_LIMIT_CSUM);
        int udp = IPV6 + 8;
        UnsafeBuffer buffer = new UnsafeBuffer(packet);
        int sum = InternetChecksum.fold(
                InternetChecksum.pseudoHeaderIpv6(buffer, 8, 24, IpProtocol.UDP, packet.length - udp));
        byte[] unfinished = Packets.with(Packets.with(packet, udp + 6, sum >> 8), udp + 7, sum);
        Slot raw = memory.slot(unfinished, new TunnelTable(List.of(TestTunnels.tunnel(spec("fou limit csum")))));
        raw.raw = true;

        Decapsulation.decapsulateIpv6(raw);

        assertThat(SlotMemory.outcome(raw)).isEqualTo("FORWARD");
        assertThat(outcome("fou limit csum", unfinished)).isEqualTo("udp_checksum");
    }

    /** A port may receive something else over the other IP version. */
    @Test
    void aPortIsOneOfItsIpVersion() {
        TunnelSpecBuilder ipv4 = TestTunnels.spec(Mode.GRE).encap(new UdpEncap(Kind.GUE, SPORT, DPORT, false));
        TunnelTable table =
                new TunnelTable(List.of(TestTunnels.tunnel(spec("fou limit csum")), TestTunnels.tunnel(ipv4)));
        Slot slot = memory.slot(received(FOU_LIMIT_CSUM), table);

        Decapsulation.decapsulateIpv6(slot);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(table.udpService(false, DPORT)).isEqualTo(new UdpService(false, DPORT, Kind.GUE, 0));
    }

    @Test
    void countsItsHeadersIntoTheInnerMtu() {
        assertThat(innerMtu(spec("fou limit csum"))).isEqualTo(1500 - 56);
        assertThat(innerMtu(spec("gue"))).isEqualTo(1500 - 52);
        assertThat(innerMtu(spec("fou gre key limit csum"))).isEqualTo(1500 - 64);
    }
}
