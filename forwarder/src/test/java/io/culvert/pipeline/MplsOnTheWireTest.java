package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Tshark;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.Payload;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.SlotMemory;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import io.culvert.tunnel.UdpEncap;
import io.culvert.wire.EtherType;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Wireshark reads MPLS in each mode that carries it, and finds every field of the label stack as it went in. It knows no GUE:
 * that is for Linux to read, in the interoperability tests.
 */
final class MplsOnTheWireTest {

    private static final int MTU = 1500;
    private static final int PORT = 5555;

    /** Label 100 with traffic class 3 and TTL 63, label 1048575 with 7 and 255, label 16 with 5 and 1, and a UDP packet. */
    private static final byte[] LABELLED = Packets.followedBy(
            Hex.bytes("0006463f fffffeff 00010b01"),
            Hex.bytes("4502002300010000 3f118f8b c0000201 c6336407 13881770000f3f3d 63756c76657274"));

    private static final List<String> FIELDS = List.of(
            "frame.protocols",
            "mpls.label",
            "mpls.exp",
            "mpls.bottom",
            "mpls.ttl",
            "ip.checksum.status",
            "udp.checksum.status",
            "gre.checksum.status",
            "_ws.malformed");

    private final SlotMemory memory = new SlotMemory();

    /** A tunnel, and what tshark reads in front of the labels. */
    private record Row(TunnelSpecBuilder spec, String protocols, String checksums, String greChecksum) {}

    private static TunnelSpecBuilder ipv6(Mode mode) {
        return TunnelSpec.builder("t1", mode)
                .local(InetAddress.ofLiteral("2001:db8:ffff::1"))
                .remote(InetAddress.ofLiteral("2001:db8:ffff::2"));
    }

    private static TunnelSpecBuilder carrying(Mode mode, Payload payload) {
        return TestTunnels.spec(mode).payload(payload);
    }

    private static List<Row> rows() {
        UdpEncap fou = new UdpEncap(UdpEncap.Kind.FOU, PORT, PORT, true);
        return List.of(
                new Row(carrying(Mode.SIT, Payload.ANY), "raw:ip:mpls", "1,1", ""),
                new Row(carrying(Mode.SIT, Payload.MPLSIP), "raw:ip:mpls", "1,1", ""),
                new Row(carrying(Mode.IPIP, Payload.ANY), "raw:ip:mpls", "1,1", ""),
                new Row(carrying(Mode.IPIP, Payload.MPLSIP), "raw:ip:mpls", "1,1", ""),
                new Row(TestTunnels.spec(Mode.GRE), "raw:ip:gre:mpls", "1,1", ""),
                new Row(TestTunnels.spec(Mode.GRE).key(7).csum(true).seq(true), "raw:ip:gre:mpls", "1,1", "1"),
                new Row(ipv6(Mode.ANY6), "raw:ipv6:ipv6.dstopts:mpls", "1", ""),
                new Row(ipv6(Mode.IP6GRE).key(7).csum(true), "raw:ipv6:ipv6.dstopts:gre:mpls", "1", "1"),
                new Row(carrying(Mode.SIT, Payload.MPLSIP).encap(fou), "raw:ip:udp:mpls", "1,1", ""),
                new Row(carrying(Mode.IPIP, Payload.MPLSIP).encap(fou), "raw:ip:udp:mpls", "1,1", ""));
    }

    @Test
    void tsharkReadsEveryFieldOfTheLabels() {
        Tshark.require();
        List<byte[]> packets = new ArrayList<>();
        rows().forEach(row -> packets.add(encapsulate(row.spec())));

        List<List<String>> read = Tshark.fields(packets, FIELDS, "-d", "udp.port==" + PORT + ",mpls");

        assertThat(read)
                .containsExactlyElementsOf(
                        rows().stream().map(MplsOnTheWireTest::expected).toList());
    }

    private static List<String> expected(Row row) {
        boolean isOverUdp = row.protocols().contains("udp");
        return Stream.of(
                        row.protocols() + ":ip:udp:data",
                        "100,1048575,16",
                        "3,7,5",
                        "0,0,1",
                        "63,255,1",
                        row.checksums(),
                        isOverUdp ? "1,1" : "1",
                        row.greChecksum(),
                        "")
                .toList();
    }

    private byte[] encapsulate(TunnelSpecBuilder spec) {
        Tunnel tunnel = TestTunnels.tunnel(spec);
        tunnel.route(TestTunnels.resolved(MTU, Packets.LOCAL, new byte[OuterRoute.LINK_LENGTH]));
        Slot slot = memory.slot(LABELLED);
        slot.etherType = EtherType.MPLS;
        slot.tunnel = tunnel;
        new EncapStage().process(slot);
        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        return SlotMemory.packet(slot);
    }
}
