package io.culvert.cli.iptunnel;

import java.net.Inet6Address;
import java.net.InetAddress;

/** Reads what follows {@code 6rd}, sit's rapid deployment prefixes, so that mistakes are told before the refusal. */
final class SixRdArguments {

    private SixRdArguments() {}

    static void parse(Words words) throws TunnelException {
        boolean hasDevice = false;
        while (words.hasNext()) {
            String word = words.next();
            switch (word) {
                case "6rd-prefix" -> requirePrefix(words.value(), true);
                case "6rd-relay_prefix" -> requirePrefix(words.value(), false);
                case "6rd-reset" -> {
                    // Stands alone, and wins over the prefixes.
                }
                case "dev" -> {
                    PrlArguments.requireValidDevice(words.value());
                    hasDevice = true;
                }
                default -> throw TunnelException.unparsable("Invalid 6RD parameter \"" + word + "\"");
            }
        }
        PrlArguments.requireDevice(hasDevice);
    }

    private static void requirePrefix(String text, boolean isIpv6) throws TunnelException {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        int bits = isIpv6 ? 128 : 32;
        boolean isAny = address.equals("any") || address.equals("all") || address.equals("default");
        boolean isAddress = isAny || (isIpv6 ? isIpv6(address) : Numbers.quad(address) >= 0);
        boolean isLength = slash < 0 || Numbers.unsigned(text.substring(slash + 1), 0, bits) >= 0;
        if (!isAddress || !isLength) {
            throw TunnelException.refused(
                    "Error: " + (isIpv6 ? "inet6" : "inet") + " prefix is expected rather than \"" + text + "\".");
        }
    }

    private static boolean isIpv6(String text) {
        if (text.indexOf(':') < 0) {
            return false;
        }
        try {
            return InetAddress.ofLiteral(text) instanceof Inet6Address;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
