package io.culvert.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code ADDRESS:PORT}, where ADDRESS is a literal: no name is looked up. */
public final class HostAndPort {

    private static final Pattern FORM = Pattern.compile("(?:([0-9.]+)|\\[([0-9a-fA-F:.]+)]):([0-9]{1,5})");

    private HostAndPort() {}

    /** What is wrong with that text; null if nothing. */
    static @Nullable String problem(String text) {
        try {
            parse(text);
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    /**
     * That address and port.
     *
     * @throws IllegalArgumentException if the text is not {@code ADDRESS:PORT}, with what is wrong
     */
    public static InetSocketAddress parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is not ADDRESS:PORT");
        }
        int port = Integer.parseInt(form.group(3));
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException(port + " is not a port");
        }
        String address = form.group(1) != null ? form.group(1) : form.group(2);
        try {
            return new InetSocketAddress(InetAddress.ofLiteral(address), port);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + address + "\" is not an IP address", e);
        }
    }
}
