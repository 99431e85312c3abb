package io.culvert.config.importer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The {@code tunnels} section of a netplan file. */
final class NetplanFile {

    private static final YAMLMapper YAML = new YAMLMapper();

    /** Keys that say nothing which a tunnel of Culvert's would not do anyway. */
    private static final Set<String> SILENT =
            Set.of("renderer", "optional", "dhcp4", "dhcp6", "accept-ra", "link-local");

    private NetplanFile() {}

    static List<TunnelDraft> read(String text) {
        List<TunnelDraft> drafts = new ArrayList<>();
        for (Map.Entry<String, JsonNode> tunnel :
                YAML.readTree(text).path("network").path("tunnels").properties()) {
            TunnelDraft draft = new TunnelDraft(tunnel.getKey());
            // What other keys mean depends on it.
            draft.mode(tunnel.getValue().path("mode").asString(""));
            for (Map.Entry<String, JsonNode> key : tunnel.getValue().properties()) {
                take(draft, key.getKey(), key.getValue());
            }
            drafts.add(draft);
        }
        return drafts;
    }

    private static void take(TunnelDraft draft, String key, JsonNode value) {
        switch (key) {
            case "mode" -> {
                // Was read before.
            }
            case "local", "remote" -> draft.address(key, value.asString(""));
            case "ttl" -> draft.ttl(value.asString(""));
            case "mtu" -> draft.number(key, value.asString(""));
            case "key", "keys" -> keys(draft, value);
            case "addresses" -> value.forEach(address -> addresses(draft, address));
            case "routes" -> value.forEach(route -> route(draft, route));
            default -> {
                if (!SILENT.contains(key)) {
                    draft.note(key);
                }
            }
        }
    }

    private static void keys(TunnelDraft draft, JsonNode value) {
        if (!value.isObject()) {
            draft.number("key", value.asString(""));
            return;
        }
        if (value.has("input")) {
            draft.number("ikey", value.path("input").asString(""));
        }
        if (value.has("output")) {
            draft.number("okey", value.path("output").asString(""));
        }
    }

    /** An address, or an object with options whose one key is the address. */
    private static void addresses(TunnelDraft draft, JsonNode address) {
        if (address.isObject()) {
            address.propertyNames().forEach(each -> draft.append("addresses", each));
            draft.note("an address's options");
        } else {
            draft.append("addresses", address.asString(""));
        }
    }

    private static void route(TunnelDraft draft, JsonNode route) {
        String to = route.path("to").asString("");
        if (route.size() > 1 || to.isEmpty()) {
            draft.note("the route to " + to + " with its options");
        } else {
            draft.append("routes", to.equals("default") ? draft.defaultRoute() : to);
        }
    }
}
