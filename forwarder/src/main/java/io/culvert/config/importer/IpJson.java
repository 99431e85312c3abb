package io.culvert.config.importer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code ip -d -j link}, {@code ip -d -j addr} and {@code ip -j tunnel show} print. */
final class IpJson {

    private static final JsonMapper JSON = new JsonMapper();

    /** The devices that the kernel's modules make by themselves. */
    private static final Set<String> BASE_DEVICES =
            Set.of("tunl0", "gre0", "sit0", "ip_vti0", "ip6tnl0", "ip6gre0", "ip6_vti0");

    private static final Set<String> TUNNEL_KINDS = Set.of(
            "ipip", "gre", "sit", "vti", "ip6tnl", "ip6gre", "vti6", "gretap", "ip6gretap", "erspan", "ip6erspan");

    private static final Map<String, String> IP6TNL_MODES = Map.of("ip6ip6", "ip6ip6", "ipip6", "ipip6", "any", "any6");

    /** What {@code ip -j tunnel show} calls the flags. */
    private static final Map<String, String> FLAGS =
            Map.of("rx_drop_ooseq", "iseq", "rx_csum", "icsum", "tx_seq", "oseq", "tx_csum", "ocsum");

    private IpJson() {}

    static List<TunnelDraft> read(String text) {
        List<TunnelDraft> drafts = new ArrayList<>();
        for (JsonNode device : JSON.readTree(text)) {
            String name = device.path("ifname").asString("");
            JsonNode info = device.path("linkinfo");
            String kind = info.path("info_kind").asString("");
            if (BASE_DEVICES.contains(name)) {
                continue;
            }
            if (device.has("mode") && device.path("mode").asString("").contains("/")) {
                drafts.add(tunnel(name, device));
            } else if (TUNNEL_KINDS.contains(kind)) {
                drafts.add(link(name, kind, device, info.path("info_data")));
            }
        }
        return drafts;
    }

    private static TunnelDraft tunnel(String name, JsonNode shown) {
        TunnelDraft draft = new TunnelDraft(name);
        draft.mode(shown.path("mode").asString(""));
        draft.address("local", shown.path("local").asString(""));
        draft.address("remote", shown.path("remote").asString(""));
        copy(shown, draft, "dev", "dev");
        copy(shown, draft, "ttl", "ttl");
        copy(shown, draft, "tos", "tos");
        for (String key : List.of("key", "ikey", "okey")) {
            copy(shown, draft, key, key);
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
        sixRd(draft, shown, "6rd-prefix", "6rd-relay_prefix");
        return draft;
    }

    private static TunnelDraft link(String name, String kind, JsonNode device, JsonNode data) {
        TunnelDraft draft = new TunnelDraft(name);
        draft.mode(mode(kind, data));
        if (data.path("external").asBoolean(false)) {
            draft.refuse("its packets' endpoints are chosen packet by packet (external)");
        }
        draft.address("local", data.path("local").asString(""));
        draft.address("remote", data.path("remote").asString(""));
        copy(data, draft, "link", "dev");
        if (data.path("ttl").asInt(0) > 0) {
            copy(data, draft, "ttl", "ttl");
        }
        copy(data, draft, "tos", "tos");
        copy(data, draft, "ikey", "ikey");
        copy(data, draft, "okey", "okey");
        for (String flag : List.of("iseq", "oseq", "icsum", "ocsum")) {
            if (data.path(flag).asBoolean(false)) {
                draft.flag(flag, true);
            }
        }
        if (data.has("pmtudisc") && !data.path("pmtudisc").asBoolean(true)) {
            draft.flag("pmtudisc", false);
        }
        sixRd(draft, data, "prefix", "relay_prefix");
        encap(draft, data.path("encap"));
        for (String key : List.of("fwmark", "ignore_df")) {
            if (data.has(key)) {
                draft.note(key);
            }
        }
        copy(device, draft, "mtu", "mtu");
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
        if (kind.equals("ipip") && !proto.isEmpty() && !proto.equals("ipip")) {
            return "ipip proto " + proto;
        }
        return kind.equals("sit") && data.has("isatap") ? "isatap" : kind;
    }

    /** The prefix of 6to4 stands in every sit tunnel that has no other. */
    private static void sixRd(TunnelDraft draft, JsonNode data, String prefix, String relay) {
        String network = data.path(prefix).asString("");
        if (!network.isEmpty() && !network.equals("2002::")) {
            draft.text("6rd-prefix", network + "/" + length(data, prefix));
            String relayNetwork = data.path(relay).asString("");
            if (!relayNetwork.isEmpty() && !relayNetwork.equals("0.0.0.0")) {
                draft.text("6rd-relay_prefix", relayNetwork + "/" + length(data, relay));
            }
        }
    }

    private static String length(JsonNode data, String key) {
        return data.path(key + "len").asString("0");
    }

    private static void encap(TunnelDraft draft, JsonNode encap) {
        String type = encap.path("type").asString("none");
        if (!type.equals("none")) {
            draft.text("encap", type);
            copy(encap, draft, "sport", "encap-sport");
            copy(encap, draft, "dport", "encap-dport");
        }
    }

    private static void copy(JsonNode from, TunnelDraft draft, String field, String key) {
        String text = text(from.get(field));
        if (text != null) {
            draft.number(key, text);
        }
    }

    private static @Nullable String text(@Nullable JsonNode value) {
        return value == null || value.isNull() ? null : value.asString("");
    }
}
