package io.culvert.it;

import static io.culvert.config.GatewayConfig.Lane.AUTO;
import static io.culvert.config.GatewayConfig.Lane.RAW;
import static io.culvert.config.GatewayConfig.Pipeline.FUSED;
import static io.culvert.config.GatewayConfig.Pipeline.STAGED;
import static io.culvert.lab.WireMode.WIRE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.it.Scenario.Kind;
import io.culvert.lab.Capture;
import io.culvert.lab.Host;
import io.culvert.lab.Ping;
import io.culvert.lab.TcpTransfer;
import io.culvert.lab.Tshark;
import io.culvert.lab.UdpFlood;
import io.culvert.testing.Judges;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Wireshark decodes every packet that leaves a gateway as what it should be, with every checksum right. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class WireFormatIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final String OUTGOING = "ip and src host 203.0.113.1";
    private static final String GOOD = "1";
    private static final int ECN = 0x03;
    private static final int DF = 0x02;

    @BeforeEach
    void requireJudges() {
        Judges.requireTool("tcpdump", "tcpdump");
        Judges.requireTool("tshark", "tshark");
    }

    static Stream<Scenario> everyTunnelOnEveryLane() {
        return Stream.of(Kind.values())
                .filter(kind -> kind != Kind.VTI)
                .flatMap(kind ->
                        Stream.of(new Scenario(kind, AUTO, FUSED, WIRE), new Scenario(kind, RAW, STAGED, WIRE)));
    }

    @ParameterizedTest
    @MethodSource("everyTunnelOnEveryLane")
    void everyPacketIsInTheTunnelsFormat(Scenario scenario) {
        List<Map<String, String>> packets;
        try (TwoGateways gateways = TwoGateways.start(scenario);
                Capture capture = gateways.leftHost().capture(Host.UNDERLAY, OUTGOING)) {
            sendOfEverything(gateways);
            packets = decode(capture.stop());
        }

        assertThat(packets).hasSizeGreaterThan(3_000);
        long sequence = 0;
        for (Map<String, String> packet : packets) {
            assertThat(isWellFormed(packet, scenario.kind())).as("%s", packet).isTrue();
            if (scenario.kind() == Kind.GRE_KEY_CSUM_SEQ) {
                assertThat(packet).containsEntry("gre.sequence_number", Long.toString(sequence++));
            }
        }
    }

    private static void sendOfEverything(TwoGateways gateways) {
        try (Ping ping = Ping.open(gateways.leftHost(), TwoGateways.RIGHT_INNER)) {
            for (int payload = 0; payload <= 64; payload++) {
                ping.echo(payload, TIMEOUT);
            }
            ping.echo(1400, TIMEOUT);
        }
        TcpTransfer.checked(gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER, 5_000_000, TIMEOUT);
        for (int size : new int[] {8, 9, 63, 1001, 1400}) {
            UdpFlood.start(gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER, 100, size, 10_000)
                    .await();
        }
    }

    private static boolean isWellFormed(Map<String, String> packet, Kind kind) {
        int[] length = both(packet, "ip.len");
        int[] ttl = both(packet, "ip.ttl");
        return packet.getOrDefault("ip.version", "").equals("4,4")
                && packet.getOrDefault("ip.proto", "").startsWith(kind == Kind.IPIP ? "4," : "47,")
                && packet.getOrDefault("ip.checksum.status", "").equals("1,1")
                && packet.getOrDefault("ip.src", "").equals("203.0.113.1,192.0.2.1")
                && packet.getOrDefault("ip.dst", "").equals("203.0.113.2,192.0.2.2")
                && packet.getOrDefault("ip.hdr_len", "").equals("20,20")
                && packet.getOrDefault("_ws.malformed", "").isEmpty()
                && hasOneGoodLayer4Checksum(packet)
                && length[0] == length[1] + kind.overhead()
                && ttl[0] == ttl[1]
                && (both(packet, "ip.flags")[0] & DF) != 0
                && hasGreFields(packet, kind);
    }

    private static boolean hasOneGoodLayer4Checksum(Map<String, String> packet) {
        List<String> statuses = Stream.of("icmp.checksum.status", "tcp.checksum.status", "udp.checksum.status")
                .map(packet::get)
                .filter(status -> status != null && !status.isEmpty())
                .toList();
        return statuses.equals(List.of(GOOD)) || (statuses.size() == 1 && TcpChecksum.isGood(packet));
    }

    private static boolean hasGreFields(Map<String, String> packet, Kind kind) {
        String fields = String.join(
                " ",
                packet.getOrDefault("gre.flags_and_version", ""),
                packet.getOrDefault("gre.proto", ""),
                packet.getOrDefault("gre.key", ""),
                packet.getOrDefault("gre.checksum.status", ""));
        return switch (kind) {
            case IPIP -> fields.isBlank();
            case GRE -> fields.strip().equals("0x0000 0x0800");
            case VTI -> throw new IllegalArgumentException("VtiIT decodes mode vti");
            case GRE_KEY_CSUM_SEQ -> fields.equals("0xb000 0x0800 0x00000007 " + GOOD);
        };
    }

    static Stream<Arguments> headerOptions() {
        return Stream.of(
                        options("ttl inherit, tos inherit", 0, 0x01, true),
                        options("ttl 64, tos 0x10", 64, 0x10, true),
                        options("ttl 255, tos inherit/0x10", 255, 0x11, true),
                        options("nopmtudisc", 0, 0x00, false))
                .flatMap(options -> Stream.of(
                        Arguments.of(options, new Scenario(Kind.IPIP, AUTO, FUSED, WIRE)),
                        Arguments.of(options, new Scenario(Kind.GRE, RAW, STAGED, WIRE))));
    }

    /** A tunnel's options for the outer header; {@code tos} as in {@link TunnelSpec}. */
    private record Options(String text, int ttl, int tos, boolean pmtudisc) {

        UnaryOperator<TunnelSpecBuilder> change() {
            return tunnel -> tunnel.ttl(ttl).tos(tos).pmtudisc(pmtudisc);
        }

        int outerTtl(int inner) {
            return ttl == 0 ? inner : ttl;
        }

        /** ECN always comes from the inner header, RFC 6040 section 4.1. */
        int outerTos(int inner) {
            return ((tos & 1) != 0 ? inner : tos & ~ECN) & ~ECN | inner & ECN;
        }

        int outerDf(int inner) {
            return pmtudisc ? DF : inner;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static Options options(String text, int ttl, int tos, boolean pmtudisc) {
        return new Options(text, ttl, tos, pmtudisc);
    }

    @ParameterizedTest
    @MethodSource("headerOptions")
    void outerTtlTosAndDfFollowTheTunnelsOptions(Options options, Scenario scenario) {
        List<Map<String, String>> packets;
        List<byte[]> inner = innerHeaders();
        try (TwoGateways gateways = TwoGateways.start(scenario, options.change());
                Capture capture = gateways.leftHost().capture(Host.UNDERLAY, OUTGOING);
                RawSender sender = RawSender.open(gateways.leftHost())) {
            inner.forEach(sender::send);
            awaitEncapsulated(gateways, inner.size());
            packets = decode(capture.stop());
        }

        assertThat(packets).hasSameSizeAs(inner);
        Set<Integer> identifications = new HashSet<>();
        for (Map<String, String> packet : packets) {
            int[] ttl = both(packet, "ip.ttl");
            int[] tos = both(packet, "ip.dsfield");
            int[] flags = both(packet, "ip.flags");
            assertThat(ttl[0]).as("TTL in %s", packet).isEqualTo(options.outerTtl(ttl[1]));
            assertThat(tos[0]).as("TOS in %s", packet).isEqualTo(options.outerTos(tos[1]));
            assertThat(flags[0]).as("flags in %s", packet).isEqualTo(options.outerDf(flags[1]));
            assertThat(packet).containsEntry("ip.checksum.status", "1,1");
            identifications.add(both(packet, "ip.id")[0]);
        }
        assertThat(identifications).as("outer identifications, RFC 6864").hasSameSizeAs(inner);
    }

    /** UDP packets to the discard port with TOS, TTL and DF in every combination. */
    private static List<byte[]> innerHeaders() {
        List<byte[]> packets = new ArrayList<>();
        for (int tos : new int[] {0x00, 0x01, 0x02, 0x03, 0x10, 0x68, 0x6b, 0xfc, 0xff}) {
            for (int ttl : new int[] {1, 3, 64, 255}) {
                for (boolean dontFragment : new boolean[] {false, true}) {
                    packets.add(udp(tos, ttl, dontFragment));
                }
            }
        }
        return packets;
    }

    private static byte[] udp(int tos, int ttl, boolean dontFragment) {
        byte[] packet = new byte[Ipv4Flyweight.MIN_HEADER_LENGTH + 8];
        ByteBuffer.wrap(packet, Ipv4Flyweight.MIN_HEADER_LENGTH, 8)
                .putShort((short) 9)
                .putShort((short) 9)
                .putShort((short) 8);
        new Ipv4Flyweight()
                .wrap(new UnsafeBuffer(packet), 0)
                .headerLength(Ipv4Flyweight.MIN_HEADER_LENGTH)
                .tos(tos)
                .totalLength(packet.length)
                .identification(1)
                .flagsAndFragmentOffset(dontFragment ? Ipv4Flyweight.DONT_FRAGMENT : 0)
                .ttl(ttl)
                .protocol(IpProtocol.UDP)
                .source(ByteBuffer.wrap(TwoGateways.LEFT_INNER.getAddress()).getInt())
                .destination(
                        ByteBuffer.wrap(TwoGateways.RIGHT_INNER.getAddress()).getInt())
                .updateChecksum();
        return packet;
    }

    private static void awaitEncapsulated(TwoGateways gateways, int packets) {
        Await.until(
                "the left gateway has sent " + packets + " packets",
                () -> Counts.of(gateways.left()).encapsulated(TwoGateways.DEVICE) >= packets);
    }

    private static List<Map<String, String>> decode(Path capture) {
        return Tshark.decode(
                capture,
                "ip.version",
                "ip.proto",
                "ip.src",
                "ip.dst",
                "ip.hdr_len",
                "ip.len",
                "ip.id",
                "ip.ttl",
                "ip.dsfield",
                "ip.flags",
                "ip.checksum.status",
                "icmp.checksum.status",
                "tcp.checksum",
                "tcp.checksum.status",
                "udp.checksum.status",
                "gre.flags_and_version",
                "gre.proto",
                "gre.key",
                "gre.checksum.status",
                "gre.sequence_number",
                "_ws.malformed");
    }

    /** A field of the outer header and of the inner one. */
    private static int[] both(Map<String, String> packet, String field) {
        String[] values = packet.getOrDefault(field, "").split(",", -1);
        assertThat(values)
                .as("%s of outer and inner header in %s", field, packet)
                .hasSize(2);
        return new int[] {Integer.decode(values[0]), Integer.decode(values[1])};
    }
}
