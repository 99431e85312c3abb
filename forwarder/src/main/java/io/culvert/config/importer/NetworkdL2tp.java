package io.culvert.config.importer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The sections {@code [L2TP]} and {@code [L2TPSession]} of a {@code .netdev} file: a tunnel here is each of the sessions. */
final class NetworkdL2tp {

    private NetworkdL2tp() {}

    static List<TunnelDraft> read(Map<String, String> tunnel, List<Map<String, String>> sessions, String name) {
        List<TunnelDraft> drafts = new ArrayList<>();
        for (Map<String, String> session : sessions) {
            TunnelDraft draft = new TunnelDraft(session.getOrDefault("Name", "-"));
            tunnel(draft, tunnel);
            session.forEach((key, value) -> session(draft, key, value));
            drafts.add(draft);
        }
        if (sessions.isEmpty()) {
            TunnelDraft draft = new TunnelDraft(name);
            draft.refuse("it has no [L2TPSession], so that no packet goes through it");
            drafts.add(draft);
        }
        return drafts;
    }

    private static void session(TunnelDraft draft, String key, String value) {
        switch (key) {
            case "Name" -> {
                // The draft has it.
            }
            case "SessionId" -> draft.number("session_id", value);
            case "PeerSessionId" -> draft.number("peer_session_id", value);
            case "Layer2SpecificHeader" -> draft.text("l2spec_type", value);
            default -> draft.note(key + "=" + value);
        }
    }

    private static void tunnel(TunnelDraft draft, Map<String, String> tunnel) {
        Map<String, String> rest = new LinkedHashMap<>(tunnel);
        String remote = tunnel.getOrDefault("Remote", "");
        boolean isIpv6 = remote.indexOf(':') >= 0;
        draft.l2tp(isIpv6);
        if (tunnel.getOrDefault("EncapsulationType", "udp").equals("ip")) {
            rest.keySet().removeIf(key -> key.startsWith("UDP"));
        } else {
            draft.text("encap", "udp");
            checksum(draft, isIpv6, rest);
        }
        rest.remove("EncapsulationType");
        rest.forEach((key, value) -> take(draft, key, value));
    }

    private static void take(TunnelDraft draft, String key, String value) {
        switch (key) {
            case "TunnelId" -> draft.number("tunnel_id", value);
            case "PeerTunnelId" -> draft.number("peer_tunnel_id", value);
            case "Remote" -> draft.address("remote", value);
            case "Local" -> NetworkdFile.local(draft, value);
            case "UDPSourcePort" -> draft.number("encap-sport", value);
            case "UDPDestinationPort" -> draft.number("encap-dport", value);
            default -> draft.note(key + "=" + value);
        }
    }

    /** Over IPv6 networkd leaves the checksum out unless told otherwise, in each direction by a key of its own. */
    private static void checksum(TunnelDraft draft, boolean isIpv6, Map<String, String> tunnel) {
        Map<String, String> said = new HashMap<>();
        tunnel.keySet().removeIf(key -> {
            String word = key.toLowerCase(Locale.ROOT).replace("zero", "");
            boolean isChecksum = word.startsWith("udp") && word.contains("checksum");
            if (isChecksum) {
                said.put(word, tunnel.get(key));
            }
            return isChecksum;
        });
        if (!isIpv6) {
            draft.flag("encap-csum", NetworkdFile.isTrue(said.get("udpchecksum")));
            return;
        }
        boolean isSent = !NetworkdFile.isTrue(said.getOrDefault("udp6checksumtx", "yes"));
        boolean isRequired = !NetworkdFile.isTrue(said.getOrDefault("udp6checksumrx", "yes"));
        if (isSent != isRequired) {
            draft.note("UDP6ZeroChecksumTx and UDP6ZeroChecksumRx are one option here: what only one of them says");
        }
        draft.flag("encap-csum6", isSent);
    }
}
