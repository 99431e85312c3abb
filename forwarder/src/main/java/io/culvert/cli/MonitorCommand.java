package io.culvert.cli;

import io.culvert.control.ControlClient;
import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.control.JsonText;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code culvert monitor}: what happens in the running gateway, as it happens. */
@Command(
        name = "monitor",
        description = "Print what happens to the tunnels as it happens, with -j as JSON lines; ends with the gateway.",
        footer = {
            "",
            "Events: tunnel-added, tunnel-changed, tunnel-removed, tunnel-up, tunnel-down, path-mtu, peer-restarted,",
            "drops-began, drops-ended, reload; and lost, with how many events this command was too slow to read."
        })
final class MonitorCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    MonitorCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() throws ControlException {
        PrintStream out = culvert.context().out();
        try (ControlClient client = culvert.gateway().monitor()) {
            ObjectNode event = client.nextEvent();
            while (event != null && !out.checkError()) {
                out.println(culvert.options().json() ? JsonText.write(event) : text(event));
                out.flush();
                event = client.nextEvent();
            }
        }
        if (out.checkError()) {
            return ExitCode.OK;
        }
        throw new ControlException(ExitCode.NO_GATEWAY, "the gateway has stopped");
    }

    /** Time, event, tunnel; then the other fields with their names. */
    private static String text(ObjectNode event) {
        StringBuilder text = new StringBuilder();
        text.append(event.path("time").asString(""))
                .append(' ')
                .append(event.path("event").asString(""));
        if (event.has("tunnel")) {
            text.append(' ').append(event.path("tunnel").asString(""));
        }
        event.properties().forEach(field -> {
            switch (field.getKey()) {
                case "schema", "time", "event", "tunnel" -> {
                    // Said already.
                }
                default -> text.append(' ').append(field.getKey()).append(' ').append(scalar(field.getValue()));
            }
        });
        return text.toString();
    }

    private static String scalar(JsonNode value) {
        return value.isString() ? value.stringValue() : JsonText.write(value);
    }
}
