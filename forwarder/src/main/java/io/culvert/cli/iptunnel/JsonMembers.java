package io.culvert.cli.iptunnel;

import java.util.ArrayList;
import java.util.List;

/** The members of a JSON object, written as iproute2 writes them: with its white space, and null for a flag that is set. */
final class JsonMembers {

    private final boolean pretty;
    private final List<String> members = new ArrayList<>();

    JsonMembers(boolean pretty) {
        this.pretty = pretty;
    }

    void text(String key, String value) {
        json(key, quote(value));
    }

    void number(String key, long value) {
        json(key, String.valueOf(value));
    }

    void flag(String key) {
        json(key, "null");
    }

    void json(String key, String value) {
        members.add(quote(key) + (pretty ? ": " : ":") + value);
    }

    /** The object. */
    String object() {
        return pretty
                ? "{\n        " + String.join(",\n        ", members) + "\n    }"
                : "{" + String.join(",", members) + "}";
    }

    /** A list of objects. */
    static String list(List<String> objects, boolean pretty) {
        if (objects.isEmpty()) {
            return pretty ? "[ ]\n" : "[]\n";
        }
        return pretty ? "[ " + String.join(",", objects) + " ]\n" : "[" + String.join(",", objects) + "]\n";
    }

    static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
