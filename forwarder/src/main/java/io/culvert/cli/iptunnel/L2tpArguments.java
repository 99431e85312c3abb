package io.culvert.cli.iptunnel;

import io.culvert.tunnel.L2tpCookie;
import io.culvert.wire.Addresses;
import java.io.PrintStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The words behind {@code ip l2tp add}, {@code del} and {@code show}. */
final class L2tpArguments {

    private static final Pattern HEX = Pattern.compile("\\p{XDigit}+");
    private static final long MAX_ID = 0xffff_ffffL;
    private static final int MAX_PORT = 0xffff;

    private final L2tpParameters parameters = new L2tpParameters();
    private final Words words;
    private final PrintStream err;

    private L2tpArguments(Words words, PrintStream err) {
        this.words = words;
        this.err = err;
    }

    /**
     * Reads them.
     *
     * @param err for warnings
     * @throws TunnelException at the first one that is wrong
     */
    static L2tpParameters parse(Words words, PrintStream err) throws TunnelException {
        if (!words.hasNext()) {
            throw TunnelException.unparsable(Usage.L2TP);
        }
        L2tpArguments arguments = new L2tpArguments(words, err);
        while (words.hasNext()) {
            arguments.take(words.next());
        }
        return arguments.parameters;
    }

    private void take(String word) throws TunnelException {
        switch (word) {
            case "tunnel" -> parameters.tunnel = true;
            case "session" -> parameters.session = true;
            case "name" -> parameters.name = name();
            case "remote" -> parameters.remote = address();
            case "local" -> parameters.local = address();
            case "tunnel_id", "tid" -> parameters.tunnelId = id();
            case "peer_tunnel_id", "ptid" -> parameters.peerTunnelId = id();
            case "session_id", "sid" -> parameters.sessionId = id();
            case "peer_session_id", "psid" -> parameters.peerSessionId = id();
            case "cookie" -> parameters.cookie = cookie();
            case "peer_cookie" -> parameters.peerCookie = cookie();
            case "offset", "peer_offset" -> {
                err.println("Ignoring option \"" + word + "\"");
                words.value();
            }
            case "l2spec_type" -> sublayer(words.value());
            case "pwtype" -> pseudowire(words.value());
            case "seq" -> sequence(words.value());
            default -> encapOrUnknown(word);
        }
    }

    private void encapOrUnknown(String word) throws TunnelException {
        switch (word) {
            case "encap" -> encap(words.value());
            case "udp_sport" -> parameters.sport = port();
            case "udp_dport" -> parameters.dport = port();
            case "udp_csum" -> parameters.csum = isOn(word);
            case "udp6_csum_tx" -> parameters.csum6Tx = isOn(word);
            case "udp6_csum_rx" -> parameters.csum6Rx = isOn(word);
            default ->
                throw TunnelException.unparsable(
                        Words.isPrefix(word, "help") ? Usage.L2TP : "Unknown command: " + word + "\n" + Usage.L2TP);
        }
    }

    private String name() throws TunnelException {
        String name = words.value();
        if (!DeviceName.isValid(name)) {
            throw TunnelException.wrongArgument(name, "\"name\" not a valid ifname");
        }
        return name;
    }

    /** Null for the words that leave the family open, which is as if nothing had been said. */
    private @Nullable InetAddress address() throws TunnelException {
        String text = words.value();
        if (text.equals("any") || text.equals("all") || text.equals("default")) {
            return null;
        }
        InetAddress address = text.indexOf(':') >= 0 ? ipv6(text) : ipv4(text);
        if (address == null) {
            throw TunnelException.refused("Error: any valid address is expected rather than \"" + text + "\".");
        }
        return address;
    }

    private static @Nullable InetAddress ipv6(String text) {
        try {
            return text.indexOf('%') < 0 && InetAddress.ofLiteral(text) instanceof Inet6Address address
                    ? address
                    : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable InetAddress ipv4(String text) {
        long address = Numbers.quad(text);
        if (address == 0) {
            return L2tpParameters.ANY;
        }
        return address < 0 ? null : Addresses.ipv4((int) address);
    }

    private int id() throws TunnelException {
        return (int) number(MAX_ID, "invalid ID\n");
    }

    private int port() throws TunnelException {
        return (int) number(MAX_PORT, "invalid port\n");
    }

    private long number(long limit, String complaint) throws TunnelException {
        String text = words.value();
        long number = Numbers.unsigned(text, 0, limit);
        if (number < 0) {
            throw TunnelException.wrongArgument(text, complaint);
        }
        return number;
    }

    private boolean isOn(String keyword) throws TunnelException {
        String word = words.value();
        if (!word.equals("on") && !word.equals("off")) {
            throw TunnelException.wrongArgument(word, "invalid option for " + keyword + "\n");
        }
        return word.equals("on");
    }

    private L2tpCookie cookie() throws TunnelException {
        String text = words.value();
        if (text.length() != 8 && text.length() != 16) {
            throw TunnelException.wrongArgument(text, "cookie must be either 8 or 16 hex digits\n");
        }
        if (!HEX.matcher(text).matches()) {
            throw TunnelException.wrongArgument(text, "cookie must be a hex string\n");
        }
        return L2tpCookie.parse(text);
    }

    private void encap(String word) throws TunnelException {
        if (!word.equals("ip") && !word.equals("udp")) {
            throw TunnelException.unparsable("Unknown tunnel encapsulation \"" + word + "\"");
        }
        parameters.udp = word.equals("udp");
    }

    private void sublayer(String word) throws TunnelException {
        String known = word.toLowerCase(Locale.ROOT);
        if (!known.equals("default") && !known.equals("none")) {
            throw TunnelException.unparsable("Unknown layer2specific header type \"" + word + "\"");
        }
        parameters.sublayer = known.equals("default");
    }

    private void pseudowire(String word) throws TunnelException {
        if (!word.equals("eth") && !word.equals("ppp")) {
            throw TunnelException.unparsable("Unknown pseudowire type \"" + word + "\"");
        }
        parameters.ppp = word.equals("ppp");
    }

    /** Of two of them the later one adds its direction. */
    private void sequence(String word) throws TunnelException {
        switch (word.toLowerCase(Locale.ROOT)) {
            case "both" -> {
                parameters.iseq = true;
                parameters.oseq = true;
            }
            case "recv" -> parameters.iseq = true;
            case "send" -> parameters.oseq = true;
            case "none" -> {
                parameters.iseq = false;
                parameters.oseq = false;
            }
            default -> throw TunnelException.unparsable("Unknown seq value \"" + word + "\"");
        }
    }
}
