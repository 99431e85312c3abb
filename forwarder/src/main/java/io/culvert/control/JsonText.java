package io.culvert.control;

import java.io.StringWriter;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON trees to text and back by Jackson's parser and generator alone: its mapper, which knows how to map any Java class,
 * takes longer to set up than a whole {@code culvert tunnel show}.
 */
public final class JsonText {

    // The fast parser of numbers takes 50 ms to load, for the one fraction in an answer.
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .build();

    private JsonText() {}

    /** The tree as text without white space. */
    public static String write(JsonNode tree) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            write(generator, tree);
        }
        return text.toString();
    }

    /** What a person reads: a string as it is, anything else as JSON. */
    public static String plain(JsonNode value) {
        return value.isString() ? value.stringValue() : write(value);
    }

    private static void write(JsonGenerator generator, JsonNode tree) {
        switch (tree.getNodeType()) {
            case OBJECT -> {
                generator.writeStartObject();
                tree.properties().forEach(member -> {
                    generator.writeName(member.getKey());
                    write(generator, member.getValue());
                });
                generator.writeEndObject();
            }
            case ARRAY -> {
                generator.writeStartArray();
                tree.forEach(element -> write(generator, element));
                generator.writeEndArray();
            }
            case STRING -> generator.writeString(tree.stringValue());
            case BOOLEAN -> generator.writeBoolean(tree.booleanValue());
            case NUMBER -> generator.writeNumber(tree.asString());
            default -> generator.writeNull();
        }
    }

    /**
     * The tree of a text that holds one value and nothing behind it; a {@link MissingNode} of an empty text.
     *
     * @throws JacksonException if the text is something else
     */
    public static JsonNode read(String text) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return MissingNode.getInstance();
            }
            JsonNode tree = read(parser, first);
            if (parser.nextToken() != null) {
                throw new StreamReadException(parser, "something follows the value");
            }
            return tree;
        }
    }

    private static JsonNode read(JsonParser parser, JsonToken first) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (first) {
            case START_OBJECT -> {
                ObjectNode object = nodes.objectNode();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    object.set(name, read(parser, parser.nextToken()));
                }
                yield object;
            }
            case START_ARRAY -> {
                ArrayNode array = nodes.arrayNode();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    array.add(read(parser, next));
                }
                yield array;
            }
            case VALUE_STRING -> nodes.stringNode(parser.getString());
            case VALUE_NUMBER_INT ->
                switch (parser.getNumberType()) {
                    case INT -> nodes.numberNode(parser.getIntValue());
                    case LONG -> nodes.numberNode(parser.getLongValue());
                    default -> nodes.numberNode(parser.getBigIntegerValue());
                };
            case VALUE_NUMBER_FLOAT -> nodes.numberNode(parser.getDoubleValue());
            case VALUE_TRUE, VALUE_FALSE -> nodes.booleanNode(first == JsonToken.VALUE_TRUE);
            default -> nodes.nullNode();
        };
    }
}
