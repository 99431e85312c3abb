package io.culvert.it;

import io.culvert.config.SaKeys;
import io.culvert.tunnel.Mode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tunnel between a gateway and Linux.
 *
 * @param mode the mode's word
 * @param options the gateway's options: keys of {@code culvert.toml} with their values, flags alone or behind "no"
 * @param peer how Linux makes its end
 * @param inner the addresses in the tunnel, of each family that it carries
 * @param sa what protects it; null but for modes vti and vti6
 */
record InteropRow(
        String mode,
        String options,
        Peer peer,
        List<Inner> inner,
        @Nullable InteropSa sa) {

    /** The tunnel's device at both ends. */
    static final String DEVICE = "interop";

    private static final Set<String> FLAGS = Set.of(
            "seq",
            "iseq",
            "oseq",
            "csum",
            "icsum",
            "ocsum",
            "pmtudisc",
            "ignore-df",
            "allow-localremote",
            "encap-csum",
            "encap-csum6");
    private static final Set<String> LISTS = Set.of("prl-default", "prl-nodefault");
    private static final Map<String, String> MIRRORED =
            Map.of("iseq", "oseq", "oseq", "iseq", "icsum", "ocsum", "ocsum", "icsum", "ikey", "okey", "okey", "ikey");

    /** The words of {@code ip l2tp} for our flags, seen from the other end. */
    private static final Map<String, String> L2TP = Map.of(
            "seq",
            "seq both",
            "iseq",
            "seq send",
            "oseq",
            "seq recv",
            "session_id",
            "peer_session_id",
            "peer_session_id",
            "session_id",
            "cookie",
            "peer_cookie",
            "peer_cookie",
            "cookie");

    InteropRow(String mode, String options, Peer peer, Inner... inner) {
        this(mode, options, peer, List.of(inner), null);
    }

    /**
     * Addresses in the tunnel.
     *
     * @param ours the gateway's
     * @param theirs Linux's
     * @param length of the prefix that both are in
     */
    record Inner(String ours, String theirs, int length) {

        static final Inner IPV4 = new Inner("192.0.2.1", "192.0.2.2", 30);
        static final Inner IPV6 = new Inner("2001:db8:1::1", "2001:db8:1::2", 64);

        boolean isIpv6() {
            return ours.contains(":");
        }
    }

    /** How Linux's end is made. */
    @FunctionalInterface
    interface Peer {

        /** {@code ip tunnel add} with the same options, each direction's turned round. */
        Peer IP_TUNNEL = (row, local, remote) -> List.of(String.join(
                " ", "ip tunnel add", DEVICE, "mode", row.mode, "local", local, "remote", remote, row.mirrored()));

        /** {@code ip -6 tunnel add} with the same options, each direction's turned round. */
        Peer IP6_TUNNEL = (row, local, remote) -> List.of(String.join(
                " ",
                "ip -6 tunnel add",
                DEVICE,
                "mode",
                row.mode.equals("any6") ? "any" : row.mode,
                "local",
                local,
                "remote",
                remote,
                row.mirrored()));

        /** {@code ip link add} with the same options, each direction's turned round. */
        Peer IP_LINK = (row, local, remote) -> List.of(String.join(
                " ",
                "ip link add",
                DEVICE,
                "type",
                row.mode.equals("isatap") ? "sit isatap" : row.mode,
                "local",
                local,
                "remote",
                remote,
                row.mirrored().replace("proto ", "mode ")));

        /** {@code ip l2tp add} with the same options, each direction's turned round. */
        Peer IP_L2TP = (row, local, remote) -> List.of(
                "modprobe l2tp_eth; modprobe " + (row.isOuterIpv6() ? "l2tp_ip6" : "l2tp_ip"),
                "ip l2tp add tunnel tunnel_id 1 peer_tunnel_id 1 local " + local + " remote " + remote + " encap "
                        + row.l2tpEncap(),
                "ip l2tp add session name " + DEVICE + " tunnel_id 1 " + row.l2tpWords());

        /** {@link #IP_LINK} in the words of {@code ip link} for what {@code ip tunnel} has modes for over IPv6, and for encap. */
        Peer IP6_LINK = (row, local, remote) -> List.of(IP_LINK.commands(row, local, remote)
                .getFirst()
                .replaceFirst(" type (ip6ip6|ipip6) ", " type ip6tnl mode $1 ")
                .replace(" type any6 ", " type ip6tnl mode any ")
                .replace("encap-csum6", "encap-udp6-csum"));

        /** Another program, which its own test starts; Linux has no such tunnel. */
        Peer PROGRAM = (_, _, _) -> List.of();

        /** Command lines for the guest that make {@link #DEVICE} between these outer addresses. */
        List<String> commands(InteropRow row, String local, String remote);
    }

    /** The gateway's tunnel, with the keys of {@code culvert.toml}; a directory for the files that it names. */
    ObjectNode tunnel(String local, String remote, Path directory) {
        ObjectNode tunnel = JsonNodeFactory.instance
                .objectNode()
                .put("name", DEVICE)
                .put("mode", mode)
                .put("local", local)
                .put("remote", remote);
        putOptions(tunnel);
        inner.forEach(pair -> tunnel.withArray("addresses").add(pair.ours + "/" + pair.length));
        if (sa != null) {
            sa.put(tunnel, directory);
        }
        return tunnel;
    }

    /** The keys of {@code culvert.toml} that this row shows at work. */
    Set<String> keys() {
        ObjectNode options = JsonNodeFactory.instance.objectNode();
        putOptions(options);
        Set<String> keys = new HashSet<>(options.propertyNames());
        if (sa != null) {
            keys.add(SaKeys.SA);
        }
        return keys;
    }

    private void putOptions(ObjectNode tunnel) {
        List<String> words = words();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (FLAGS.contains(word)) {
                tunnel.put(word, true);
            } else if (word.startsWith("no") && FLAGS.contains(word.substring(2))) {
                tunnel.put(word.substring(2), false);
            } else {
                i++;
                putValue(tunnel, word, words.get(i));
            }
        }
    }

    private static void putValue(ObjectNode tunnel, String key, String value) {
        if (LISTS.contains(key)) {
            tunnel.putArray(key).add(value);
        } else if (value.matches("0x\\p{XDigit}+|\\d+")) {
            tunnel.put(key, Long.decode(value));
        } else {
            tunnel.put(key, value);
        }
    }

    private List<String> words() {
        return options.isEmpty() ? List.of() : List.of(options.split(" ", -1));
    }

    /** The value behind {@code ikey} or {@code okey}, or behind {@code key}. */
    String mark(String key) {
        List<String> words = words();
        int at = words.indexOf(key) < 0 ? words.indexOf("key") : words.indexOf(key);
        return words.get(at + 1);
    }

    /** {@code fou}, {@code gue} or nothing. */
    String encap() {
        List<String> words = words();
        return words.contains("encap") ? words.get(words.indexOf("encap") + 1) : "";
    }

    private String mirrored() {
        return turned(MIRRORED);
    }

    /** Those that {@code ip l2tp} knows; of the outer header it knows none. */
    private String l2tpWords() {
        return turned(L2TP)
                .replaceAll(
                        "encap-csum|(ttl|tos|hoplimit|tclass|flowlabel|dscp|mtu|encap[a-z-]*)"
                                + " \\S+|nopmtudisc|ignore-df",
                        "");
    }

    /** Linux's ports are ours in the other direction. */
    private String l2tpEncap() {
        if (!keys().contains("encap")) {
            return "ip";
        }
        return "udp udp_sport " + mark("encap-dport") + " udp_dport " + mark("encap-sport") + " udp_csum "
                + (isOuterIpv6() ? "off" : "on");
    }

    private String turned(Map<String, String> names) {
        return words().stream().map(word -> names.getOrDefault(word, word)).collect(Collectors.joining(" "));
    }

    /** Whether the outer header is IPv6. */
    boolean isOuterIpv6() {
        Mode known = Mode.ofWord(mode);
        return known != null && known.isOuterIpv6();
    }

    /**
     * Whether both ends' devices have the same MTU. That of Linux's vti leaves no room for ESP, and that of its l2tp none for
     * a longer header of the peer's.
     */
    boolean isMtuEqual() {
        Set<String> keys = keys();
        boolean isOursLonger = keys.contains("cookie") && !keys.contains("peer_cookie")
                || mode.equals("ip6l2tp") && !keys.contains("encaplimit");
        return mirrored().equals(options) && sa == null && !isOursLonger;
    }

    @Override
    public String toString() {
        return (mode + " " + options).strip() + (sa == null ? "" : " " + sa);
    }
}
