package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.fragment.Ipv4Fragmenter;
import io.culvert.testing.PcapWriter;
import io.culvert.wire.Ipv4Flyweight;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ExplainCommandTest {

    private static final String TO_GRE = "outer from 203.0.113.2 to 203.0.113.1 ";

    @TempDir
    private Path directory;

    private Path file;

    private record Result(int exit, String out, String err) {}

    @BeforeEach
    void writeTheFile() throws IOException {
        file = directory.resolve("culvert.toml");
        Files.writeString(file, """
            [[tunnel]]
            name = "gre1"
            mode = "gre"
            local = "203.0.113.1"
            remote = "203.0.113.2"
            key = 7
            dev = "eth0"
            routes = ["198.51.100.0/24"]

            [[tunnel]]
            name = "ipip1"
            mode = "ipip"
            remote = "203.0.113.2"
            addresses = ["192.0.2.1/30"]
            inner-source = ["192.0.2.0/30"]

            [[tunnel]]
            name = "gre2"
            mode = "gre"
            remote = "203.0.113.2"
            csum = true
            key = 9
            """);
    }

    private Result run(List<String> words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Context context = new Context(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of(),
                (source, loaded, stdout, stderr) -> 70);
        List<String> args = new ArrayList<>(List.of("explain", "-c", file.toString()));
        args.addAll(words);
        int exit = Main.run(context, args.toArray(String[]::new));
        return new Result(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private String explain(String line) {
        Result result = run(List.of(line.split(" ")));
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out();
    }

    private JsonNode json(String line) {
        return new JsonMapper().readTree(explain(line + " -j")).path("explanations");
    }

    @Test
    void explainsAnOuterPacket() {
        assertThat(explain(TO_GRE + "gre key 7 inner from 198.51.100.1 to 192.0.2.1 udp 53 length 8"))
                .matches("""
                    packet: .*203.0.113.2 > 203.0.113.1.* \\| GRE .*7.* \\| .*198.51.100.1 > 192.0.2.1.* \\| UDP .*53.*
                    tunnel: gre1
                    rule: pass 1: remote and local match, ikey 7 matches, bound to eth0
                    verdict: forward
                    becomes: IP 198.51.100.1 > 192.0.2.1.* \\| UDP .*
                    note: it is taken to arrive by eth0
                    """);
    }

    @ParameterizedTest
    @CsvSource({
        "gre key 7, gre1, forward, '', 'pass 1: remote and local match, ikey 7 matches, bound to eth0'",
        "gre key 7 dev eth1, gre1, drop, wrong_device, 'pass 1: remote and local match, ikey 7 matches, bound to eth0'",
        "gre key 8, '', drop, key_mismatch, ''",
        "gre key 9, gre2, drop, csum_missing, 'pass 2: remote matches, local is any, ikey 9 matches'",
        "gre key 0.0.0.9 csum, gre2, forward, '', 'pass 2: remote matches, local is any, ikey 9 matches'",
        "ipip inner from 192.0.2.2 to 192.0.2.1, ipip1, forward, '', 'pass 2: remote matches, local is any'",
        "ipip, ipip1, drop, inner_source, 'pass 2: remote matches, local is any'",
        "ipip inner from 127.0.0.1 to 192.0.2.1, ipip1, drop, martian, 'pass 2: remote matches, local is any'",
        "sit inner from 2001:db8::1 to 2001:db8::2, '', drop, no_tunnel, ''"
    })
    void namesTunnelRuleAndReason(String words, String tunnel, String verdict, String reason, String rule) {
        JsonNode answer = json(TO_GRE + words).path(0);

        assertThat(answer.path("verdict").asString("")).as(answer.toString()).isEqualTo(verdict);
        assertThat(answer.path("tunnel").asString("")).isEqualTo(tunnel);
        assertThat(answer.path("reason").asString("")).isEqualTo(reason);
        assertThat(answer.path("rule").asString("")).isEqualTo(rule);
        assertThat(answer.path("meaning").asString("").isEmpty()).isEqualTo(reason.isEmpty());
        assertThat(answer.path("becomes").size()).isEqualTo(verdict.equals("forward") ? 1 : 0);
    }

    @Test
    void findsTheTunnelOfAnInnerPacketByItsRoutes() {
        JsonNode answer = json("inner from 192.0.2.1 to 198.51.100.9 ttl 7").path(0);

        assertThat(answer.path("tunnel").asString("")).isEqualTo("gre1");
        assertThat(answer.path("becomes").path(0).path("packet").asString(""))
                .contains("203.0.113.1 > 203.0.113.2", "GRE", "192.0.2.1 > 198.51.100.9");
        assertThat(json("inner from 192.0.2.1 to 192.0.2.2")
                        .path(0)
                        .path("tunnel")
                        .asString(""))
                .isEqualTo("ipip1");
        assertThat(json("inner from 192.0.2.1 to 10.0.0.1")
                        .path(0)
                        .path("verdict")
                        .asString(""))
                .isEqualTo("ignore");
        assertThat(json("inner from 192.0.2.1 to 10.0.0.1 length 1444 tunnel gre1")
                        .path(0)
                        .path("verdict")
                        .asString(""))
                .isEqualTo("forward");
        assertThat(json("inner from 192.0.2.1 to 10.0.0.1 length 1445 tunnel gre1 df")
                        .path(0)
                        .path("verdict")
                        .asString(""))
                .isEqualTo("answer");
        assertThat(json("inner from 192.0.2.1 to 10.0.0.1 length 3000 tunnel gre1")
                        .path(0)
                        .path("becomes")
                        .size())
                .isEqualTo(3);
    }

    @Test
    void takesHexadecimalAndPcap() throws IOException {
        String hex = json("inner from 192.0.2.1 to 198.51.100.9")
                .path(0)
                .path("becomes")
                .path(0)
                .path("hex")
                .asString("");
        assertThat(json("outer --hex " + hex).path(0).path("note").isMissingNode())
                .isTrue();
        Path pcap = directory.resolve("x.pcap");
        PcapWriter.write(
                pcap,
                PcapWriter.LINKTYPE_RAW,
                List.of(HexFormat.of().parseHex(hex), HexFormat.of().parseHex(hex)));

        assertThat(json("outer --pcap " + pcap)).hasSize(2).isEqualTo(twice(json("outer --hex " + hex)));
    }

    @Test
    void saysOfOuterFragmentsWhoTakesThePacket() {
        byte[] whole = HexFormat.of()
                .parseHex(json("inner from 198.51.100.1 to 192.0.2.2 length 1200 tunnel gre1")
                        .at("/0/becomes/0/hex")
                        .asString(""));
        byte[] stranger = whole.clone();
        stranger[27] = 8;
        List<byte[]> packets = new ArrayList<>();
        for (byte[] packet : List.of(whole, stranger)) {
            // From the other end, without DF.
            new Ipv4Flyweight()
                    .wrap(new UnsafeBuffer(packet), 0)
                    .source(0xcb007102)
                    .destination(0xcb007101)
                    .flagsAndFragmentOffset(0)
                    .updateChecksum();
            packets.addAll(fragments(packet));
        }
        Path pcap = directory.resolve("fragments.pcap");
        PcapWriter.write(pcap, PcapWriter.LINKTYPE_RAW, packets);

        JsonNode explanations = json("outer --pcap " + pcap);

        assertThat(explanations).hasSize(8);
        assertThat(text(explanations.path(0)))
                .startsWith("gre1 ignore -")
                .contains("the kernel holds it until the whole packet is there", "the one that takes the whole packet");
        assertThat(text(explanations.path(1)))
                .startsWith("- ignore -")
                .contains("a later fragment has no headers of a tunnel");
        assertThat(text(explanations.path(3)))
                .startsWith("gre1 forward -")
                .contains("put together from the fragments before");
        assertThat(explanations.at("/3/becomes/0/packet").asString("")).contains("198.51.100.1", "192.0.2.2");
        assertThat(text(explanations.path(4)))
                .startsWith("- ignore -")
                .contains("as far as the headers go, the whole packet will be dropped: ");
        assertThat(text(explanations.path(7))).startsWith("- drop key_mismatch");
        assertThat(json("outer --hex " + HexFormat.of().formatHex(packets.getFirst()))
                        .path(0))
                .isEqualTo(explanations.path(0));
    }

    private static String text(JsonNode explanation) {
        return explanation.path("tunnel").asString("-") + " "
                + explanation.path("verdict").asString("-") + " "
                + explanation.path("reason").asString("-") + " "
                + explanation.path("notes");
    }

    private static List<byte[]> fragments(byte[] packet) {
        Ipv4Fragmenter fragmenter = new Ipv4Fragmenter();
        UnsafeBuffer target = new UnsafeBuffer(new byte[packet.length]);
        List<byte[]> fragments = new ArrayList<>();
        fragmenter.start(new UnsafeBuffer(packet), 0, packet.length, 500);
        while (fragmenter.hasNext()) {
            fragments.add(Arrays.copyOf(target.byteArray(), fragmenter.next(target, 0)));
        }
        return fragments;
    }

    private static JsonNode twice(JsonNode one) {
        return one.deepCopy().isArray()
                ? new JsonMapper().createArrayNode().add(one.path(0)).add(one.path(0))
                : one;
    }

    @ParameterizedTest
    @CsvSource({
        "sideways, neither outer nor inner",
        "outer from 1.2.3.4, needs from ADDRESS and to ADDRESS",
        "outer from x to y, not an IP address",
        "outer from 1.2.3.4 to 5.6.7.8 key, its value is missing",
        "outer from 1.2.3.4 to 5.6.7.8 ttl 256, not in 0 to 255",
        "outer from 1.2.3.4 to ::1, different IP versions",
        "outer from 1.2.3.4 to 5.6.7.8 sideways, no such word",
        "outer --hex 45x, explain:",
        "outer --pcap /nonexistent, /nonexistent",
        "inner from 1.2.3.4 to 5.6.7.8 tunnel x, there is no tunnel"
    })
    void refusesWhatItCannotRead(String line, String message) {
        Result result = run(List.of(line.split(" ")));

        assertThat(result.exit()).isIn(1, 2);
        assertThat(result.err()).startsWith("culvert: ").contains(message);
    }
}
