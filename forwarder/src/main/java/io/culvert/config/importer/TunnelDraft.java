package io.culvert.config.importer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A tunnel while it is read: the keys of {@code culvert.toml} that are known so far, and what has no key. One thread. */
final class TunnelDraft {

    /** What the kernel, netplan and networkd call the modes, and Culvert does. */
    private static final Map<String, String> MODES = Map.ofEntries(
            Map.entry("ipip", "ipip"),
            Map.entry("ip/ip", "ipip"),
            Map.entry("gre", "gre"),
            Map.entry("gre/ip", "gre"),
            Map.entry("sit", "sit"),
            Map.entry("ipv6/ip", "sit"),
            Map.entry("isatap", "isatap"),
            Map.entry("vti", "vti"),
            Map.entry("ip6ip6", "ip6ip6"),
            Map.entry("ipip6", "ipip6"),
            Map.entry("ip6gre", "ip6gre"),
            Map.entry("gretap", "gretap"),
            Map.entry("ip6gretap", "ip6gretap"),
            Map.entry("vti6", "vti6"));

    private static final Set<String> UNSET = Set.of("", "any", "0.0.0.0", "::", "default");

    private final String name;
    private final ObjectNode tree = JsonNodeFactory.instance.objectNode();
    private final List<String> notes = new ArrayList<>();
    private boolean refused;

    TunnelDraft(String name) {
        this.name = name;
        tree.put("name", name);
    }

    String name() {
        return name;
    }

    ObjectNode tree() {
        return tree;
    }

    List<String> notes() {
        return notes;
    }

    boolean isRefused() {
        return refused;
    }

    /** Something of the tunnel has no place here; the rest of it has. */
    void note(String what) {
        notes.add(what + " is not converted");
    }

    /** The tunnel itself has no place here. */
    void refuse(String why) {
        refused = true;
        notes.add("is not converted: " + why);
    }

    void mode(String word) {
        String mode = MODES.get(word);
        if (mode == null) {
            refuse("\"" + word + "\" is none of Culvert's modes");
        } else {
            tree.put("mode", mode);
        }
    }

    /** {@code local} or {@code remote}; the words for no address leave it out. */
    void address(String key, String text) {
        if (!UNSET.contains(text)) {
            tree.put(key, text);
        }
    }

    void text(String key, String value) {
        tree.put(key, value);
    }

    /** A number, or one of the words that stand in its place, such as {@code inherit} or a dotted quad. */
    void number(String key, String text) {
        if (text.matches("[0-9]{1,10}")) {
            tree.put(key, Long.parseLong(text));
        } else {
            tree.put(key, text);
        }
    }

    /** 0 says inherit. */
    void ttl(String text) {
        number("ttl", text.equals("0") ? "inherit" : text);
    }

    void flag(String key, boolean value) {
        tree.put(key, value);
    }

    /** Appends to a list such as {@code addresses}. */
    void append(String key, String value) {
        ArrayNode list = tree.get(key) instanceof ArrayNode present ? present : tree.putArray(key);
        list.add(value);
    }
}
