package io.culvert.it;

import io.culvert.config.TunnelSpecCodec;
import io.culvert.tunnel.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What {@code FEATURES.md} says: modes from {@link Mode}, options from the codec, proofs from {@link InteropRows}. */
final class Features {

    /** Every mode that is there or is to come, with what specifies it. */
    private static final List<Map.Entry<String, String>> SPECIFIED = List.of(
            Map.entry("ipip", "RFC 2003; MPLS: RFC 4023"),
            Map.entry("gre", "RFC 2784, RFC 2890"),
            Map.entry("sit", "RFC 4213; 6to4: RFC 3056; 6rd: RFC 5969; MPLS: RFC 4023"),
            Map.entry("isatap", "RFC 5214"),
            Map.entry("vti", "RFC 4303"),
            Map.entry("minenc", "RFC 2004"),
            Map.entry("ip6ip6", "RFC 2473"),
            Map.entry("ipip6", "RFC 2473"),
            Map.entry("any6", "RFC 2473; MPLS: RFC 4023"),
            Map.entry("ip6gre", "RFC 7676"),
            Map.entry("vti6", "RFC 4303"),
            Map.entry("gretap", "RFC 2784, Ethernet in it"),
            Map.entry("ip6gretap", "RFC 7676, Ethernet in it"),
            Map.entry("erspan", "draft-foschiano-erspan"),
            Map.entry("ip6erspan", "draft-foschiano-erspan, over IPv6"),
            Map.entry("l2tp", "RFC 3931, RFC 4719"),
            Map.entry("ip6l2tp", "RFC 3931, RFC 4719"),
            Map.entry("pptp", "RFC 2637"));

    /** What somebody may look for in a mode in vain. */
    private static final List<String> LIMITS = List.of(
            "gre and ipip without a remote: MPLS and NHRP, whose next hop's link address a TUN device does not hand over",
            "gre and ipip without a remote: peers by `ip neigh`; they are the next hops of routes, as a TUN device has one neighbour",
            "gre: routing (RFC 1701); packets with it are dropped",
            "minenc: super-packets, as each segment's header is in the outer one",
            "any6, ip6gre: MPLS that is larger than the path is dropped, as in Linux",
            "vti, vti6: IKE, which is strongSwan's; transport mode, AH and IPComp",
            "l2tp, ip6l2tp: the control connection of L2TPv3, and pseudowires other than Ethernet and PPP",
            "pptp: more than one call of `culvert-pptp`, and calls over IPv6");

    /** Keys of every tunnel, which need no peer's proof. */
    private static final Set<String> COMMON =
            Set.of("name", "mode", "local", "remote", "dev", "mtu", "addresses", "routes", "inner-source");

    /**
     * A value of every type and form that a key may have: one that is accepted shows that a mode has the key. None is one
     * that switches the option off.
     */
    private static final List<JsonNode> SAMPLES = Stream.of(
                    "true",
                    "7",
                    "64",
                    "\"inherit\"",
                    "\"any\"",
                    "\"fou\"",
                    "\"ppp\"",
                    "\"014d3636\"",
                    "\"2001:db8::/32\"",
                    "\"203.0.113.0/24\"",
                    "[\"203.0.113.2\"]")
            .map(text -> JsonMapper.shared().readTree(text))
            .toList();

    private Features() {}

    /** The whole file. */
    static String text() {
        StringBuilder text = new StringBuilder("""
            # Features

            Made by `FeaturesTest` from the modes, the keys of `culvert.toml` and the tables of the interoperability tests: do not edit.
            "Proven" means that the tests have a tunnel of this mode and with this option whose other end is the peer named. Each
            runs on the first of the lanes, two of each mode (of pptp those with pptpd) on the others.

            ## Modes

            | mode | packet | specified by | state | lanes | proven by |
            |---|---|---|---|---|---|
            """);
        SPECIFIED.forEach(mode -> text.append(modeRow(mode.getKey(), mode.getValue())));
        text.append("""

            ## Options

            | option | modes that have it | proven in |
            |---|---|---|
            """);
        options().forEach(option -> text.append(optionRow(option)));
        text.append("\n## Missing\n\n");
        text.append(missing());
        LIMITS.forEach(limit -> text.append("- ").append(limit).append('\n'));
        return text.toString();
    }

    /** Modes that no line is written for, because nobody has said what specifies them. */
    static List<String> unspecified() {
        List<String> known = SPECIFIED.stream().map(Map.Entry::getKey).toList();
        return modes().filter(mode -> !known.contains(mode)).toList();
    }

