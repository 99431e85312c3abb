package io.culvert.config.importer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A {@code .netdev} file of systemd-networkd with a {@code [Tunnel]} section, or with those of L2TPv3. */
final class NetworkdFile {

    private static final Set<String> TRUE = Set.of("1", "yes", "true", "on");
    private static final Set<String> KINDS =
            Set.of("ipip", "gre", "sit", "vti", "ip6gre", "vti6", "ip6tnl", "gretap", "ip6gretap", "erspan");

    /** What of the section {@code [NetDev]} has a place here, or says nothing. */
    private static final Set<String> READ = Set.of("Name", "Kind", "MTUBytes", "Description");

    /** Kinds of addresses that networkd takes from the device below, for a tunnel or L2TP. */
    private static final Set<String> CHOSEN_LATER =
            Set.of("auto", "static", "dynamic", "ipv4_link_local", "ipv6_link_local", "dhcp4", "dhcp6", "slaac");

    private NetworkdFile() {}

    static List<TunnelDraft> read(String text) {
        Map<String, String> netdev = section(text, "NetDev");
        String kind = netdev.getOrDefault("Kind", "");
        String name = netdev.getOrDefault("Name", "-");
        if (kind.equals("l2tp")) {
            List<TunnelDraft> sessions = NetworkdL2tp.read(section(text, "L2TP"), sections(text, "L2TPSession"), name);
            sessions.forEach(session -> finish(session, text, netdev));
            return sessions;
        }
        if (!KINDS.contains(kind)) {
            return List.of();
        }
        TunnelDraft draft = new TunnelDraft(name);
        Map<String, String> tunnel = section(text, "Tunnel");
        if (isTrue(tunnel.remove("ISATAP"))) {
            draft.mode("isatap");
        } else {
            draft.mode(kind.equals("ip6tnl") ? tunnel.getOrDefault("Mode", "ip6ip6") : kind);
        }
        tunnel.remove("Mode");
        if (isTrue(tunnel.remove("External"))) {
            draft.refuse("its packets' endpoints are chosen packet by packet (External)");
        }
        if (isTrue(tunnel.remove("IgnoreDontFragment"))) {
            draft.flag("ignore-df", true);
            tunnel.putIfAbsent("DiscoverPathMTU", "no");
        }
        if (kind.equals("erspan")) {
            erspan(draft, tunnel);
        }
        encap(draft, tunnel);
        tunnel.forEach((key, value) -> take(draft, key, value));
        finish(draft, text, netdev);
        return List.of(draft);
    }

    /** What all kinds have. */
    private static void finish(TunnelDraft draft, String text, Map<String, String> netdev) {
        if (netdev.containsKey("MTUBytes")) {
            draft.number("mtu", netdev.get("MTUBytes"));
        }
        noteTheRest(draft, text, netdev);
    }

    private static void noteTheRest(TunnelDraft draft, String text, Map<String, String> netdev) {
        netdev.forEach((key, value) -> {
            if (!READ.contains(key)) {
                draft.note(key + "=" + value);
            }
        });
        section(text, "Match").forEach((key, value) -> draft.note("[Match] " + key + "=" + value));
    }

    private static void take(TunnelDraft draft, String key, String value) {
        switch (key) {
            case "Local" -> local(draft, value);
            case "Remote" -> draft.address("remote", value);
            case "TTL" -> draft.ttl(value);
            case "Key" -> draft.number("key", value);
            case "InputKey" -> draft.number("ikey", value);
            case "OutputKey" -> draft.number("okey", value);
            case "SerializeTunneledPackets" -> draft.flag("seq", isTrue(value));
            case "DiscoverPathMTU" -> draft.flag("pmtudisc", isTrue(value));
            case "IPv6RapidDeploymentPrefix" -> draft.text("6rd-prefix", value);
            case "Independent", "AssignToLoopback" -> {
                // Culvert's tunnels are always so.
            }
            default -> byFamily(draft, key, value);
        }
    }

    /** An address, or what kind of address of a device is to be taken. */
    static void local(TunnelDraft draft, String value) {
        int at = value.indexOf('@');
        String address = at < 0 ? value : value.substring(0, at);
        if (at >= 0 || CHOSEN_LATER.contains(address)) {
            draft.note("Local=" + value + ", an address that networkd finds,");
        } else {
            draft.address("local", address);
        }
    }

    /** Networkd passes over what another version has. */
    private static void erspan(TunnelDraft draft, Map<String, String> tunnel) {
        String version = tunnel.getOrDefault("ERSPANVersion", "1");
        tunnel.remove("ERSPANVersion");
        String index = tunnel.remove("ERSPANIndex");
        String direction = tunnel.remove("ERSPANDirection");
        String hardwareId = tunnel.remove("ERSPANHardwareId");
        if (!version.equals("1")) {
            draft.number("erspan_ver", version);
        } else if (index != null) {
            draft.number("erspan", index);
        }
        if (version.equals("2") && direction != null) {
            draft.text("erspan_dir", direction);
        }
        if (version.equals("2") && hardwareId != null) {
            draft.number("erspan_hwid", hardwareId);
        }
    }

    private static void byFamily(TunnelDraft draft, String key, String value) {
        if (key.equals("TOS") && !draft.isOverIpv6()) {
            draft.tosNumber(value);
        } else {
            overIpv6(draft, key, value);
        }
    }

    private static void overIpv6(TunnelDraft draft, String key, String value) {
        switch (draft.isOverIpv6() ? key : "") {
            case "EncapsulationLimit" -> draft.number("encaplimit", value);
            case "IPv6FlowLabel" -> draft.number("flowlabel", value);
            case "CopyDSCP" -> {
                if (isTrue(value)) {
                    draft.text("dscp", "inherit");
                }
            }
            case "AllowLocalRemote" -> draft.flag("allow-localremote", isTrue(value));
            default -> draft.note(key + "=" + value);
        }
    }

    private static void encap(TunnelDraft draft, Map<String, String> tunnel) {
        String kind = tunnel.remove("Encapsulation");
        String destination = tunnel.remove("FOUDestinationPort");
        String source = tunnel.remove("FOUSourcePort");
        if (!isTrue(tunnel.remove("FooOverUDP"))) {
            return;
        }
        draft.text("encap", "GenericUDPEncapsulation".equals(kind) ? "gue" : "fou");
        if (source != null) {
            draft.number("encap-sport", source);
        }
        if (destination != null) {
            draft.number("encap-dport", destination);
        }
    }

    static boolean isTrue(@org.jspecify.annotations.Nullable String value) {
        return value != null && TRUE.contains(value.toLowerCase(Locale.ROOT));
    }

    /** The keys of all sections of that name, the last value of each. */
    private static Map<String, String> section(String text, String name) {
        Map<String, String> keys = new LinkedHashMap<>();
        sections(text, name).forEach(keys::putAll);
        return keys;
    }

    /** The keys of each section of that name, the last value of each. */
    private static List<Map<String, String>> sections(String text, String name) {
        List<Map<String, String>> sections = new ArrayList<>();
        boolean inside = false;
        for (String line : text.lines().map(String::strip).toList()) {
            int equals = line.indexOf('=');
            if (line.startsWith("[")) {
                inside = line.equals("[" + name + "]");
                if (inside) {
                    sections.add(new LinkedHashMap<>());
                }
            } else if (inside && equals > 0 && !line.startsWith("#") && !line.startsWith(";")) {
                sections.getLast()
                        .put(
                                line.substring(0, equals).strip(),
                                line.substring(equals + 1).strip());
            }
        }
        return sections;
    }
}
