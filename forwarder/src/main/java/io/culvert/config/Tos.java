package io.culvert.config;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The words of the TOS byte. A value is kept as the kernel keeps it: bit 0 means inherit, the other bits are the fixed
 * value or, with bit 0, the one for payloads that have none.
 */
public final class Tos {

    /** Names of DSCP values with both ECN bits clear, RFC 2474, 2597 and 3246, as in iproute2's {@code rt_dsfield}. */
    private static final Map<String, Integer> VALUES = new TreeMap<>();

    private static final Map<Integer, String> NAMES = new TreeMap<>();

    static {
        VALUES.put("default", 0x00);
        for (int precedence = 1; precedence <= 7; precedence++) {
            VALUES.put("CS" + precedence, precedence << 5);
        }
        for (int assured = 1; assured <= 4; assured++) {
            for (int drop = 1; drop <= 3; drop++) {
                VALUES.put("AF" + assured + drop, assured << 5 | drop << 3);
            }
        }
        VALUES.put("EF", 0xb8);
        VALUES.forEach((name, value) -> NAMES.put(value, name));
    }

    private Tos() {}

    /** The value with that name, case as written here; null if there is none. */
    public static @Nullable Integer ofName(String name) {
        return VALUES.get(name);
    }

    /** The name of that value, or it as {@code 0x10}. */
    public static String nameOf(int value) {
        String name = NAMES.get(value);
        return name != null ? name : hex(value);
    }

    /** The value in two hexadecimal digits behind {@code 0x}. */
    public static String hex(int value) {
        return String.format("0x%02x", value);
    }

    /** Reads {@code 0x10}, {@code AF11}, {@code inherit}, {@code inherit/0x10}; -1 if it is none of these. */
    static int parse(String text) {
        if (text.equals("inherit")) {
            return 1;
        }
        boolean inherit = text.startsWith("inherit/");
        String word = inherit ? text.substring("inherit/".length()) : text;
        Integer value = ofName(word);
        if (value == null) {
            if (!word.matches("0x[0-9a-fA-F]{1,2}")) {
                return -1;
            }
            value = Integer.valueOf(word.substring(2), 16);
        }
        if ((value & 1) != 0) {
            return -1;
        }
        return inherit ? value | 1 : value;
    }

    /** What {@link #parse} reads. */
    static String toText(int tos) {
        if ((tos & 1) == 0) {
            return hex(tos);
        }
        return tos == 1 ? "inherit" : "inherit/" + hex(tos & ~1);
    }
}
