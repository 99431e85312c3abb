package io.culvert.wire;

/** Addresses and numbers as tcpdump writes them, without allocating. */
final class Text {
    private static final String DIGITS = "0123456789abcdef";

    private Text() {}

    /** {@code 0x} and at least that many digits. */
    static StringBuilder appendHex(StringBuilder text, int value, int digits) {
        text.append("0x");
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
            text.append(DIGITS.charAt(value >>> shift & 0xf));
        }
        return text;
    }

    /** Dotted quad. */
    static StringBuilder appendIpv4(StringBuilder text, int address) {
        return text.append(address >>> 24)
                .append('.')
                .append(address >>> 16 & 0xff)
                .append('.')
                .append(address >>> 8 & 0xff)
                .append('.')
                .append(address & 0xff);
    }

    /** RFC 5952: lower case, the longest run of two or more zero groups as {@code ::}, the first of equals. */
    static StringBuilder appendIpv6(StringBuilder text, long high, long low) {
        int bestStart = -1;
        int bestLength = 1;
        for (int start = 0; start < 8; ) {
            int end = start;
            while (end < 8 && group(high, low, end) == 0) {
                end++;
            }
            if (end - start > bestLength) {
                bestStart = start;
                bestLength = end - start;
            }
            start = end + 1;
        }
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
                continue;
            }
            if (i > 0 && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            appendGroup(text, group(high, low, i));
        }
        return text;
    }

    /** The low 48 bits as {@code 02:00:00:00:00:01}. */
    static StringBuilder appendMac(StringBuilder text, long address) {
        for (int shift = 40; shift >= 0; shift -= 8) {
            text.append(DIGITS.charAt((int) (address >>> (shift + 4)) & 0xf));
            text.append(DIGITS.charAt((int) (address >>> shift) & 0xf));
            if (shift > 0) {
                text.append(':');
            }
        }
        return text;
    }

    private static int group(long high, long low, int index) {
        long half = index < 4 ? high : low;
        return (int) (half >>> (48 - (index & 3) * 16)) & 0xffff;
    }

    private static void appendGroup(StringBuilder text, int group) {
        boolean started = false;
        for (int shift = 12; shift >= 0; shift -= 4) {
            int digit = group >>> shift & 0xf;
            if (started || digit != 0 || shift == 0) {
                text.append(DIGITS.charAt(digit));
                started = true;
            }
        }
    }
}
