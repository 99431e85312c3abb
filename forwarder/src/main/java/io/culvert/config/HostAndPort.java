package io.culvert.config;

import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks {@code ADDRESS:PORT}, where ADDRESS is a literal: no name is looked up. */
final class HostAndPort {

    private static final Pattern FORM = Pattern.compile("(?:([0-9.]+)|\\[([0-9a-fA-F:.]+)]):([0-9]{1,5})");

    private HostAndPort() {}

    /** What is wrong with that text; null if nothing. */
    static @Nullable String problem(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return "\"" + text + "\" is not ADDRESS:PORT";
        }
        int port = Integer.parseInt(form.group(3));
        if (port < 1 || port > 65_535) {
            return port + " is not a port";
        }
        String address = form.group(1) != null ? form.group(1) : form.group(2);
        try {
            InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            return "\"" + address + "\" is not an IP address";
        }
        return null;
    }
}
