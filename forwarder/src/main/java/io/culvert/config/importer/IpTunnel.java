package io.culvert.config.importer;

import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** A tunnel as {@code ip -j tunnel show} prints it. */
final class IpTunnel {

    /** What it calls the flags. */
    private static final Map<String, String> FLAGS =
            Map.of("rx_drop_ooseq", "iseq", "rx_csum", "icsum", "tx_seq", "oseq", "tx_csum", "ocsum");

    /** What is read of it. */
    private static final Set<String> KEYS = IpFields.with(
            IpFields.OVER_IPV6,
            "ifname",
            "mode",
            "local",
            "remote",
            "dev",
            "link",
            "ttl",
            "hoplimit",
            "tos",
            "key",
            "ikey",
            "okey",
            "nopmtudisc",
            "flags",
            "stats64",
            "6rd-prefix",
            "6rd-prefixlen",
            "6rd-relay_prefix",
            "6rd-relay_prefixlen");

    private IpTunnel() {}

    /** Whether that is a tunnel as {@code ip -j tunnel show} prints it. */
    static boolean isShown(JsonNode node) {
        return node.path("mode").asString("").contains("/");
    }

    static TunnelDraft draft(String name, JsonNode shown) {
        TunnelDraft draft = new TunnelDraft(name);
        String mode = mode(shown);
        if (mode.equals("any/ip")) {
            draft.refuse("any/ip is ipip or sit: import what `ip -d -j link` prints");
            return draft;
        }
        draft.mode(mode);
        IpFields.noteWhatIpDoesNotPrint(draft, mode, shown);
        draft.address("local", shown.path("local").asString(""));
        draft.address("remote", shown.path("remote").asString(""));
        IpFields.copy(shown, draft, "dev", "dev");
        IpFields.copy(shown, draft, "ttl", "ttl");
        draft.tosByte(IpFields.text(shown.get("tos")));
        for (String key : List.of("key", "ikey", "okey")) {
            IpFields.copy(shown, draft, key, key);
        }
        if (shown.has("nopmtudisc")) {
            draft.flag("pmtudisc", false);
        }
        for (JsonNode flag : shown.path("flags")) {
            String key = FLAGS.get(flag.asString(""));
            if (key != null) {
                draft.flag(key, true);
            }
        }
        IpFields.sixRd(draft, shown, "6rd-prefix", "6rd-relay_prefix");
        IpFields.copy(shown, draft, "link", "dev");
        if (draft.isOverIpv6() && !mode.equals("vti6")) {
            draft.ttl(shown.path("hoplimit").asString("0"));
            IpFields.overIpv6(draft, shown);
        }
        IpFields.noteTheRest(draft, shown, KEYS);
        return draft;
    }

    /** ip shows a vti tunnel as one of IPv4 in IPv4, or of IPv6 in IPv6, but for its key. */
    private static String mode(JsonNode shown) {
        String mode = shown.path("mode").asString("");
        boolean hasKey = shown.has("key") || shown.has("ikey") || shown.has("okey");
        return switch (hasKey ? mode : "") {
            case "ip/ip" -> "vti";
            case "ipv6/ipv6" -> "vti6";
            default -> mode;
        };
    }
}
