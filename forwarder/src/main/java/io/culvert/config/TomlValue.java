package io.culvert.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A value of a TOML file that knows where it stands. */
sealed interface TomlValue {

    Position at();

    /** The same value without its position. */
    JsonNode toJson();

    /** A string, number, boolean or date: {@code value} is a String, Long, Double, Boolean or {@link Date}. */
    record Scalar(Object value, Position at) implements TomlValue {

        @Override
        public JsonNode toJson() {
            JsonNodeFactory nodes = JsonNodeFactory.instance;
            return switch (value) {
                case String text -> nodes.stringNode(text);
                case Long number -> nodes.numberNode(number);
                case Double number -> nodes.numberNode(number);
                case Boolean flag -> nodes.booleanNode(flag);
                default -> nodes.pojoNode(value);
            };
        }
    }

    /** A date, a time or both, as written: no key of Culvert takes one. */
    record Date(String text) {}

    /** An array, or the tables that one {@code [[name]]} after the other makes. */
    record Array(List<TomlValue> values, boolean ofTables, Position at) implements TomlValue {

        @Override
        public JsonNode toJson() {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            values.forEach(value -> array.add(value.toJson()));
            return array;
        }
    }

    /** What brought a table into being: decides what may add to it later. */
    enum Origin {
        /** A longer header named it in passing; its own header may follow once. */
        IMPLICIT,
        HEADER,
        DOTTED_KEY,
        INLINE
    }

    /** A key's position and value. */
    record Entry(Position keyAt, TomlValue value) {}

    /** A table; keys in the file's order. */
    final class Table implements TomlValue {
        private final Map<String, Entry> entries = new LinkedHashMap<>();
        private Position at;
        private Origin origin;

        Table(Position at, Origin origin) {
            this.at = at;
            this.origin = origin;
        }

        @Override
        public Position at() {
            return at;
        }

        Origin origin() {
            return origin;
        }

        /** The table's own header has come. */
        void defineAt(Position header) {
            at = header;
            origin = Origin.HEADER;
        }

        Map<String, Entry> entries() {
            return entries;
        }

        @Nullable
        Entry get(String key) {
            return entries.get(key);
        }

        void put(String key, Entry entry) {
            entries.put(key, entry);
        }

        @Override
        public ObjectNode toJson() {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            entries.forEach((key, entry) -> object.set(key, entry.value().toJson()));
            return object;
        }
    }

    static Array arrayOfTables(Position at) {
        return new Array(new ArrayList<>(), true, at);
    }
}
