package io.culvert.cli;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.telemetry.Drop;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code culvert stats}: the counters as tables. */
@Command(name = "stats", description = "Print the counters of tunnels, paths and threads.")
final class StatsCommand implements Callable<Integer> {

    private static final List<String> COUNTED = List.of("name", "encapsulation", "decapsulation");

    private final CulvertCommand culvert;

    @Parameters(arity = "0..1", paramLabel = "TUNNEL", description = "This tunnel's only.")
    private @Nullable String name;

    StatsCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() throws ControlException {
        ObjectNode report = Reports.select(culvert.gateway().show(), name);
        if (culvert.options().json()) {
            ObjectNode answer = JsonOutput.answer();
            answer.setAll(report);
            for (JsonNode tunnel : answer.path("tunnels")) {
                ((ObjectNode) tunnel).retain(COUNTED);
            }
            JsonOutput.print(culvert, answer);
        } else {
            culvert.context().out().print(text(report));
        }
        return ExitCode.OK;
    }

    private static String text(JsonNode report) {
        StringBuilder text = new StringBuilder();
        TextTable tunnels = new TextTable("TUNNEL", "DIRECTION", "PACKETS", "BYTES", "ANSWERED", "DROPPED");
        for (JsonNode tunnel : report.path("tunnels")) {
            tunnels.add(counters(tunnel, "encap", tunnel.path("encapsulation")));
            tunnels.add(counters(tunnel, "decap", tunnel.path("decapsulation")));
        }
        append(text, tunnels);
        TextTable paths = new TextTable("PATH", "RECEIVED", "FORWARDED", "ANSWERED", "DROPPED");
        for (JsonNode path : report.path("paths")) {
            paths.add(
                    path.path("path").asString(""),
                    path.path("received").asString("0"),
                    path.path("forwarded").asString("0"),
                    path.path("answered").asString("0"),
                    String.valueOf(Drop.sum(path)));
        }
        append(text, paths);
        TextTable threads = new TextTable("THREAD", "CPU-SECONDS", "ALLOCATED-BYTES");
        for (JsonNode thread : report.path("threads")) {
            double seconds = thread.path("cpu-seconds").asDouble(0);
            threads.add(
                    thread.path("name").asString(""),
                    String.format(Locale.ROOT, "%.2f", seconds),
                    thread.path("allocated-bytes").asString("0"));
        }
        append(text, threads);
        return text.isEmpty() ? "the gateway has no tunnel\n" : text.toString();
    }

    private static String[] counters(JsonNode tunnel, String direction, JsonNode counters) {
        return new String[] {
            tunnel.path("name").asString(""),
            direction,
            counters.path("packets").asString("0"),
            counters.path("bytes").asString("0"),
            counters.path("answered").asString("0"),
            String.valueOf(Drop.sum(counters))
        };
    }

    private static void append(StringBuilder text, TextTable table) {
        if (!table.isEmpty()) {
            text.append(text.isEmpty() ? "" : "\n").append(table.render());
        }
    }
}
