package io.culvert.config.importer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * ifupdown's {@code interfaces}: {@code iface NAME inet tunnel} and {@code iface NAME inet6 v4tunnel} stanzas, and lines that
 * run {@code ip tunnel add} or {@code ip l2tp add} themselves, there or in a script.
 */
final class InterfacesFile {

    private static final Pattern IP_TUNNEL =
            Pattern.compile(".*\\bip\\s+(-6\\s+|-4\\s+|-f\\s+inet6?\\s+)?tun(?:nel|l)\\s+a(?:dd)?\\s+([^;&|#]*).*");
    private static final Pattern IP_L2TP = Pattern.compile("\\bip\\s+l2tp\\s+a(?:dd)?\\s+([^;&|#]*)");
    private static final Pattern IP_LINK = Pattern.compile(
            ".*\\bip\\s+li?n?k?\\s+a(?:dd)?\\s+(?:name\\s+|dev\\s+)?(\\S+)\\s.*\\btype\\s+(?:ipip|gre|sit|vti6?|ip6tnl|ip6gre)\\b.*");
    private static final Set<String> STANZA_ENDS = Set.of("iface", "auto", "allow-hotplug", "mapping", "source");
    private static final Set<String> FLAGS =
            Set.of("seq", "iseq", "oseq", "csum", "icsum", "ocsum", "pmtudisc", "allow-localremote");

    private final Map<String, TunnelDraft> drafts = new LinkedHashMap<>();
    private @Nullable TunnelDraft current;
    private String netmask = "";
    private String address = "";

    private final IpL2tp l2tp;

    private InterfacesFile(IpL2tp l2tp) {
        this.l2tp = l2tp;
    }

    /** @param l2tp gets tunnels and sessions of L2TPv3 */
    static List<TunnelDraft> read(String text, IpL2tp l2tp) {
        InterfacesFile file = new InterfacesFile(l2tp);
        text.replaceAll("\\\\\\R", " ").lines().map(String::strip).forEach(file::line);
        file.endStanza();
        return new ArrayList<>(file.drafts.values());
    }

    private void line(String line) {
        Matcher command = IP_TUNNEL.matcher(line);
        Matcher link = IP_LINK.matcher(line);
        String[] words = line.split("\\s+");
        if (line.startsWith("#")) {
            return;
        }
        Matcher session = IP_L2TP.matcher(line);
        if (session.find()) {
            do {
                l2tp.add(session.group(1).strip().split("\\s+"));
            } while (session.find());
            return;
        }
        if (command.matches()) {
            TunnelDraft draft = ipTunnel(
                    command.group(1) != null && command.group(1).contains("6"),
                    command.group(2).strip().split("\\s+"));
            drafts.put(draft.name(), draft);
        } else if (link.matches()) {
            TunnelDraft draft = new TunnelDraft(link.group(1));
            draft.refuse("`ip link add` is not read: import what `ip -d -j link` prints on the running host");
            drafts.put(draft.name(), draft);
        } else if (STANZA_ENDS.contains(words[0])) {
            endStanza();
            startStanza(words);
        } else if (current != null && words.length > 1) {
            option(current, words[0], line.substring(words[0].length()).strip());
        }
    }

    private void startStanza(String[] words) {
        boolean isTunnel = words.length == 4
                && words[0].equals("iface")
                && (words[3].equals("tunnel") || words[3].equals("v4tunnel"));
        if (isTunnel) {
            current = drafts.computeIfAbsent(words[1], TunnelDraft::new);
            if (words[3].equals("v4tunnel")) {
                current.mode("sit");
            }
        }
    }

    private void option(TunnelDraft draft, String key, String value) {
        switch (key.startsWith("tunnel-") ? key.substring("tunnel-".length()) : key) {
            case "mode" -> draft.mode(value);
            case "local" -> draft.address("local", value);
            case "endpoint", "remote" -> draft.address("remote", value);
            case "physdev", "dev" -> draft.text("dev", value);
            case "ttl" -> draft.ttl(value);
            case "tos" -> draft.tos("tos", value);
            case "key" -> draft.number("key", value);
            case "mtu" -> draft.number("mtu", value);
            case "address" -> address = value;
            case "netmask" -> netmask = value;
            default -> draft.note(key + " " + value);
        }
    }

    private void endStanza() {
        if (current != null && !address.isEmpty()) {
            String length = netmask.contains(".") ? String.valueOf(prefixLength(netmask)) : netmask;
            boolean isComplete = address.contains("/") || length.isEmpty();
            current.append("addresses", isComplete ? address : address + "/" + length);
        }
        current = null;
        address = "";
        netmask = "";
    }

    private static int prefixLength(String mask) {
        int bits = 0;
        for (String octet : mask.split("\\.", -1)) {
            bits += octet.matches("[0-9]{1,3}") ? Integer.bitCount(Integer.parseInt(octet)) : 0;
        }
        return bits;
    }

    /** The words behind {@code ip tunnel add}. */
    private static TunnelDraft ipTunnel(boolean isIpv6, String[] words) {
        Map<String, String> values = new LinkedHashMap<>();
        List<String> garbage = new ArrayList<>();
        String name = "-";
        for (int i = 0; i < words.length; i++) {
            boolean isFlag = FLAGS.contains(words[i]) || words[i].equals("nopmtudisc");
            boolean isKey = !isFlag && i + 1 < words.length && isKey(words[i]);
            if (words[i].equals("name") && i + 1 < words.length) {
                name = words[++i];
            } else if (isKey) {
                values.put(words[i], words[++i]);
            } else if (isFlag) {
                values.put(words[i], "");
            } else if (name.equals("-")) {
                name = words[i];
            } else {
                garbage.add(words[i]);
            }
        }
        TunnelDraft draft = new TunnelDraft(name);
        if (isIpv6 || values.containsKey("mode")) {
            draft.mode(values.getOrDefault("mode", "ip6ip6"));
            values.remove("mode");
        }
        values.forEach((key, value) -> ipTunnelWord(draft, key, value));
        garbage.forEach(draft::note);
        return draft;
    }

    private static boolean isKey(String word) {
        return switch (word) {
            case "mode",
                    "local",
                    "remote",
                    "dev",
                    "ttl",
                    "hoplimit",
                    "hlim",
                    "tos",
                    "tclass",
                    "tc",
                    "encaplimit",
                    "flowlabel",
                    "fl",
                    "dscp",
                    "dsfield",
                    "key",
                    "ikey",
                    "okey" -> true;
            default -> false;
        };
    }

    private static void ipTunnelWord(TunnelDraft draft, String key, String value) {
        switch (key) {
            case "local", "remote" -> draft.address(key, value);
            case "dev" -> draft.text(key, value);
            case "ttl", "hoplimit", "hlim" -> draft.ttl(value);
            case "tos", "tclass", "tc", "dsfield" -> draft.tos(draft.isOverIpv6() ? "tclass" : "tos", value);
            case "encaplimit" -> draft.number(key, value);
            case "flowlabel", "fl" -> draft.hex("flowlabel", value.matches("[0-9a-fA-F]{1,5}") ? "0x" + value : value);
            case "dscp" -> draft.text(key, value);
            case "nopmtudisc" -> draft.flag("pmtudisc", false);
            case "key", "ikey", "okey" -> draft.number(key, value);
            default -> draft.flag(key, true);
        }
    }
}
