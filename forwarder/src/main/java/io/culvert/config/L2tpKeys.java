package io.culvert.config;

import io.culvert.tunnel.L2tpCookie;
import io.culvert.tunnel.L2tpOptions;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The keys of {@code [[tunnel]]} that only modes l2tp and ip6l2tp have, in the words of {@code ip l2tp add session} but for the last one. */
final class L2tpKeys {

    static final String TUNNEL_ID = "tunnel_id";
    static final String PEER_TUNNEL_ID = "peer_tunnel_id";
    static final String SESSION_ID = "session_id";
    static final String PEER_SESSION_ID = "peer_session_id";
    private static final String COOKIE = "cookie";
    private static final String PEER_COOKIE = "peer_cookie";
    private static final String SUBLAYER = "l2spec_type";
    private static final String PSEUDOWIRE = "pwtype";

    /** All of them. */
    static final List<String> ALL =
            List.of(TUNNEL_ID, PEER_TUNNEL_ID, SESSION_ID, PEER_SESSION_ID, COOKIE, PEER_COOKIE, SUBLAYER, PSEUDOWIRE);

    private static final String NONE = "none";
    private static final String DEFAULT = "default";
    private static final String ETHERNET = "eth";
    private static final String PPP = "ppp";

    private L2tpKeys() {}

    static L2tpOptions read(SpecReader in, Mode mode) {
        if (!mode.isL2tp()) {
            for (String key : ALL) {
                if (!in.isAbsent(key)) {
                    in.problem(
                            key,
                            key + " is not allowed with mode " + mode.word(),
                            "leave it out, or use mode l2tp or ip6l2tp");
                }
            }
            return L2tpOptions.DEFAULT;
        }
        return new L2tpOptions(
                in.unsigned(TUNNEL_ID),
                in.unsigned(PEER_TUNNEL_ID),
                in.unsigned(SESSION_ID),
                in.unsigned(PEER_SESSION_ID),
                cookie(in, COOKIE),
                cookie(in, PEER_COOKIE),
                sublayer(in),
                isPpp(in));
    }

    private static L2tpCookie cookie(SpecReader in, String key) {
        String text = in.text(key);
        if (text == null) {
            return L2tpCookie.NONE;
        }
        try {
            return L2tpCookie.parse(text);
        } catch (IllegalArgumentException e) {
            in.problem(key, String.valueOf(e.getMessage()), "use 8 or 16 hexadecimal digits, such as \"014d3636\"");
            return L2tpCookie.NONE;
        }
    }

    private static boolean sublayer(SpecReader in) {
        String word = in.text(SUBLAYER);
        if (word != null && !word.equals(NONE) && !word.equals(DEFAULT)) {
            in.problem(SUBLAYER, "\"" + word + "\" is no L2-specific sublayer", "use \"default\" or \"none\"");
        }
        return !NONE.equals(word);
    }

    private static boolean isPpp(SpecReader in) {
        String word = in.text(PSEUDOWIRE);
        if (word != null && !word.equals(ETHERNET) && !word.equals(PPP)) {
            in.problem(PSEUDOWIRE, "\"" + word + "\" is no pseudowire type", "use \"eth\" or \"ppp\"");
        }
        return PPP.equals(word);
    }

    /** Writes what is not at its default. */
    static void write(TunnelSpec spec, ObjectNode tree) {
        if (!spec.mode().isL2tp()) {
            return;
        }
        L2tpOptions options = spec.l2tp();
        if (options.tunnelId() != 0) {
            tree.put(TUNNEL_ID, Integer.toUnsignedLong(options.tunnelId()));
            tree.put(PEER_TUNNEL_ID, Integer.toUnsignedLong(options.peerTunnelId()));
        }
        tree.put(SESSION_ID, Integer.toUnsignedLong(options.sessionId()));
        tree.put(PEER_SESSION_ID, Integer.toUnsignedLong(options.peerSessionId()));
        put(tree, COOKIE, options.cookie());
        put(tree, PEER_COOKIE, options.peerCookie());
        if (!options.sublayer()) {
            tree.put(SUBLAYER, NONE);
        }
        if (options.ppp()) {
            tree.put(PSEUDOWIRE, PPP);
        }
    }

    private static void put(ObjectNode tree, String key, L2tpCookie cookie) {
        if (cookie.length() > 0) {
            tree.put(key, cookie.toString());
        }
    }
}
