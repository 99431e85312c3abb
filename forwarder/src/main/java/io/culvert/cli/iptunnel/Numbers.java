package io.culvert.cli.iptunnel;

import io.culvert.config.Tos;
import io.culvert.tunnel.PptpOptions;

/** Numbers and addresses as {@code ip} reads them: in C's notation, octal and hexadecimal included. */
final class Numbers {

    private static final int BITS_32 = 32;

    private Numbers() {}

    /**
     * What strtoul(3) makes of a text.
     *
     * @param value as unsigned
     * @param overflow whether it did not fit in 64 bits
     * @param end index behind the number's last character; 0 if there is no number
     */
    private record Parsed(long value, boolean overflow, int end) {

        boolean isAtMost(long limit) {
            return !overflow && Long.compareUnsigned(value, limit) <= 0;
        }
    }

    private static Parsed parse(String text, int base) {
        int at = 0;
        while (at < text.length() && " \t\n\u000b\f\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        boolean negative = at < text.length() && text.charAt(at) == '-';
        if (negative || (at < text.length() && text.charAt(at) == '+')) {
            at++;
        }
        int radix = base;
        if (base != 10 && text.regionMatches(true, at, "0x", 0, 2) && digit(text, at + 2, 16) >= 0) {
            radix = 16;
            at += 2;
        } else if (base == 0) {
            radix = text.startsWith("0", at) ? 8 : 10;
        }
        int first = at;
        long value = 0;
        boolean overflow = false;
        for (int digit = digit(text, at, radix); digit >= 0; digit = digit(text, ++at, radix)) {
            overflow |= Long.compareUnsigned(value, Long.divideUnsigned(-1L - digit, radix)) > 0;
            value = value * radix + digit;
        }
        return new Parsed(negative ? -value : value, overflow, at == first ? 0 : at);
    }

    private static int digit(String text, int at, int radix) {
        char c = at < text.length() ? text.charAt(at) : ' ';
        // Character.digit also knows digits of other scripts.
        return c < 0x80 ? Character.digit(c, radix) : -1;
    }

    /** An unsigned number up to {@code limit}; -1 if the text is none. */
    static long unsigned(String text, int base, long limit) {
        Parsed parsed = parse(text, base);
        boolean whole = parsed.end > 0 && parsed.end == text.length();
        return whole && parsed.isAtMost(limit) ? parsed.value : -1;
    }

    /** An IPv4 address of one to four numbers, the missing ones 0: {@code 10.1} is 10.1.0.0; -1 if it is none. */
    static long quad(String text) {
        long address = 0;
        String rest = text;
        for (int shift = BITS_32 - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            Parsed octet = parse(rest, 0);
            if (octet.end == 0 || !octet.isAtMost(0xff)) {
                return -1;
            }
            address |= octet.value << shift;
            if (octet.end == rest.length()) {
                return address;
            }
            if (rest.charAt(octet.end) != '.') {
                return -1;
            }
            rest = rest.substring(octet.end + 1);
        }
        return -1;
    }

    /** Whether the word stands for any address. */
    static boolean isAny(String text) {
        return text.equals("any") || text.equals("all") || text.equals("default");
    }

    /** An address keyword's value; 0 for any. */
    static int address(String text) throws TunnelException {
        if (isAny(text)) {
            return 0;
        }
        long address = quad(text);
        if (address < 0) {
            throw TunnelException.refused("Error: an IP address is expected rather than \"" + text + "\"");
        }
        return (int) address;
    }

    /** The value of {@code key}, {@code ikey} or {@code okey}. */
    static int key(String keyword, String text) throws TunnelException {
        if (text.indexOf('.') >= 0) {
            return address(text);
        }
        long key = unsigned(text, 0, 0xffff_ffffL);
        if (key < 0) {
            throw TunnelException.unparsable(
                    "invalid value for \"" + keyword + "\": \"" + text + "\"; it should be an unsigned integer");
        }
        return (int) key;
    }

    /** The value of {@code call_id} or {@code peer_call_id}. */
    static int callId(String keyword, String text) throws TunnelException {
        long id = unsigned(text, 0, PptpOptions.MAX_CALL_ID);
        if (id < 0) {
            throw TunnelException.unparsable("invalid value for \"" + keyword + "\": \"" + text
                    + "\"; it should be 0 to " + PptpOptions.MAX_CALL_ID);
        }
        return (int) id;
    }

    static int ttl(String text) throws TunnelException {
        long ttl = unsigned(text, 0, 0xff);
        if (ttl < 0) {
            throw TunnelException.wrongArgument(text, "invalid TTL\n");
        }
        return (int) ttl;
    }

    /** {@code VAL}, {@code inherit} or {@code inherit/VAL}, as {@link io.culvert.tunnel.TunnelSpec#tos()} keeps it. */
    static int tos(String text) throws TunnelException {
        int slash = text.indexOf('/');
        String first = slash < 0 ? text : text.substring(0, slash);
        if (!first.equals("inherit")) {
            return dsField(first, first);
        }
        return slash < 0 ? 1 : 1 | dsField(text.substring(slash + 1), first);
    }

    private static int dsField(String word, String argument) throws TunnelException {
        Integer named = Tos.ofName(word);
        if (named != null) {
            return named;
        }
        long value = unsigned(word, 16, 0xff);
        if (value < 0) {
            throw TunnelException.wrongArgument(argument, "bad TOS value");
        }
        return (int) value;
    }
}
