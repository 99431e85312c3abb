package io.culvert.config;

import io.culvert.config.TomlScanner.SyntaxException;
import io.culvert.config.TomlValue.Date;
import io.culvert.config.TomlValue.Scalar;
import java.util.regex.Pattern;

/** Reads what a value without quotes or brackets can be: boolean, integer, float, date. */
final class TomlLiteral {

    private static final Pattern DECIMAL = Pattern.compile("[+-]?(0|[1-9](_?[0-9])*)");
    private static final Pattern RADIX =
            Pattern.compile("0x[0-9a-fA-F](_?[0-9a-fA-F])*|0o[0-7](_?[0-7])*|0b[01](_?[01])*");
    private static final Pattern FLOAT =
            Pattern.compile("[+-]?(0|[1-9](_?[0-9])*)(\\.[0-9](_?[0-9])*)?([eE][+-]?[0-9](_?[0-9])*)?");
    private static final Pattern DAY = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final Pattern DATE = Pattern.compile(
            "(" + DAY + "([Tt ]|$))?([0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?");

    private TomlLiteral() {}

    static Scalar read(TomlScanner in, Position at) throws SyntaxException {
        String word = in.word("+-_.:");
        if (DAY.matcher(word).matches() && in.peek() == ' ' && Character.isDigit(in.peek(1))) {
            in.next();
            word = word + " " + in.word("+-_.:");
        }
        if (word.isEmpty()) {
            throw in.error(
                    "unexpected " + in.describe() + " where a value should be", "strings stand in double quotes");
        }
        return new Scalar(value(word, at), at);
    }

    private static Object value(String word, Position at) throws SyntaxException {
        if (word.equals("true") || word.equals("false")) {
            return Boolean.valueOf(word);
        }
        try {
            if (DECIMAL.matcher(word).matches()) {
                return Long.valueOf(digits(word));
            }
            if (RADIX.matcher(word).matches()) {
                int radix = word.charAt(1) == 'x' ? 16 : word.charAt(1) == 'o' ? 8 : 2;
                return Long.valueOf(digits(word.substring(2)), radix);
            }
        } catch (NumberFormatException e) {
            throw new SyntaxException(at, word + " does not fit in 64 bits", null);
        }
        if (FLOAT.matcher(word).matches()) {
            return Double.valueOf(digits(word));
        }
        if (word.matches("[+-]?inf")) {
            return word.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (word.matches("[+-]?nan")) {
            return Double.NaN;
        }
        if (DATE.matcher(word).matches()) {
            return new Date(word);
        }
        throw new SyntaxException(at, word + " is not a value", "write strings in quotes: \"" + word + "\"");
    }

    private static String digits(String word) {
        return word.replace("_", "");
    }
}
