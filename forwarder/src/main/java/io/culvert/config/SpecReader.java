package io.culvert.config;

import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec.Problem;
import io.culvert.wire.Addresses;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the values of a tunnel's tree; what is wrong with one becomes a problem, and the key's default its value. */
final class SpecReader {

    private static final long MAX_KEY = 0xffff_ffffL;
    private static final Pattern QUAD = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    private final ObjectNode tree;
    private final List<Problem> problems = new ArrayList<>();

    SpecReader(ObjectNode tree) {
        this.tree = tree;
    }

    List<Problem> problems() {
        return problems;
    }

    void problem(String key, String message, @Nullable String hint) {
        problems.add(new Problem(key, message, hint == null ? "" : hint));
    }

    /** A problem of the whole specification, under the key that the tree has it from: {@code key} for {@code ikey}. */
    void specProblem(Problem problem) {
        String key = problem.key();
        String shared = key.substring(1);
        boolean isShared = !tree.has(key) && (shared.equals("key") || shared.equals("seq") || shared.equals("csum"));
        Problem placed = isShared ? new Problem(shared, problem.message(), problem.hint()) : problem;
        // A value that could not be read stands at its default now, which may be a problem of its own.
        if (problems.stream().noneMatch(known -> known.key().equals(placed.key()))) {
            problems.add(placed);
        }
    }

    @Nullable
    JsonNode value(String key) {
        return tree.get(key);
    }

    boolean isAbsent(String key) {
        return !tree.has(key);
    }

    private void wrongType(String key, JsonNode value, String wanted) {
        problem(key, "\"" + key + "\" must be " + wanted + ", not " + typeOf(value), null);
    }

