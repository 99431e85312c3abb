package io.culvert.config.importer;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What {@code ip -d -j link} and {@code ip -j tunnel show} print alike. */
final class IpFields {

    /** What is read of tunnels over IPv6. */
    static final Set<String> OVER_IPV6 = Set.of(
            "encap_limit",
            "ip6_tnl_f_ign_encap_limit",
            "tclass",
            "ip6_tnl_f_use_orig_tclass",
            "flowlabel",
            "ip6_tnl_f_use_orig_flowlabel",
            "flowinfo",
            "ip6_tnl_f_rcv_dscp_copy",
            "ip6_tnl_f_allow_local_remote");

    private IpFields() {}

    static Set<String> with(Set<String> some, String... more) {
        return Stream.concat(some.stream(), Stream.of(more)).collect(Collectors.toUnmodifiableSet());
    }

    static void copy(JsonNode from, TunnelDraft draft, String field, String key) {
        String text = text(from.get(field));
        if (text != null) {
            draft.number(key, text);
        }
    }

    static @Nullable String text(@Nullable JsonNode value) {
        return value == null || value.isNull() ? null : value.asString("");
    }

    static void noteWhatIpDoesNotPrint(TunnelDraft draft, String kind, JsonNode data) {
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

    static void overIpv6(TunnelDraft draft, JsonNode data) {
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

    /** The prefix of 6to4 stands in every sit tunnel that has no other. */
    static void sixRd(TunnelDraft draft, JsonNode data, String prefix, String relay) {
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

    static void noteTheRest(TunnelDraft draft, JsonNode data, Set<String> read) {
        data.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            boolean isOff = value.isBoolean() && !value.asBoolean();
            if (!read.contains(entry.getKey()) && !isOff) {
                draft.note(entry.getKey());
            }
        });
    }
}