    private static Stream<String> modes() {
        return Arrays.stream(Mode.values()).map(Mode::word);
    }

    private static String modeRow(String word, String specification) {
        Mode mode = Mode.ofWord(word);
        if (mode == null) {
            return row(word, "", specification, "missing", "", "");
        }
        List<String> peers = InteropRows.PEERS.entrySet().stream()
                .filter(peer ->
                        peer.getValue().stream().anyMatch(row -> row.mode().equals(word)))
                .map(peer -> peer.getKey() + " (" + count(peer.getValue(), word) + ")")
                .toList();
        return row(word, mode.family(), specification, "works", lanes(mode), String.join(", ", peers));
    }

    private static long count(List<InteropRow> rows, String mode) {
        return rows.stream().filter(row -> row.mode().equals(mode)).count();
    }

    /**
     * The lanes that the mode's rows are run on; what is chosen automatically is the super lane, but for modes that
     * have no super-packets or cut them before.
     */
    private static String lanes(Mode mode) {
        Stream<?> lanes = switch (mode) {
            case MINENC -> MinencPeerIT.lanes();
            case PPTP -> PppIT.lanes();
            default -> InteropLinuxIT.lanes().map(arguments -> arguments.get()[0]);
        };
        return lanes.map(lane -> String.valueOf(lane).toLowerCase(Locale.ROOT))
                .map(lane -> lane.equals("auto") ? automatic(mode) : lane)
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private static String automatic(Mode mode) {
        return mode.isProtected() || !mode.takesUnfinishedPackets() ? "split" : "super";
    }

    private static List<String> options() {
        return TunnelSpecCodec.KEYS.stream()
                .filter(key -> !COMMON.contains(key))
                .toList();
    }

    private static String optionRow(String option) {
        Set<String> proven = new TreeSet<>();
        InteropRows.PEERS.forEach((peer, rows) -> rows.stream()
                .filter(row -> row.keys().contains(option))
                .forEach(row -> proven.add(row.mode() + " (" + peer + ")")));
        String having = modes().filter(mode -> has(mode, option)).collect(Collectors.joining(", "));
        return row(option, having, String.join(", ", proven));
    }

    private static boolean has(String mode, String option) {
        return isProven(mode, option)
                || SAMPLES.stream()
                        .anyMatch(sample -> Stream.of("198.51.100.2", "2001:db8::2", "any")
                                .anyMatch(remote -> isAccepted(mode, remote, option, sample)));
    }

    /** An option with its other name, as outer IPv4 and IPv6 headers call the same thing. */
    private static Stream<String> names(String option) {
        return option.equals("ttl") || option.equals("hoplimit") ? Stream.of("ttl", "hoplimit") : Stream.of(option);
    }

    private static boolean isProven(String mode, String option) {
        return InteropRows.all()
                .anyMatch(row -> row.mode().equals(mode) && row.keys().contains(option));
    }

    private static boolean isAccepted(String mode, String remote, String option, JsonNode value) {
        ObjectNode tunnel = JsonNodeFactory.instance
                .objectNode()
                .put("name", "t")
                .put("mode", mode)
                .put("local", remote.contains(":") ? "2001:db8::1" : "198.51.100.1")
                .put("remote", remote);
        if (option.equals("ignore-df")) {
            tunnel.put("pmtudisc", false);
        }
        if (mode.endsWith("l2tp")) {
            tunnel.put("session_id", 1).put("peer_session_id", 1);
        }
        if (mode.equals("pptp")) {
            tunnel.put("call_id", 1).put("peer_call_id", 1);
        }
        tunnel.set(option, value);
        return TunnelSpecCodec.decode(tunnel).problems().isEmpty();
    }

    private static String missing() {
        List<String> lines = new ArrayList<>();
        SPECIFIED.stream()
                .map(Map.Entry::getKey)
                .filter(word -> Mode.ofWord(word) == null)
                .forEach(word -> lines.add("mode " + word));
        modes().filter(mode -> InteropRows.all().noneMatch(row -> row.mode().equals(mode)))
                .forEach(mode -> lines.add("a peer's proof of mode " + mode));
        options().forEach(option -> {
            String unproven = modes().filter(
                            mode -> has(mode, option) && names(option).noneMatch(name -> isProven(mode, name)))
                    .collect(Collectors.joining(", "));
            if (!unproven.isEmpty()) {
                lines.add("a peer's proof of " + option + " in " + unproven);
            }
        });
        return lines.stream().map(line -> "- " + line + "\n").collect(Collectors.joining());
    }

    private static String row(String... cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }
}
