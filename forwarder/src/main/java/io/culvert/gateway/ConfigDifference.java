package io.culvert.gateway;

import io.culvert.config.ConfigWriter;
import io.culvert.config.GatewayConfig;
import io.culvert.config.TunnelChanges;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.tunnel.TunnelSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The difference between the running configuration and a file, as {@code culvert diff} and {@code culvert reload} tell it:
 * {@code added}, {@code changed} and {@code removed} tunnels, and in {@code restart} the keys that count from the next start
 * only.
 */
final class ConfigDifference {

    private static final List<String> SECTIONS = List.of("gateway", "datapath");

    private ConfigDifference() {}

    static ObjectNode report(GatewayConfig running, GatewayConfig file) {
        TunnelChanges changes = TunnelChanges.between(running.tunnels(), file.tunnels());
        Map<String, ObjectNode> runningByName = new HashMap<>();
        running.tunnels().forEach(spec -> runningByName.put(spec.name(), TunnelSpecCodec.encode(spec)));
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        ArrayNode added = report.putArray("added");
        changes.added().forEach(spec -> added.add(TunnelSpecCodec.encode(spec)));
        ArrayNode changed = report.putArray("changed");
        for (TunnelSpec spec : changes.changed()) {
            ObjectNode former = Objects.requireNonNull(runningByName.get(spec.name()));
            ObjectNode node = changed.addObject();
            node.put("name", spec.name());
            keys(former, TunnelSpecCodec.encode(spec), node.putArray("keys"));
        }
        ArrayNode removed = report.putArray("removed");
        changes.removed().forEach(name -> removed.add(runningByName.get(name)));
        ArrayNode restart = report.putArray("restart");
        ObjectNode runningTree = ConfigWriter.tree(running);
        ObjectNode fileTree = ConfigWriter.tree(file);
        for (String section : SECTIONS) {
            List<ObjectNode> keys = keys((ObjectNode) runningTree.get(section), (ObjectNode) fileTree.get(section));
            keys.forEach(key -> restart.add(key.put("section", section)));
        }
        return report;
    }

    private static void keys(ObjectNode running, ObjectNode file, ArrayNode into) {
        keys(running, file).forEach(into::add);
    }

    /** A node for each key with different values; a value that is absent is absent there too. */
    private static List<ObjectNode> keys(ObjectNode running, ObjectNode file) {
        SequencedSet<String> names = new java.util.LinkedHashSet<>(running.propertyNames());
        names.addAll(file.propertyNames());
        List<ObjectNode> keys = new ArrayList<>();
        for (String name : names) {
            JsonNode now = running.get(name);
            JsonNode then = file.get(name);
            if (now == null || !now.equals(then)) {
                ObjectNode key = JsonNodeFactory.instance.objectNode().put("key", name);
                if (now != null) {
                    key.set("running", now);
                }
                if (then != null) {
                    key.set("file", then);
                }
                keys.add(key);
            }
        }
        return keys;
    }
}
