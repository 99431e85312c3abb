package io.culvert.cli;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.tunnel.DropReason;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code culvert drops}: why packets were dropped, with what each reason means. */
@Command(name = "drops", description = "Print why packets were dropped.")
final class DropsCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    @Parameters(arity = "0..1", paramLabel = "TUNNEL", description = "This tunnel's only.")
    private @Nullable String name;

    DropsCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() throws ControlException {
        JsonNode report = Reports.select(culvert.gateway().show(), name);
        ObjectNode answer = JsonOutput.answer();
        ArrayNode drops = answer.putArray("drops");
        for (JsonNode tunnel : report.path("tunnels")) {
            add(drops, tunnel.path("name").asString(""), "encap", tunnel.path("encapsulation"));
            add(drops, tunnel.path("name").asString(""), "decap", tunnel.path("decapsulation"));
        }
        for (JsonNode path : report.path("paths")) {
            addWithoutTunnel(drops, path);
        }
        if (culvert.options().json()) {
            JsonOutput.print(culvert, answer);
        } else {
            culvert.context().out().print(text(drops));
        }
        return ExitCode.OK;
    }

    private static void add(ArrayNode drops, String tunnel, String direction, JsonNode counters) {
        for (Map.Entry<String, JsonNode> drop : counters.path("drops").properties()) {
            add(drops, tunnel, direction, drop.getKey(), drop.getValue().asLong(0));
        }
    }

    private static void add(ArrayNode drops, String tunnel, String direction, String reason, long packets) {
        ObjectNode node = drops.addObject();
        if (!tunnel.isEmpty()) {
            node.put("tunnel", tunnel);
        }
        node.put("direction", direction).put("reason", reason).put("packets", packets);
    }

    /** What a path dropped before it knew the tunnel: its sum less that of the tunnels. */
    private static void addWithoutTunnel(ArrayNode drops, JsonNode path) {
        String direction = path.path("path").asString("");
        for (Map.Entry<String, JsonNode> drop : path.path("drops").properties()) {
            long rest = drop.getValue().asLong(0);
            for (JsonNode known : drops) {
                boolean same = known.has("tunnel")
                        && known.path("direction").asString("").equals(direction)
                        && known.path("reason").asString("").equals(drop.getKey());
                rest -= same ? known.path("packets").asLong(0) : 0;
            }
            if (rest > 0) {
                add(drops, "", direction, drop.getKey(), rest);
            }
        }
    }

    private static String text(ArrayNode drops) {
        TextTable table = new TextTable("TUNNEL", "DIRECTION", "REASON", "PACKETS", "MEANING");
        for (JsonNode drop : drops) {
            String reason = drop.path("reason").asString("");
            table.add(
                    drop.path("tunnel").asString("-"),
                    drop.path("direction").asString(""),
                    reason,
                    drop.path("packets").asString(""),
                    meaning(reason));
        }
        return table.isEmpty() ? "no packet was dropped\n" : table.render();
    }

    private static String meaning(String word) {
        for (DropReason reason : DropReason.values()) {
            if (reason.word().equals(word)) {
                return reason.text();
            }
        }
        return "";
    }
}
