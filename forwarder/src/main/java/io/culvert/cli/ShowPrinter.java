package io.culvert.cli;

import io.culvert.control.JsonText;
import io.culvert.telemetry.Drop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Prints the gateway's answer to {@code show} for people: whatever fields it has, under their own names. */
final class ShowPrinter {

    private final Style style;
    private final boolean more;

    /** @param more whether paths, threads and drop reasons are wanted too */
    ShowPrinter(Style style, boolean more) {
        this.style = style;
        this.more = more;
    }

    /** A block for the gateway and one for each tunnel. */
    String blocks(JsonNode report) {
        StringBuilder text = new StringBuilder();
        if (report.has("version")) {
            text.append(style.title("gateway"))
                    .append(": ")
                    .append(report.path("version").asString(""))
                    .append('\n');
            for (Map.Entry<String, JsonNode> field : report.properties()) {
                gatewayField(text, field.getKey(), field.getValue());
            }
        }
        for (JsonNode tunnel : report.path("tunnels")) {
            text.append(text.isEmpty() ? "" : "\n");
            text.append(style.title("tunnel"))
                    .append(": ")
                    .append(tunnel.path("name").asString(""))
                    .append('\n');
            for (Map.Entry<String, JsonNode> field : tunnel.properties()) {
                tunnelField(text, field.getKey(), field.getValue());
            }
        }
        return text.toString();
    }

    private void gatewayField(StringBuilder text, String key, JsonNode value) {
        switch (key) {
            case "version", "schema" -> {
                // The block's title says it.
            }
            case "uptime-seconds" -> line(text, "uptime", Quantity.duration(value.asLong(0)));
            case "tunnels" -> line(text, key, String.valueOf(value.size()));
            default -> {
                if (!value.isArray() || more) {
                    field(text, key, value);
                }
            }
        }
    }

    private void tunnelField(StringBuilder text, String key, JsonNode value) {
        if (key.equals("name")) {
            return;
        }
        if (!value.has("packets")) {
            field(text, key, value);
            return;
        }
        long drops = Drop.sum(value);
        line(
                text,
                key,
                Quantity.count(value.path("packets").asLong(0), "packet") + ", "
                        + Quantity.bytes(value.path("bytes").asLong(0)) + ", " + drops + " dropped");
        if (more && drops > 0) {
            line(text, key + " drops", scalar(value.path("drops")));
        }
    }

    private void field(StringBuilder text, String key, JsonNode value) {
        if (value.isArray() && !value.isEmpty() && value.get(0).isObject()) {
            for (JsonNode element : value) {
                line(text, key, scalar(element));
            }
        } else {
            line(text, key, scalar(value));
        }
    }

    private void line(StringBuilder text, String key, String value) {
        text.append("  ").append(style.bold(key)).append(": ").append(value).append('\n');
    }

    /** One line a tunnel: its name and then each field's name and value. */
    static String oneLine(JsonNode report) {
        StringBuilder text = new StringBuilder();
        for (JsonNode tunnel : report.path("tunnels")) {
            List<String> words = new ArrayList<>();
            words.add(tunnel.path("name").asString(""));
            for (Map.Entry<String, JsonNode> field : tunnel.properties()) {
                if (!field.getKey().equals("name")) {
                    words.add(field.getKey() + " " + scalar(field.getValue()));
                }
            }
            text.append(String.join(" ", words)).append('\n');
        }
        return text.toString();
    }

    /** A table of the essentials. */
    static String brief(JsonNode report) {
        TextTable table = new TextTable("TUNNEL", "STATE", "MODE", "LOCAL", "REMOTE", "MTU");
        for (JsonNode tunnel : report.path("tunnels")) {
            table.add(
                    tunnel.path("name").asString(""),
                    tunnel.path("state").asString("-"),
                    tunnel.path("mode").asString("-"),
                    tunnel.path("local").asString("any"),
                    tunnel.path("remote").asString("any"),
                    tunnel.path("mtu").asString("-"));
        }
        return table.render();
    }

    private static String scalar(JsonNode value) {
        List<String> parts = new ArrayList<>();
        if (value.isObject()) {
            value.properties().forEach(field -> parts.add(field.getKey() + " " + scalar(field.getValue())));
            return parts.isEmpty() ? "none" : String.join(", ", parts);
        }
        if (value.isArray()) {
            value.forEach(element -> parts.add(scalar(element)));
            return parts.isEmpty() ? "none" : String.join(", ", parts);
        }
        return JsonText.plain(value);
    }
}
