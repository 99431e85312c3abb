package io.culvert.config.importer;

import io.culvert.tunnel.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
            Map.entry("ipv6/ipv6", "ip6ip6"),
            Map.entry("ipip6", "ipip6"),
            Map.entry("ip4ip6", "ipip6"),
            Map.entry("ip/ipv6", "ipip6"),
            Map.entry("ipv4/ipv6", "ipip6"),
            Map.entry("any6", "any6"),
            Map.entry("any", "any6"),
            Map.entry("any/ipv6", "any6"),
            Map.entry("ip6gre", "ip6gre"),
            Map.entry("gre/ipv6", "ip6gre"),
            Map.entry("gretap", "gretap"),
            Map.entry("erspan", "erspan"),
            Map.entry("ip6erspan", "ip6erspan"),
            Map.entry("l2tp", "l2tp"),
            Map.entry("ip6l2tp", "ip6l2tp"),
            Map.entry("ip6gretap", "ip6gretap"),
            Map.entry("vti6", "vti6"));

    /** The kernel's L2TP sockets send with it, whatever the frames inside have. */
    private static final String L2TP_TTL = "64";

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

    /** A session of L2TPv3, with the outer header that Linux gives it. */
    void l2tp(boolean isIpv6) {
        mode(isIpv6 ? "ip6l2tp" : "l2tp");
        ttl(L2TP_TTL);
        if (isIpv6) {
            text("encaplimit", "none");
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

    /** A number in hexadecimal, or a word. */
    void hex(String key, String text) {
        if (text.matches("0x[0-9a-fA-F]{1,8}")) {
            tree.put(key, Long.parseLong(text.substring(2), 16));
        } else {
            tree.put(key, text);
        }
    }

    /** A TOS as {@code ip tunnel} reads it: hexadecimal with or without 0x, a name, {@code inherit/VALUE}. */
    void tos(String key, String text) {
        int value = text.lastIndexOf('/') + 1;
        boolean isBare = text.substring(value).matches("[0-9a-fA-F]{1,2}");
        String prefixed = isBare ? text.substring(0, value) + "0x" + text.substring(value) : text;
        if (isOverIpv6()) {
            hex(key, prefixed);
        } else {
            tree.put(key, prefixed);
        }
    }

    /** A TOS as ip's JSON has it: one byte, whose last bit says inherit. */
    void tosByte(@Nullable String text) {
        if (text == null) {
            return;
        }
        int value = text.matches("0x[0-9a-f]{1,2}") ? Integer.parseInt(text.substring(2), 16) : 0;
        tree.put("tos", (value & 1) == 0 ? text : value == 1 ? "inherit" : String.format("inherit/0x%02x", value - 1));
    }

    /** The same as networkd reads it, in any base. */
    void tosNumber(String text) {
        try {
            tosByte(String.format("0x%x", Integer.decode(text)));
        } catch (NumberFormatException e) {
            tree.put("tos", text);
        }
    }

    boolean isOverIpv6() {
        Mode mode = Mode.ofWord(tree.path("mode").asString(""));
        return mode != null && mode.isOuterIpv6();
    }

    /** The route to everywhere, of the family that the mode carries. */
    String defaultRoute() {
        return Set.of("sit", "isatap", "ip6ip6").contains(tree.path("mode").asString("")) ? "::/0" : "0.0.0.0/0";
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