    static String typeOf(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> "a string";
            case NUMBER -> value.isIntegralNumber() ? "an integer" : "a fraction";
            case BOOLEAN -> "a boolean";
            case ARRAY -> "an array";
            case OBJECT -> "a table";
            case POJO -> "a date";
            default -> "null";
        };
    }

    @Nullable
    String text(String key) {
        JsonNode value = tree.get(key);
        if (value == null) {
            return null;
        }
        if (!value.isString()) {
            wrongType(key, value, "a string");
            return null;
        }
        return value.stringValue();
    }

    boolean flag(String key, boolean otherwise) {
        JsonNode value = tree.get(key);
        if (value == null) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            wrongType(key, value, "true or false");
            return otherwise;
        }
        return value.booleanValue();
    }

    /** An integer in that range; 0 if there is none. */
    int integer(String key, int lowest, int highest) {
        JsonNode value = tree.get(key);
        if (value == null) {
            return 0;
        }
        if (!value.isIntegralNumber()) {
            wrongType(key, value, "an integer");
            return 0;
        }
        if (!value.canConvertToInt() || value.intValue() < lowest || value.intValue() > highest) {
            problem(key, value + " is not in the range of \"" + key + "\"", "use " + lowest + " to " + highest);
            return 0;
        }
        return value.intValue();
    }

    /** An unsigned integer of 32 bits above 0; 0 if there is none. */
    int unsigned(String key) {
        JsonNode value = tree.get(key);
        if (value == null) {
            return 0;
        }
        if (value.isIntegralNumber()
                && value.canConvertToLong()
                && value.longValue() > 0
                && value.longValue() <= MAX_KEY) {
            return (int) value.longValue();
        }
        problem(key, value + " is not in the range of \"" + key + "\"", "use 1 to " + MAX_KEY);
        return 0;
    }

    /** An integer from 0 to that one, or the number that a word stands for. */
    int integerOr(String key, String word, int wordsValue, int highest, int otherwise) {
        JsonNode value = tree.get(key);
        if (value == null) {
            return otherwise;
        }
        if (value.isString() && value.stringValue().equals(word)) {
            return wordsValue;
        }
        if (value.isIntegralNumber()
                && value.canConvertToInt()
                && value.intValue() >= 0
                && value.intValue() <= highest) {
            return value.intValue();
        }
        problem(
                key,
                value + " is not in the range of \"" + key + "\"",
                "use 0 to " + highest + ", or \"" + word + "\"");
        return otherwise;
    }

    /** An IPv4 or IPv6 address; null for {@code any}, the unspecified one and none. */
    @Nullable
    InetAddress address(String key) {
        String text = text(key);
        if (text == null || text.equals("any")) {
            return null;
        }
        InetAddress address = literal(text);
        if (address == null) {
            problem(key, "\"" + text + "\" is not an IP address", "write it as 203.0.113.1: names are not looked up");
        }
        return address == null || address.isAnyLocalAddress() ? null : address;
    }

    /** The address, in full: the JDK reads 10.1 as 10.0.0.1, iproute2 as 10.1.0.0. */
    private static @Nullable InetAddress literal(String text) {
        if (text.indexOf(':') < 0 && !QUAD.matcher(text).matches()) {
            return null;
        }
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** TTL 1 to 255; 0 for {@code inherit} and none. */
    int ttl(String key) {
        JsonNode value = tree.get(key);
        if (value == null || (value.isString() && value.stringValue().equals("inherit"))) {
            return 0;
        }
        if (value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 1 && value.intValue() <= 255) {
            return value.intValue();
        }
        problem(key, value + " is not a TTL", "use 1 to 255, or \"inherit\"");
        return 0;
    }

    int tos(String key) {
        JsonNode value = tree.get(key);
        if (value == null) {
            return 0;
        }
        int tos = -1;
        if (value.isString()) {
            tos = Tos.parse(value.stringValue());
        } else if (value.isIntegralNumber() && value.canConvertToInt() && (value.intValue() & ~0xfe) == 0) {
            // Bit 0 is how the kernel keeps "inherit": asked for by its word only.
            tos = value.intValue();
        }
        if (tos < 0) {
            problem(
                    key,
                    value + " is not a TOS value",
                    "use an even 0x00 to 0xfe, \"AF11\", \"inherit\" or \"inherit/0x10\"");
            return 0;
        }
        return tos;
    }

    /** A GRE key, 32 bits; null for none. */
    @Nullable
    Integer key(String key) {
        JsonNode value = tree.get(key);
        if (value == null) {
            return null;
        }
        if (value.isIntegralNumber()
                && value.canConvertToLong()
                && value.longValue() >= 0
                && value.longValue() <= MAX_KEY) {
            return (int) value.longValue();
        }
        if (value.isString() && literal(value.stringValue()) instanceof Inet4Address quad) {
            return Addresses.toInt(quad);
        }
        problem(key, value + " is not a key", "use 0 to " + MAX_KEY + ", or a dotted quad in quotes");
        return null;
    }

    /** A prefix. */
    Prefix prefix(String key, Prefix otherwise) {
        JsonNode value = tree.get(key);
        if (value == null) {
            return otherwise;
        }
        List<Prefix> prefixes = new ArrayList<>();
        prefix(key, value, prefixes);
        return prefixes.isEmpty() ? otherwise : prefixes.getFirst();
    }

    /** IPv4 addresses. */
    List<InetAddress> addresses(String key) {
        JsonNode value = tree.get(key);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray()) {
            wrongType(key, value, "an array of strings");
            return List.of();
        }
        List<InetAddress> addresses = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            JsonNode element = value.get(i);
            if (element.isString() && literal(element.stringValue()) instanceof Inet4Address address) {
                addresses.add(address);
            } else {
                problem(key + "[" + i + "]", element + " is not an IPv4 address", "write it as \"203.0.113.1\"");
            }
        }
        return addresses;
    }

    List<Prefix> prefixes(String key) {
        JsonNode value = tree.get(key);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray()) {
            wrongType(key, value, "an array of strings");
            return List.of();
        }
        List<Prefix> prefixes = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            prefix(key + "[" + i + "]", value.get(i), prefixes);
        }
        return prefixes;
    }

    private void prefix(String key, JsonNode value, List<Prefix> prefixes) {
        if (!value.isString()) {
            wrongType(key, value, "a string");
            return;
        }
        String text = value.stringValue();
        int slash = text.indexOf('/');
        try {
            if (literal(slash < 0 ? text : text.substring(0, slash)) == null) {
                throw new IllegalArgumentException("\"" + text + "\" does not start with an IP address");
            }
            prefixes.add(Prefix.parse(text));
        } catch (IllegalArgumentException e) {
            problem(key, String.valueOf(e.getMessage()), "write ADDRESS/LENGTH, such as 192.0.2.0/24");
        }
    }
}
