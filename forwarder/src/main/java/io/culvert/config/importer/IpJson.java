package io.culvert.config.importer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/** What {@code ip -d -j link}, {@code ip -d -j addr}, {@code ip -j tunnel show} and {@code ip -j l2tp show} print. */
final class IpJson {

    private static final JsonMapper JSON = new JsonMapper();
    private static final ObjectReader ONE_OF_SEVERAL =
            JSON.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** The devices that the kernel's modules make by themselves. */
    private static final Set<String> BASE_DEVICES = Set.of(
            "tunl0", "gre0", "gretap0", "erspan0", "sit0", "ip_vti0", "ip6tnl0", "ip6gre0", "ip6gretap0", "ip6_vti0");

    private static final Set<String> TUNNEL_KINDS = Set.of(
            "ipip", "gre", "sit", "vti", "ip6tnl", "ip6gre", "vti6", "gretap", "ip6gretap", "erspan", "ip6erspan");

    private static final Map<String, String> IP6TNL_MODES = Map.of("ip6ip6", "ip6ip6", "ipip6", "ipip6", "any", "any6");

    /** What {@code ip -j tunnel show} calls the flags. */
    private static final Map<String, String> FLAGS =
            Map.of("rx_drop_ooseq", "iseq", "rx_csum", "icsum", "tx_seq", "oseq", "tx_csum", "ocsum");

    private static final Set<String> IPV6_KEYS = Set.of(
            "encap_limit",
            "ip6_tnl_f_ign_encap_limit",
            "tclass",
            "ip6_tnl_f_use_orig_tclass",
            "flowlabel",
            "ip6_tnl_f_use_orig_flowlabel",
            "flowinfo",
            "ip6_tnl_f_rcv_dscp_copy",
            "ip6_tnl_f_allow_local_remote");

