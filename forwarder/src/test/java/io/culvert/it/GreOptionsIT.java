package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.lab.Capture;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.Tshark;
import io.culvert.testing.Judges;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * GRE packets that scapy builds, with every combination of checksum, key and sequence number, against a tunnel of every
 * combination of icsum, ikey and iseq: each is delivered or dropped for exactly the reason that the rules name.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class GreOptionsIT {

    private static final int TUNNELS = 8;
    private static final int CHECKSUM = 4;
    private static final int KEY = 2;
    private static final int SEQUENCE = 1;
    private static final int RIGHT_KEY = 7;
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int INNER_LENGTH = 32;
    /** RFC 2784 section 2.3 has them refused, or Linux does; the others of bits 1 to 12 are ignored. */
    private static final int REFUSED_BITS = 0x4000 | 0x0800 | 0x0400 | 0x0078;

    /**
     * A packet as the script describes it.
     *
     * @param number its place in the script's output, which its payload holds
     * @param tunnel which tunnel's addresses it has
     * @param checksum {@code absent}, {@code good} or {@code bad}
     * @param key null for none
     * @param sequence null for none
     * @param bits other flag bits, and the version
     * @param protocol protocol type
     * @param left bytes of the GRE packet that are there; null for all
     * @param bytes from the outer IPv4 header on
     */
    private record Packet(
            int number,
            int tunnel,
            String checksum,
            @Nullable Integer key,
            @Nullable Long sequence,
            int bits,
            int protocol,
            @Nullable Integer left,
            byte[] bytes) {

        static Packet parse(int number, String line) {
            String[] words = line.split(" ", -1);
            return new Packet(
                    number,
                    Integer.parseInt(words[0]),
                    words[1],
                    words[2].equals("-") ? null : Integer.valueOf(words[2]),
                    words[3].equals("-") ? null : Long.valueOf(words[3]),
                    Integer.parseInt(words[4]),
                    Integer.parseInt(words[5]),
                    words[6].equals("-") ? null : Integer.valueOf(words[6]),
                    HexFormat.of().parseHex(words[7]));
        }

        int headerLength() {
            return 4 + (checksum.equals("absent") ? 0 : 4) + (key == null ? 0 : 4) + (sequence == null ? 0 : 4);
        }

        @Override
        public String toString() {
            return "packet " + number + " to tunnel " + tunnel + " (checksum " + checksum + ", key " + key
                    + ", sequence " + sequence + String.format(", bits 0x%04x, protocol 0x%04x, ", bits, protocol)
                    + left + " bytes left)";
        }
    }

    @ParameterizedTest
    @CsvSource({"AUTO, FUSED", "AUTO, STAGED", "RAW, FUSED", "RAW, STAGED"})
    void takesWhatTheRulesTakeAndDropsTheRestByName(Lane lane, Pipeline pipeline) {
        Judges.requireScapy();
        Judges.requireTool("tcpdump", "tcpdump");
        Judges.requireTool("tshark", "tshark");
        List<Packet> packets = packets();
        Map<String, String> expected = new HashMap<>();
        try (Lab lab = Lab.twoHosts()) {
            addRemotes(lab);
            LabGateway gateway = startGateway(lab, lane, pipeline);
            try (RawSender sender = RawSender.open(lab.left());
                    Capture capture = lab.right().capture("any", "udp dst port 4242")) {
                Rules rules = new Rules();
                Outcomes outcomes = new Outcomes(gateway);
                for (Packet packet : packets) {
                    DropReason refusal = rules.judge(packet);
                    assertThat(verdict(gateway, outcomes, sender, packet))
                            .as("verdict on %s", packet)
                            .isEqualTo(refusal == null ? "delivered by tunnel " + packet.tunnel : refusal.word());
                    if (refusal == null) {
                        expected.put(String.format("%08x", packet.number), innerDestination(packet.tunnel));
                    }
                }
                assertThat(delivered(capture.stop())).isEqualTo(expected);
            }
        }
        assertThat(expected).hasSizeGreaterThan(TUNNELS * 4);
    }

    private static List<Packet> packets() {
        List<String> lines = Judges.python(GreOptionsIT.class, "/it/gre_options.py");
        List<Packet> packets = new ArrayList<>();
        for (int number = 0; number < lines.size(); number++) {
            packets.add(Packet.parse(number, lines.get(number)));
        }
        assertThat(packets).hasSizeGreaterThan(400);
        return packets;
    }

    /** What the gateway makes of a packet: who delivered it, or the reason whose counter went up. */
    private static String verdict(LabGateway gateway, Outcomes outcomes, RawSender sender, Packet packet) {
        String explained = explained(gateway, packet);
        sender.send(packet.bytes);
        String outcome = outcomes.awaitNext(packet);
        assertThat(explained).as("what explain said of %s", packet).isEqualTo(outcome);
        return outcome;
    }

    /** What the gateway says beforehand that it will make of the packet. */
    private static String explained(LabGateway gateway, Packet packet) {
        JsonNode answer = gateway.request(
                "explain",
                JsonNodeFactory.instance
                        .objectNode()
                        .put("direction", "decap")
                        .put("packet", HexFormat.of().formatHex(packet.bytes)));
        return answer.path("verdict").asString("").equals("forward")
                ? "delivered by tunnel " + answer.path("tunnel").asString("").replace("gre", "")
                : answer.path("reason").asString("");
    }

    /** What has become of all packets so far, by the gateway's counters. */
    private static final class Outcomes {
        private final LabGateway gateway;
        private Map<String, Long> counts;

        Outcomes(LabGateway gateway) {
            this.gateway = gateway;
            counts = read();
        }

        /** The one that one packet more has. */
        String awaitNext(Packet packet) {
            Map<String, Long> before = counts;
            Await.until("the gateway has counted " + packet, () -> {
                counts = read();
                return !counts.equals(before);
            });
            Map<String, Long> after = new HashMap<>(counts);
            after.entrySet().removeAll(before.entrySet());
            assertThat(after).as("counters that went up for %s", packet).hasSize(1);
            String outcome = after.keySet().iterator().next();
            assertThat(after).containsEntry(outcome, before.getOrDefault(outcome, 0L) + 1);
            return outcome;
        }

        private Map<String, Long> read() {
            Counts report = Counts.of(gateway);
            Map<String, Long> outcomes = report.pathDrops("decap");
            for (int tunnel = 0; tunnel < TUNNELS; tunnel++) {
                outcomes.put("delivered by tunnel " + tunnel, report.decapsulated("gre" + tunnel));
            }
            return outcomes;
        }
    }

    /** The rules, once more: in the order in which they are applied. Keeps each tunnel's sequence number. */
    private static final class Rules {
        private final long[] highest = new long[TUNNELS];

        @Nullable
        DropReason judge(Packet packet) {
            if (packet.left != null && packet.left < 4) {
                return DropReason.GRE_MALFORMED;
            }
            if ((packet.bits & 7) != 0) {
                return DropReason.GRE_VERSION;
            }
            if ((packet.bits & REFUSED_BITS) != 0) {
                return DropReason.GRE_RESERVED;
            }
            if (packet.left != null && packet.left < packet.headerLength()) {
                return DropReason.GRE_MALFORMED;
            }
            DropReason refusal = judgeOptions(packet);
            if (refusal != null) {
                return refusal;
            }
            if (packet.protocol == ETHERTYPE_IPV6) {
                return packet.left == null ? DropReason.INNER_FAMILY : DropReason.INNER_MALFORMED;
            }
            if (packet.protocol != ETHERTYPE_IPV4) {
                return DropReason.GRE_PROTOCOL;
            }
            if (packet.left != null && packet.left < packet.headerLength() + INNER_LENGTH) {
                return DropReason.INNER_MALFORMED;
            }
            return judgeSequence(packet);
        }

        private static @Nullable DropReason judgeOptions(Packet packet) {
            boolean wantsKey = (packet.tunnel & KEY) != 0;
            boolean wantsChecksum = (packet.tunnel & CHECKSUM) != 0;
            if (wantsKey ? packet.key == null || packet.key != RIGHT_KEY : packet.key != null) {
                return DropReason.KEY_MISMATCH;
            }
            if (packet.checksum.equals("absent")) {
                return wantsChecksum ? DropReason.CSUM_MISSING : missingSequence(packet);
            }
            if (!wantsChecksum) {
                return DropReason.CSUM_UNEXPECTED;
            }
            return packet.checksum.equals("bad") ? DropReason.CSUM_BAD : missingSequence(packet);
        }

        private static @Nullable DropReason missingSequence(Packet packet) {
            boolean wantsSequence = (packet.tunnel & SEQUENCE) != 0;
            return wantsSequence && packet.sequence == null ? DropReason.SEQ_MISSING : null;
        }

        private @Nullable DropReason judgeSequence(Packet packet) {
            if ((packet.tunnel & SEQUENCE) == 0 || packet.sequence == null) {
                return null;
            }
            if (packet.sequence <= highest[packet.tunnel]) {
                return DropReason.SEQ_LATE;
            }
            highest[packet.tunnel] = packet.sequence;
            return null;
        }
    }

    /** The numbers in the payloads of packets that came out of the tunnels, with their inner destinations. */
    private static Map<String, String> delivered(Path capture) {
        Map<String, String> delivered = new HashMap<>();
        for (Map<String, String> packet : Tshark.decode(capture, "udp.payload", "ip.dst", "udp.checksum.status")) {
            assertThat(packet).containsEntry("udp.checksum.status", "1");
            delivered.put(packet.getOrDefault("udp.payload", ""), packet.getOrDefault("ip.dst", ""));
        }
        return delivered;
    }

    private static String innerDestination(int tunnel) {
        return "192.0.2." + (4 * tunnel + 2);
    }

    private static String remote(int tunnel) {
        return "198.51.100." + (10 + tunnel);
    }

    private static void addRemotes(Lab lab) {
        for (int tunnel = 0; tunnel < TUNNELS; tunnel++) {
            lab.left()
                    .exec("ip", "address", "add", remote(tunnel) + "/32", "dev", "lo")
                    .orThrow();
        }
        lab.right()
                .exec("ip", "route", "add", "198.51.100.0/24", "via", "203.0.113.1")
                .orThrow();
    }

    private static LabGateway startGateway(Lab lab, Lane lane, Pipeline pipeline) {
        LabGateway.Builder gateway = LabGateway.on(lab.right()).lane(lane).pipeline(pipeline);
        for (int tunnel = 0; tunnel < TUNNELS; tunnel++) {
            gateway.tunnel(TunnelSpec.builder("gre" + tunnel, Mode.GRE)
                    .local(lab.right().address())
                    .remote(InetAddress.ofLiteral(remote(tunnel)))
                    .icsum((tunnel & CHECKSUM) != 0)
                    .ikey((tunnel & KEY) != 0 ? RIGHT_KEY : null)
                    .iseq((tunnel & SEQUENCE) != 0)
                    .addresses(List.of(Prefix.parse(innerDestination(tunnel) + "/30")))
                    .build());
        }
        return gateway.start();
    }
}
