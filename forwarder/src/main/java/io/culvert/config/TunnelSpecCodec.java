package io.culvert.config;

import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.SitOptions;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpec.Problem;
import io.culvert.tunnel.TunnelSpecBuilder;
import io.culvert.wire.AddressText;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tunnel's specification as a tree with the keys of {@code culvert.toml}'s {@code [[tunnel]]}: the one form for file
 * and control socket.
 */
public final class TunnelSpecCodec {

    /** Those that {@code ip tunnel}'s grammar has words for, in either family. */
    public static final List<String> IP_TUNNEL_KEYS = List.of(
            "name",
            "mode",
            "local",
            "remote",
            "dev",
            "ttl",
            "tos",
            "key",
            "ikey",
            "okey",
            "seq",
            "iseq",
            "oseq",
            "csum",
            "icsum",
            "ocsum",
            "pmtudisc",
            "hoplimit",
            "encaplimit",
            "tclass",
            "flowlabel",
            "dscp",
            "allow-localremote");

    /** The keys that this version understands, in the order in which they are written. */
    public static final List<String> KEYS = Stream.concat(
                    IP_TUNNEL_KEYS.stream(),
                    Stream.of(
                            "ignore-df",
                            "mtu",
                            "addresses",
                            "routes",
                            "encap",
                            "encap-sport",
                            "encap-dport",
                            "encap-csum",
                            "encap-csum6",
                            "keepalive",
                            "keepalive-retries",
                            "inner-source",
                            "proto",
                            "6rd-prefix",
                            "6rd-relay_prefix",
                            "prl-default",
                            "prl-nodefault",
                            "erspan_ver",
                            "erspan",
                            "erspan_dir",
                            "erspan_hwid",
                            "tunnel_id",
                            "peer_tunnel_id",
                            "session_id",
                            "peer_session_id",
                            "cookie",
                            "peer_cookie",
                            "l2spec_type",
                            "pwtype",
                            "call_id",
                            "peer_call_id",
                            SaKeys.SA))
            .toList();

    private TunnelSpecCodec() {}

    /**
     * What a tree says.
     *
     * @param spec the specification; null if there is any problem
     * @param problems everything that is wrong; a key of an array's element is {@code KEY[INDEX]}
     */
    public record Decoded(@Nullable TunnelSpec spec, List<Problem> problems) {}

    /** Reads a tree; finds every problem, those of {@link TunnelSpec#problems()} too. */
    public static Decoded decode(ObjectNode tree) {
        SpecReader in = new SpecReader(tree);
        unknownKeys(tree, in);
        String name = in.text("name");
        Mode mode = mode(in);
        if (!tree.has("name")) {
            in.problem("name", "a tunnel needs a name", "add name = \"DEVICE\"");
        }
        Mode known = mode == null ? Mode.GRE : mode;
        TunnelSpecBuilder builder = TunnelSpec.builder(name == null ? "-" : name, known)
                .local(in.address("local"))
                .remote(in.address("remote"))
                .dev(dev(in))
                .ttl(Ipv6OuterKeys.hopLimit(in, known))
                .tos(in.tos("tos"))
                .key(in.key("key"))
                .seq(in.flag("seq", false))
                .csum(in.flag("csum", false))
                .pmtudisc(in.flag("pmtudisc", true))
                .ignoreDf(in.flag("ignore-df", false))
                .mtu(in.integer("mtu", TunnelSpec.MIN_MTU, 65_515))
                .addresses(in.prefixes("addresses"))
                .routes(in.prefixes("routes"))
                .innerSource(in.prefixes("inner-source"))
                .encap(EncapKeys.read(in, known))
                .keepalive(KeepaliveKeys.read(in))
                .ipv6(Ipv6OuterKeys.read(in, known))
                .sit(SitKeys.read(in))
                .erspan(ErspanKeys.read(in, known))
                .l2tp(L2tpKeys.read(in, known))
                .pptp(PptpKeys.read(in, known))
                .sa(SaKeys.read(in));
        directions(tree, in, builder);
        PayloadKey.read(in, builder);
        if (mode == null) {
            return new Decoded(null, in.problems());
        }
        TunnelSpec spec = builder.build();
        spec.problems().forEach(in::specProblem);
        return new Decoded(in.problems().isEmpty() ? spec : null, in.problems());
    }

    /** The keys of one direction, which win over those of both. */
    private static void directions(ObjectNode tree, SpecReader in, TunnelSpecBuilder builder) {
        if (tree.has("ikey")) {
            builder.ikey(in.key("ikey"));
        }
        if (tree.has("okey")) {
            builder.okey(in.key("okey"));
        }
        if (tree.has("iseq")) {
            builder.iseq(in.flag("iseq", false));
        }
        if (tree.has("oseq")) {
            builder.oseq(in.flag("oseq", false));
        }
        if (tree.has("icsum")) {
            builder.icsum(in.flag("icsum", false));
        }
        if (tree.has("ocsum")) {
            builder.ocsum(in.flag("ocsum", false));
        }
    }

