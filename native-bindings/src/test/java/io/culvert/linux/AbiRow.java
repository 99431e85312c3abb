package io.culvert.linux;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;

/**
 * One number that a class of ours took from a C header.
 *
 * @param name what the failure report calls it
 * @param expression C that has the number as its value, such as {@code sizeof(struct iovec)}
 * @param headers what the C needs, such as {@code sys/uio.h}, in order
 * @param value our number
 * @param mayBeMissing whether headers older than the constant are fine: the expression is then a macro, and is not
 *     compared where it is not defined
 */
public record AbiRow(String name, String expression, List<String> headers, long value, boolean mayBeMissing) {

    /** A number that all headers have. */
    public AbiRow(String name, String expression, List<String> headers, long value) {
        this(name, expression, headers, value, false);
    }

    /** The same, for a macro that the oldest supported headers do not have yet. */
    public AbiRow whereDefined() {
        return new AbiRow(name, expression, headers, value, true);
    }

    /** A constant under its C name. */
    public static AbiRow constant(String name, long value, String... headers) {
        return new AbiRow(name, name, List.of(headers), value);
    }

    /** The size of a type, such as {@code struct iovec}. */
    public static AbiRow size(String type, long value, String... headers) {
        String expression = "sizeof(" + type + ")";
        return new AbiRow(expression, expression, List.of(headers), value);
    }

    /** The offset of a field in a type. */
    public static AbiRow offset(String type, String field, long value, String... headers) {
        String expression = "offsetof(" + type + ", " + field + ")";
        return new AbiRow(expression, expression, List.of(headers), value);
    }

    /** Every static final number of a class whose fields have their C names. */
    public static List<AbiRow> constantsOf(Class<?> type, String... headers) {
        List<AbiRow> rows = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            boolean number = field.getType() == int.class || field.getType() == long.class;
            if (number && Modifier.isStatic(field.getModifiers()) && Modifier.isFinal(field.getModifiers())) {
                rows.add(constant(field.getName(), valueOf(field), headers));
            }
        }
        return rows;
    }

    private static long valueOf(Field field) {
        try {
            field.setAccessible(true);
            return ((Number) field.get(null)).longValue();
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
