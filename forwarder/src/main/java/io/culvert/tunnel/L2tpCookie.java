package io.culvert.tunnel;

import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A cookie of an L2TPv3 session, RFC 3931 section 4.1: it keeps out packets that go astray, and those of whoever cannot see
 * the network's.
 *
 * @param value right-aligned
 * @param length 4 or 8 bytes; 0 for no cookie
 */
public record L2tpCookie(long value, int length) {

    /** No cookie. */
    public static final L2tpCookie NONE = new L2tpCookie(0, 0);

    private static final Pattern HEX = Pattern.compile("\\p{XDigit}{8}|\\p{XDigit}{16}");

    /**
     * Reads what {@code ip l2tp} takes.
     *
     * @throws IllegalArgumentException if it is neither 8 nor 16 hexadecimal digits
     */
    public static L2tpCookie parse(String text) {
        if (!HEX.matcher(text).matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is not a cookie");
        }
        return new L2tpCookie(Long.parseUnsignedLong(text, 16), text.length() / 2);
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(value, 2 * length);
    }
}