    /** What is read of {@code info_data}; {@code external} has a note of its own. */
    private static final Set<String> LINK_KEYS = with(
            IPV6_KEYS,
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

    /** What is read of {@code ip -j tunnel show}. */
    private static final Set<String> SHOWN_KEYS = with(
            IPV6_KEYS,
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

    private IpJson() {}

    private static Set<String> with(Set<String> some, String... more) {
        return Stream.concat(some.stream(), Stream.of(more)).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Reads what it printed, once or several times.
     *
     * @param l2tp gets tunnels and sessions of L2TPv3
     */
    static List<TunnelDraft> read(String text, IpL2tp l2tp) {
        List<TunnelDraft> drafts = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(text)) {
            while (parser.nextToken() != null) {
                read(ONE_OF_SEVERAL.readTree(parser), drafts, l2tp);
            }
        }
        return drafts;
    }

    private static void read(JsonNode devices, List<TunnelDraft> drafts, IpL2tp l2tp) {
        for (JsonNode device : devices) {
            String name = device.path("ifname").asString("");
            JsonNode info = device.path("linkinfo");
            String kind = info.path("info_kind").asString("");
            if (BASE_DEVICES.contains(name)) {
                continue;
            }
            if (IpL2tp.isShown(device)) {
                l2tp.show(device);
            } else if (device.has("mode") && device.path("mode").asString("").contains("/")) {
                drafts.add(tunnel(name, device));
            } else if (TUNNEL_KINDS.contains(kind)) {
                drafts.add(link(name, kind, device, info.path("info_data")));
            }
        }
    }

    private static TunnelDraft tunnel(String name, JsonNode shown) {
        TunnelDraft draft = new TunnelDraft(name);
        String mode = shownMode(shown);
        if (mode.equals("any/ip")) {
            draft.refuse("any/ip is ipip or sit: import what `ip -d -j link` prints");
            return draft;
        }
        draft.mode(mode);
        noteWhatIpDoesNotPrint(draft, mode, shown);
        draft.address("local", shown.path("local").asString(""));
        draft.address("remote", shown.path("remote").asString(""));
        copy(shown, draft, "dev", "dev");
        copy(shown, draft, "ttl", "ttl");
        draft.tosByte(text(shown.get("tos")));
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
        copy(shown, draft, "link", "dev");
        if (draft.isOverIpv6() && !mode.equals("vti6")) {
            draft.ttl(shown.path("hoplimit").asString("0"));
            overIpv6(draft, shown);
        }
        noteTheRest(draft, shown, SHOWN_KEYS);
        return draft;
    }

    private static TunnelDraft link(String name, String kind, JsonNode device, JsonNode data) {
        TunnelDraft draft = new TunnelDraft(name);
        draft.mode(mode(kind, data));
        noteWhatIpDoesNotPrint(draft, kind, data);
        if (data.path("external").asBoolean(false)) {
            draft.refuse("its packets' endpoints are chosen packet by packet (external)");
        }
        draft.address("local", data.path("local").asString(""));
        draft.address("remote", data.path("remote").asString(""));
        copy(data, draft, "link", "dev");
        if (data.path("ttl").asInt(0) > 0) {
            copy(data, draft, "ttl", "ttl");
        } else if (draft.isOverIpv6() && data.has("ttl")) {
            draft.ttl("0");
        }
        draft.tosByte(text(data.get("tos")));
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
        if (data.path("ignore_df").asBoolean(false)) {
            draft.flag("ignore-df", true);
        }
        sixRd(draft, data, "prefix", "relay_prefix");
        encap(draft, data.path("encap"));
        erspan(draft, data);
        if (draft.isOverIpv6()) {
            overIpv6(draft, data);
        }
        noteTheRest(draft, data, LINK_KEYS);
        for (String key : List.of("master", "ifalias")) {
            if (device.has(key)) {
                draft.note(key + " " + device.path(key).asString(""));
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

    /** ip shows a vti tunnel as one of IPv4 in IPv4, or of IPv6 in IPv6, but for its key. */
    private static String shownMode(JsonNode shown) {
        String mode = shown.path("mode").asString("");
        boolean hasKey = shown.has("key") || shown.has("ikey") || shown.has("okey");
        return switch (hasKey ? mode : "") {
            case "ip/ip" -> "vti";
            case "ipv6/ipv6" -> "vti6";
            default -> mode;
        };
    }

    private static void noteWhatIpDoesNotPrint(TunnelDraft draft, String kind, JsonNode data) {
        String proto = data.path("proto").asString("");
        if (data.has("isatap")) {
            draft.note("the potential router list, which `ip tunnel show` prints,");
        } else if (kind.equals("ipip")
                && proto.equals("any")
                && data.at("/encap/type").asString("").equals("fou")) {
            draft.note("proto any, which is IPv4 and MPLS, as far as MPLS goes, which foo over UDP cannot tell from"
                    + " IPv4,");
        } else if ((kind.equals("sit") || kind.equals("ipip")) && !proto.isEmpty()) {
            draft.text("proto", proto);
        } else if (kind.startsWith("vti")) {
            draft.note("what `ip xfrm state` prints, the security associations,");
        }
    }

    private static String mode(String kind, JsonNode data) {
        String proto = data.path("proto").asString("");
        if (kind.equals("ip6tnl")) {
            return IP6TNL_MODES.getOrDefault(proto, "ip6ip6");
        }
        return kind.equals("sit") && data.has("isatap") ? "isatap" : kind;
    }

    private static void overIpv6(TunnelDraft draft, JsonNode data) {
        if (isSet(data, "ip6_tnl_f_ign_encap_limit")) {
            draft.text("encaplimit", "none");
        } else {
            copy(data, draft, "encap_limit", "encaplimit");
        }
        for (String key : List.of("tclass", "flowlabel")) {
            String text = isSet(data, "ip6_tnl_f_use_orig_" + key) ? "inherit" : text(data.get(key));
            if (text != null) {
                draft.hex(key, text);
            }
        }
        if (isSet(data, "ip6_tnl_f_rcv_dscp_copy")) {
            draft.text("dscp", "inherit");
        }
        if (isSet(data, "ip6_tnl_f_allow_local_remote")) {
            draft.flag("allow-localremote", true);
        }
    }

    /** Some versions of ip give a flag true, some null. */
    private static boolean isSet(JsonNode data, String flag) {
        return data.has(flag) && data.path(flag).asBoolean(true);
    }

    private static void noteTheRest(TunnelDraft draft, JsonNode data, Set<String> read) {
        data.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            boolean isOff = value.isBoolean() && !value.asBoolean();
            if (!read.contains(entry.getKey()) && !isOff) {
                draft.note(entry.getKey());
            }
        });
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
            if (encap.path("sport").asInt(0) > 0) {
                copy(encap, draft, "sport", "encap-sport");
            }
            copy(encap, draft, "dport", "encap-dport");
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
        copy(data, draft, "erspan_ver", "erspan_ver");
        copy(data, draft, "erspan_index", "erspan");
        copy(data, draft, "erspan_dir", "erspan_dir");
        String hardwareId = text(data.get("erspan_hwid"));
        if (hardwareId != null) {
            draft.hex("erspan_hwid", hardwareId);
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
