package io.culvert.cli;

import io.culvert.cli.explain.PacketWords;
import io.culvert.cli.explain.PcapFile;
import io.culvert.config.ConfigLoader;
import io.culvert.config.ConfigProblem;
import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.fragment.Reassembly;
import io.culvert.gateway.Explanations;
import io.culvert.gateway.GatewayException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code culvert explain}: what becomes of a packet, and why, by the paths' own stages. */
@Command(
        name = "explain",
        description = "Print which tunnel takes a packet, by which rule, and what it becomes or why it is dropped.",
        footer = {
            "",
            "PACKET := from ADDRESS to ADDRESS [ttl NUMBER] [tos NUMBER] [df] [udp PORT] [length BYTES]",
            "          [ipip | sit | gre] [key KEY] [seq NUMBER] [csum] [inner PACKET]",
            "With outer, dev DEVICE says by which device it comes; with inner, tunnel NAME says which",
            "tunnel's device hands it over, else the route to its destination tells.",
            "",
            "  culvert explain outer from 203.0.113.2 to 203.0.113.1 gre key 7",
            "  culvert explain inner from 192.0.2.1 to 192.0.2.2 length 1472 df tunnel gre1"
        })
final class ExplainCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Parameters(
            index = "0",
            paramLabel = "SIDE",
            description = "outer: the packet comes from the network; inner: from a tunnel's device.")
    private String side = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "WORD",
            description = "The packet, or beside --hex and --pcap only dev or tunnel.")
    private List<String> words = new ArrayList<>();

    @Option(names = "--hex", paramLabel = "BYTES", description = "The packet from its IP header on, in hexadecimal.")
    private @Nullable String hex;

    @Option(
            names = "--pcap",
            paramLabel = "FILE",
            description = "Each IP packet of a pcap file; outer fragments also as the packet that they are together.")
    private @Nullable Path pcap;

    ExplainCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() throws ControlException {
        boolean isOuter = side.equals("outer");
        if (!isOuter && !side.equals("inner")) {
            throw new ControlException(ExitCode.USAGE, "explain: \"" + side + "\" is neither outer nor inner");
        }
        ObjectNode answer = JsonOutput.answer();
        ArrayNode explanations = answer.putArray("explanations");
        for (ObjectNode question : questions(isOuter)) {
            explanations.add(ask(question));
        }
        if (culvert.options().json()) {
            JsonOutput.print(culvert, answer);
        } else {
            culvert.context().out().print(text(explanations));
        }
        return ExitCode.OK;
    }

    private ObjectNode ask(ObjectNode question) throws ControlException {
        ObjectNode answer =
                config.isGiven() ? askFile(question) : culvert.gateway().explain(question);
        if (question.path("assumed").asBoolean(false)) {
            answer.withArray("notes").add("the inner packet is made up: say inner from ADDRESS to ADDRESS");
        }
        if (question.path("reassembled").asBoolean(false)) {
            answer.withArray("notes").add("put together from the fragments before");
        }
        return answer;
    }

    private ObjectNode askFile(ObjectNode question) throws ControlException {
        ConfigLoader.Loaded loaded = config.load(culvert);
        if (!loaded.isValid()) {
            ConfigProblem problem = loaded.problems().getFirst();
            throw new ControlException(ExitCode.PROBLEMS, problem + ": see `culvert check`");
        }
        try {
            return Explanations.ofFile(question, loaded.config().tunnels());
        } catch (GatewayException e) {
            throw new ControlException(e.exitStatus(), String.valueOf(e.getMessage()), e);
        }
    }

    private List<ObjectNode> questions(boolean isOuter) throws ControlException {
        try {
            Path file = pcap;
            if (hex == null && file == null) {
                PacketWords.Read read = PacketWords.read(words, isOuter);
                ObjectNode question = question(isOuter, read.packet(), read.dev(), read.tunnel());
                return List.of(question.put("assumed", read.isInnerAssumed()));
            }
            String dev = option("dev");
            String tunnel = option("tunnel");
            if (file == null) {
                return List.of(question(
                        isOuter, HexFormat.of().parseHex(String.valueOf(hex).replaceAll("[\\s:]", "")), dev, tunnel));
            }
            return questions(isOuter, PcapFile.read(file), dev, tunnel);
        } catch (IllegalArgumentException e) {
            throw new ControlException(ExitCode.USAGE, "explain: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ControlException(ExitCode.USAGE, pcap + ": " + e.getMessage(), e);
        }
    }

    /** Each packet, and behind the last fragment of an outer one what they are together. */
    private static List<ObjectNode> questions(
            boolean isOuter, List<byte[]> packets, @Nullable String dev, @Nullable String tunnel) {
        Reassembly reassembly = new Reassembly();
        List<ObjectNode> questions = new ArrayList<>();
        for (byte[] packet : packets) {
            questions.add(question(isOuter, packet, dev, tunnel));
            byte[] whole = isOuter ? reassembly.add(packet) : null;
            if (whole != null) {
                questions.add(question(true, whole, dev, tunnel).put("reassembled", true));
            }
        }
        return questions;
    }

    /** The value behind that word. */
    private @Nullable String option(String word) {
        int at = words.indexOf(word);
        return at >= 0 && at + 1 < words.size() ? words.get(at + 1) : null;
    }

    private static ObjectNode question(boolean isOuter, byte[] packet, @Nullable String dev, @Nullable String tunnel) {
        ObjectNode question = JsonNodeFactory.instance.objectNode();
        question.put("direction", isOuter ? "decap" : "encap");
        question.put("packet", HexFormat.of().formatHex(packet));
        if (dev != null) {
            question.put("dev", dev);
        }
        if (tunnel != null) {
            question.put("tunnel", tunnel);
        }
        return question;
    }

    private String text(ArrayNode explanations) {
        StringBuilder text = new StringBuilder();
        for (JsonNode explanation : explanations) {
            text.append(text.isEmpty() ? "" : "\n");
            for (String key : List.of("packet", "tunnel", "rule", "verdict", "reason", "meaning")) {
                if (explanation.has(key)) {
                    line(text, key, explanation.path(key).asString(""));
                }
            }
            for (JsonNode packet : explanation.path("becomes")) {
                line(text, "becomes", packet.path("packet").asString(""));
            }
            for (JsonNode note : explanation.path("notes")) {
                line(text, "note", note.asString(""));
            }
        }
        return text.toString();
    }

    private void line(StringBuilder text, String key, String value) {
        text.append(culvert.style().bold(key)).append(": ").append(value).append('\n');
    }
}