    private static void unknownKeys(ObjectNode tree, SpecReader in) {
        for (String key : tree.propertyNames()) {
            if (!KEYS.contains(key)) {
                in.problem(key, "unknown key \"" + key + "\" in [[tunnel]]", Suggestion.didYouMean(key, KEYS));
            }
        }
    }

    private static @Nullable Mode mode(SpecReader in) {
        String word = in.text("mode");
        if (word == null) {
            if (in.isAbsent("mode")) {
                in.problem("mode", "a tunnel needs a mode", "add mode = \"gre\" or mode = \"ipip\"");
            }
            return null;
        }
        Mode mode = Mode.ofWord(word);
        if (mode == null) {
            List<String> words = new ArrayList<>();
            for (Mode available : Mode.values()) {
                words.addFirst(available.word());
            }
            String near = Suggestion.didYouMean(word, words);
            in.problem("mode", "\"" + word + "\" is not a mode", near != null ? near : useOneOf());
        }
        return mode;
    }

    private static String useOneOf() {
        return "use one of " + Arrays.stream(Mode.values()).map(Mode::word).collect(Collectors.joining(", "));
    }

    private static @Nullable String dev(SpecReader in) {
        String dev = in.text("dev");
        if (dev != null && !TunnelSpec.isValidName(dev)) {
            in.problem("dev", "\"" + dev + "\" is not a device name", "name the underlay device, such as eth0");
        }
        return dev;
    }

    /** Writes what only modes sit and isatap have, at its default too. */
    public static ObjectNode putSit(ObjectNode tree, SitOptions options) {
        SitKeys.writeAll(options, tree);
        return tree;
    }

    /** Writes a specification; what is at its default is left out, except ttl and pmtudisc. */
    public static ObjectNode encode(TunnelSpec spec) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        tree.put("name", spec.name());
        tree.put("mode", spec.mode().word());
        putAddress(tree, "local", spec.local());
        putAddress(tree, "remote", spec.remote());
        if (spec.dev() != null) {
            tree.put("dev", spec.dev());
        }
        if (spec.ttl() == 0) {
            tree.put("ttl", "inherit");
        } else {
            tree.put("ttl", spec.ttl());
        }
        if (spec.tos() != 0) {
            tree.put("tos", Tos.toText(spec.tos()));
        }
        putKeys(tree, spec.ikey(), spec.okey());
        putFlags(tree, "seq", spec.iseq(), spec.oseq());
        putFlags(tree, "csum", spec.icsum(), spec.ocsum());
        if (!spec.mode().isOuterIpv6()) {
            tree.put("pmtudisc", spec.pmtudisc());
        }
        if (spec.ignoreDf()) {
            tree.put("ignore-df", true);
        }
        if (spec.mtu() != 0) {
            tree.put("mtu", spec.mtu());
        }
        putPrefixes(tree, "addresses", spec.addresses());
        putPrefixes(tree, "routes", spec.routes());
        putPrefixes(tree, "inner-source", spec.innerSource());
        EncapKeys.write(spec.encap(), spec.mode(), tree);
        KeepaliveKeys.write(spec.keepalive(), tree);
        PayloadKey.write(spec, tree);
        SitKeys.write(spec.sit(), tree);
        ErspanKeys.write(spec.erspan(), tree);
        L2tpKeys.write(spec, tree);
        PptpKeys.write(spec, tree);
        Ipv6OuterKeys.write(spec.ipv6(), tree);
        SaKeys.write(spec.sa(), tree);
        return tree;
    }

    private static void putAddress(ObjectNode tree, String key, @Nullable InetAddress address) {
        if (address != null) {
            tree.put(key, AddressText.of(address));
        }
    }

    private static void putKeys(ObjectNode tree, @Nullable Integer ikey, @Nullable Integer okey) {
        if (ikey != null && ikey.equals(okey)) {
            tree.put("key", Integer.toUnsignedLong(ikey));
            return;
        }
        if (ikey != null) {
            tree.put("ikey", Integer.toUnsignedLong(ikey));
        }
        if (okey != null) {
            tree.put("okey", Integer.toUnsignedLong(okey));
        }
    }

    private static void putFlags(ObjectNode tree, String key, boolean in, boolean out) {
        if (in && out) {
            tree.put(key, true);
        } else if (in) {
            tree.put("i" + key, true);
        } else if (out) {
            tree.put("o" + key, true);
        }
    }

    private static void putPrefixes(ObjectNode tree, String key, List<Prefix> prefixes) {
        if (!prefixes.isEmpty()) {
            ArrayNode array = tree.putArray(key);
            prefixes.forEach(prefix -> array.add(prefix.toString()));
        }
    }
}
