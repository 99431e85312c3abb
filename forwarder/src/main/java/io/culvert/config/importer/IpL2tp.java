package io.culvert.config.importer;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Tunnels and sessions of L2TPv3 as {@code ip l2tp add} names them and {@code ip -j l2tp show} prints them, in whatever
 * order and from several files. A tunnel here is each of the sessions. One thread.
 */
final class IpL2tp {

    private static final Map<String, String> ALIASES =
            Map.of("tid", "tunnel_id", "ptid", "peer_tunnel_id", "sid", "session_id", "psid", "peer_session_id");

    /** What {@code show} calls the words of {@code add}. */
    private static final Map<String, String> SHOWN = Map.of(
            "peer_tunnel",
            "peer_tunnel_id",
            "peer",
            "remote",
            "local_port",
            "udp_sport",
            "peer_port",
            "udp_dport",
            "checksum",
            "udp_csum",
            "checksum_tx",
            "udp6_csum_tx",
            "checksum_rx",
            "udp6_csum_rx",
            "interface",
            "name");

    /** What {@code ip} ignores, and says so. */
    private static final Set<String> IGNORED = Set.of("offset", "peer_offset");

    /** What the kernel has not said of a session that it showed. */
    private static final String UNSHOWN = "l2spec_type, which `ip l2tp show` does not print,";

    private final Map<String, Map<String, String>> tunnels = new LinkedHashMap<>();
    private final List<Session> sessions = new ArrayList<>();
    private String source = "";
    private int unnamed;

    /**
     * A session, or a tunnel without one.
     *
     * @param source where it comes from
     */
    record Sourced(String source, TunnelDraft draft) {}

    private record Session(String source, Map<String, String> words, boolean isShown) {}

    /** What is read from now on comes from there. */
    void from(String place) {
        source = place;
    }

    /** Reads the words behind {@code ip l2tp add}: a tunnel, a session, or both. */
    void add(String[] words) {
        Map<String, String> values = new LinkedHashMap<>();
        Set<String> kinds = new HashSet<>();
        for (int i = 0; i < words.length; i++) {
            if (words[i].equals("tunnel") || words[i].equals("session")) {
                kinds.add(words[i]);
            } else {
                String key = ALIASES.getOrDefault(words[i], words[i]);
                values.put(key, i + 1 < words.length ? words[++i] : "");
            }
        }
        if (kinds.contains("tunnel")) {
            tunnel(values);
        }
        if (kinds.contains("session")) {
            sessions.add(new Session(source, values, false));
        }
    }

    /** Whether that is a tunnel or session as {@code ip -j l2tp show} prints it. */
    static boolean isShown(JsonNode node) {
        return node.has("tunnel_id") && (node.has("peer_tunnel") || node.has("session_id"));
    }

    /** Reads a tunnel or session that {@code ip -j l2tp show} has printed. */
    void show(JsonNode node) {
        Map<String, String> values = new LinkedHashMap<>();
        node.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            String text = value.isBoolean() ? value.asBoolean() ? "on" : "off" : value.asString("");
            values.put(SHOWN.getOrDefault(entry.getKey(), entry.getKey()), text);
        });
        if (!node.has("session_id")) {
            tunnel(values);
            return;
        }
        boolean isSent = values.remove("send_seq") != null;
        boolean isRequired = values.remove("recv_seq") != null;
        if (isSent || isRequired) {
            values.put("seq", isSent && isRequired ? "both" : isSent ? "send" : "recv");
        }
        // The tunnel has it.
        values.remove("peer_tunnel_id");
        sessions.add(new Session(source, values, true));
    }

    private void tunnel(Map<String, String> values) {
        tunnels.put(values.getOrDefault("tunnel_id", ""), values);
    }

    /** All that were read, once nothing more comes. */
    List<Sourced> drafts() {
        List<Sourced> drafts = new ArrayList<>();
        Set<String> used = new HashSet<>();
        for (Session session : sessions) {
            used.add(session.words.getOrDefault("tunnel_id", ""));
            drafts.add(new Sourced(session.source, draft(session)));
        }
        tunnels.keySet().stream().filter(id -> !used.contains(id)).forEach(id -> {
            TunnelDraft draft = new TunnelDraft("tunnel_id " + id);
            draft.refuse("it has no session, so that no packet goes through it: import what `ip -j l2tp show session`"
                    + " prints, too");
            drafts.add(new Sourced(source, draft));
        });
        return drafts;
    }

    private TunnelDraft draft(Session session) {
        // As the kernel names a device that has no name.
        TunnelDraft draft =
                new TunnelDraft(session.words.containsKey("name") ? session.words.get("name") : "l2tpeth" + unnamed++);
        String id = session.words.getOrDefault("tunnel_id", "");
        Map<String, String> tunnel = tunnels.get(id);
        if (tunnel == null) {
            draft.refuse("its tunnel, tunnel_id " + id + ", was not read: import what `ip -j l2tp show tunnel` prints,"
                    + " too");
            return draft;
        }
        tunnel(draft, tunnel);
        session.words.forEach((key, value) -> session(draft, key, value));
        if (session.isShown) {
            draft.note(UNSHOWN);
        }
        return draft;
    }

    private static void tunnel(TunnelDraft draft, Map<String, String> tunnel) {
        boolean isIpv6 = tunnel.getOrDefault("local", "").contains(":");
        draft.l2tp(isIpv6);
        draft.address("local", tunnel.getOrDefault("local", ""));
        draft.address("remote", tunnel.getOrDefault("remote", ""));
        draft.number("tunnel_id", tunnel.getOrDefault("tunnel_id", ""));
        draft.number("peer_tunnel_id", tunnel.getOrDefault("peer_tunnel_id", ""));
        if (tunnel.getOrDefault("encap", "udp").equalsIgnoreCase("ip")) {
            return;
        }
        draft.text("encap", "udp");
        draft.number("encap-sport", tunnel.getOrDefault("udp_sport", ""));
        draft.number("encap-dport", tunnel.getOrDefault("udp_dport", ""));
        if (!isIpv6) {
            draft.flag("encap-csum", tunnel.getOrDefault("udp_csum", "off").equals("on"));
            return;
        }
        boolean isSent = tunnel.getOrDefault("udp6_csum_tx", "on").equals("on");
        if (isSent != tunnel.getOrDefault("udp6_csum_rx", "on").equals("on")) {
            draft.note("udp6_csum_tx and udp6_csum_rx are one option here: what only one of them says");
        }
        draft.flag("encap-csum6", isSent);
    }

    private static void session(TunnelDraft draft, String key, String value) {
        switch (key) {
            case "session_id", "peer_session_id" -> draft.number(key, value);
            case "cookie", "peer_cookie" -> draft.text(key, value);
            case "l2spec_type" -> draft.text(key, value.toLowerCase(Locale.ROOT));
            case "seq" -> sequence(draft, value.toLowerCase(Locale.ROOT));
            default -> {
                if (!isTunnelWord(key) && !IGNORED.contains(key)) {
                    draft.note(key + " " + value);
                }
            }
        }
    }

    /** One command may make a tunnel and a session. */
    private static boolean isTunnelWord(String key) {
        return switch (key) {
            case "name", "tunnel_id", "peer_tunnel_id", "local", "remote", "encap" -> true;
            default -> key.startsWith("udp");
        };
    }

    private static void sequence(TunnelDraft draft, String word) {
        switch (word) {
            case "both" -> draft.flag("seq", true);
            case "send" -> draft.flag("oseq", true);
            case "recv" -> draft.flag("iseq", true);
            default -> {
                // None is the default.
            }
        }
    }
}
