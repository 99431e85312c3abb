package io.culvert.config.importer;

import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** A tunnel as {@code ip -d -j link} and {@code ip -d -j addr} print its device. */
final class IpLink {

    private static final Set<String> KINDS = Set.of(
            "ipip", "gre", "sit", "vti", "ip6tnl", "ip6gre", "vti6", "gretap", "ip6gretap", "erspan", "ip6erspan");

    private static final Map<String, String> IP6TNL_MODES = Map.of("ip6ip6", "ip6ip6", "ipip6", "ipip6", "any", "any6");

    /** What is read of {@code info_data}; {@code external} has a note of its own. */
    private static final Set<String> KEYS = IpFields.with(
            IpFields.OVER_IPV6,
            "external",
            "proto",
            "local",
            "remote",
            "link",
            "ttl",
            "tos",
            "ikey",
            "okey",
            "iseq",
            "oseq",
            "icsum",
            "ocsum",
            "pmtudisc",
            "ignore_df",
            "isatap",
            "prefix",
            "prefixlen",
            "relay_prefix",
            "relay_prefixlen",
            "encap",
            "erspan_ver",
            "erspan_index",
            "erspan_dir",
            "erspan_hwid");

    private IpLink() {}

    /** Whether devices of that kind are tunnels. */
    static boolean isTunnel(String kind) {
        return KINDS.contains(kind);
    }

    static TunnelDraft draft(String name, String kind, JsonNode device, JsonNode data) {
        TunnelDraft draft = new TunnelDraft(name);
        draft.mode(mode(kind, data));
        IpFields.noteWhatIpDoesNotPrint(draft, kind, data);
        if (data.path("external").asBoolean(false)) {
            draft.refuse("its packets' endpoints are chosen packet by packet (external)");
        }
        draft.address("local", data.path("local").asString(""));
        draft.address("remote", data.path("remote").asString(""));
        IpFields.copy(data, draft, "link", "dev");
        if (data.path("ttl").asInt(0) > 0) {
            IpFields.copy(data, draft, "ttl", "ttl");
        } else if (draft.isOverIpv6() && data.has("ttl")) {
            draft.ttl("0");
        }
        draft.tosByte(IpFields.text(data.get("tos")));
        IpFields.copy(data, draft, "ikey", "ikey");
        IpFields.copy(data, draft, "okey", "okey");
        for (String flag : List.of("iseq", "oseq", "icsum", "ocsum")) {
            if (data.path(flag).asBoolean(false)) {
                draft.flag(flag, true);
            }
        }
        if (data.has("pmtudisc") && !data.path("pmtudisc").asBoolean(true)) {
            draft.flag("pmtudisc", false);
        }
        if (data.path("ignore_df").asBoolean(false)) {
            draft.flag("ignore-df", true);
        }
        IpFields.sixRd(draft, data, "prefix", "relay_prefix");
        encap(draft, data.path("encap"));
        erspan(draft, data);
        if (draft.isOverIpv6()) {
            IpFields.overIpv6(draft, data);
        }
        IpFields.noteTheRest(draft, data, KEYS);
        for (String key : List.of("master", "ifalias")) {
            if (device.has(key)) {
                draft.note(key + " " + device.path(key).asString(""));
            }
        }
        IpFields.copy(device, draft, "mtu", "mtu");
        for (JsonNode address : device.path("addr_info")) {
            if (!address.path("scope").asString("").equals("link")) {
                draft.append("addresses", address.path("local").asString("") + "/" + address.path("prefixlen"));
            }
        }
        return draft;
    }

    private static String mode(String kind, JsonNode data) {
        String proto = data.path("proto").asString("");
        if (kind.equals("ip6tnl")) {
            return IP6TNL_MODES.getOrDefault(proto, "ip6ip6");
        }
        return kind.equals("sit") && data.has("isatap") ? "isatap" : kind;
    }

    private static void encap(TunnelDraft draft, JsonNode encap) {
        String type = encap.path("type").asString("none");
        if (!type.equals("none")) {
            draft.text("encap", type);
            if (encap.path("sport").asInt(0) > 0) {
                IpFields.copy(encap, draft, "sport", "encap-sport");
            }
            IpFields.copy(encap, draft, "dport", "encap-dport");
            if (draft.isOverIpv6()) {
                draft.flag("encap-csum6", encap.path("csum6").asBoolean(true));
            } else if (encap.path("csum").asBoolean(false)) {
                draft.flag("encap-csum", true);
            }
            if (encap.path("remcsum").asBoolean(false)) {
                draft.note("encap-remcsum");
            }
        }
    }

    private static void erspan(TunnelDraft draft, JsonNode data) {
        IpFields.copy(data, draft, "erspan_ver", "erspan_ver");
        IpFields.copy(data, draft, "erspan_index", "erspan");
        IpFields.copy(data, draft, "erspan_dir", "erspan_dir");
        String hardwareId = IpFields.text(data.get("erspan_hwid"));
        if (hardwareId != null) {
            draft.hex("erspan_hwid", hardwareId);
        }
    }
}
