package io.culvert.cli;

import io.culvert.control.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Prints what {@code diff} and {@code reload} answer for people, a line for each tunnel or key. */
final class DifferencePrinter {

    private DifferencePrinter() {}

    static String text(JsonNode difference) {
        StringBuilder text = new StringBuilder();
        for (JsonNode tunnel : difference.path("removed")) {
            text.append("- ").append(tunnel(tunnel)).append('\n');
        }
        for (JsonNode tunnel : difference.path("added")) {
            text.append("+ ").append(tunnel(tunnel)).append('\n');
        }
        for (JsonNode tunnel : difference.path("changed")) {
            List<String> keys = new ArrayList<>();
            tunnel.path("keys").forEach(key -> keys.add(key(key)));
            text.append("~ tunnel ")
                    .append(tunnel.path("name").asString(""))
                    .append(": ")
                    .append(String.join(", ", keys))
                    .append('\n');
        }
        for (JsonNode key : difference.path("restart")) {
            text.append("! [")
                    .append(key.path("section").asString(""))
                    .append("] ")
                    .append(key(key))
                    .append(": counts from the next start\n");
        }
        return text.isEmpty() ? "no difference\n" : text.toString();
    }

    private static String tunnel(JsonNode tunnel) {
        List<String> fields = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : tunnel.properties()) {
            if (!field.getKey().equals("name")) {
                fields.add(field.getKey() + " " + value(field.getValue()));
            }
        }
        return "tunnel " + tunnel.path("name").asString("") + ": " + String.join(", ", fields);
    }

    private static String key(JsonNode key) {
        return key.path("key").asString("") + " " + value(key.path("running")) + " -> " + value(key.path("file"));
    }

    private static String value(JsonNode value) {
        if (value.isMissingNode()) {
            return "(none)";
        }
        return JsonText.plain(value);
    }
}
