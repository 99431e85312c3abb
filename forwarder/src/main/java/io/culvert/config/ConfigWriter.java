package io.culvert.config;

import io.culvert.config.GatewayConfig.Datapath;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes a configuration as the tree and as the text that {@link ConfigLoader} reads. */
public final class ConfigWriter {

    private ConfigWriter() {}

    /** The configuration as a tree with the sections and keys of {@code culvert.toml}. */
    public static ObjectNode tree(GatewayConfig config) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        ObjectNode gateway = tree.putObject("gateway");
        gateway.put("control-socket", config.controlSocket().toString());
        if (config.readOnlySocket() != null) {
            gateway.put("read-only-socket", config.readOnlySocket().toString());
        }
        if (config.admin() != null) {
            gateway.put("admin", config.admin());
        }
        Datapath settings = config.datapath();
        ObjectNode datapath = tree.putObject("datapath");
        datapath.put("preset", word(settings.preset()));
        datapath.put("lane", word(settings.lane()));
        datapath.put("pipeline", word(settings.pipeline()));
        datapath.put("workers", settings.workers());
        if (!settings.cpus().isEmpty()) {
            ArrayNode cpus = datapath.putArray("cpus");
            settings.cpus().forEach(cpus::add);
        }
        datapath.put("idle", word(settings.idle()));
        datapath.put("busy-poll", settings.busyPoll());
        datapath.put("batch", settings.batch());
        if (!config.tunnels().isEmpty()) {
            ArrayNode tunnels = tree.putArray("tunnel");
            config.tunnels().forEach(spec -> tunnels.add(TunnelSpecCodec.encode(spec)));
        }
        return tree;
    }

    /** The {@code [datapath]} section in force, each value with where it comes from. */
    public static String datapath(ConfigLoader.Loaded loaded) {
        ObjectNode section = tree(loaded.config()).retain("datapath");
        ObjectNode origins = section.objectNode();
        ObjectNode comments = origins.putObject("datapath");
        loaded.origins().forEach(comments::put);
        return toToml(section, origins);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** The text of a tree: first a table's own keys, then its sections. */
    public static String toToml(ObjectNode tree) {
        return toToml(tree, JsonNodeFactory.instance.objectNode());
    }

    /**
     * The same with comments.
     *
     * @param comments behind the values at the same places of the tree; may be empty
     */
    public static String toToml(ObjectNode tree, JsonNode comments) {
        StringBuilder toml = new StringBuilder();
        table(tree, comments, "", toml);
        return toml.toString();
    }

    private static void table(ObjectNode table, JsonNode comments, String path, StringBuilder toml) {
        for (Map.Entry<String, JsonNode> entry : table.properties()) {
            if (!isSection(entry.getValue())) {
                toml.append(entry.getKey()).append(" = ");
                value(entry.getValue(), toml);
                String comment = comments.path(entry.getKey()).asString("");
                toml.append(comment.isEmpty() ? "" : "  # " + comment).append('\n');
            }
        }
        for (Map.Entry<String, JsonNode> entry : table.properties()) {
            String name = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
            JsonNode value = entry.getValue();
            if (value instanceof ObjectNode section) {
                header("[" + name + "]", section, comments.path(entry.getKey()), name, toml);
            } else if (isSection(value)) {
                JsonNode none = MissingNode.getInstance();
                value.forEach(element -> header("[[" + name + "]]", (ObjectNode) element, none, name, toml));
            }
        }
    }

    private static void header(String header, ObjectNode section, JsonNode comments, String path, StringBuilder toml) {
        toml.append(toml.isEmpty() ? "" : "\n").append(header).append('\n');
        table(section, comments, path, toml);
    }

    /** A table, or an array of tables, gets a header of its own. */
    private static boolean isSection(JsonNode value) {
        return value.isObject()
                || (value.isArray() && !value.isEmpty() && value.get(0).isObject());
    }

    private static void value(JsonNode value, StringBuilder toml) {
        if (value.isArray()) {
            toml.append('[');
            String separator = "";
            for (JsonNode element : value) {
                toml.append(separator);
                value(element, toml);
                separator = ", ";
            }
            toml.append(']');
        } else if (value.isString()) {
            quote(value.stringValue(), toml);
        } else {
            toml.append(value);
        }
    }

    /** A basic string of TOML. */
    private static void quote(String text, StringBuilder toml) {
        toml.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                toml.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f) {
                toml.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                toml.append(c);
            }
        }
        toml.append('"');
    }
}
