package io.culvert.it;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tunnel between a gateway and a peer that is not Culvert.
 *
 * @param mode the mode's word
 * @param options the gateway's options in the words of {@code ip tunnel}, {@code culvert.toml}'s keys
 * @param peer how the peer makes its end
 * @param inner what the tunnel carries
 */
record InteropRow(String mode, String options, Peer peer, Set<Family> inner) {

    InteropRow(String mode, String options, Peer peer, Family... inner) {
        this(mode, options, peer, Set.of(inner));
    }

    /** The tunnel's device on both ends. */
    static final String DEVICE = "interop";

    private static final Set<String> FLAGS = Set.of("seq", "iseq", "oseq", "csum", "icsum", "ocsum", "pmtudisc");
    private static final Map<String, String> MIRRORED =
            Map.of("iseq", "oseq", "oseq", "iseq", "icsum", "ocsum", "ocsum", "icsum", "ikey", "okey", "okey", "ikey");

    /** Families of inner packets. */
    enum Family {
        IPV4,
        IPV6
    }

    /** Who is at the other end, and how its device is made. */
    @FunctionalInterface
    interface Peer {
        /** Command lines for the guest that make {@link #DEVICE}, of a row between these outer addresses. */
        List<String> commands(InteropRow row, String local, String remote);
    }

    /** {@code ip tunnel add} with the same options, each direction's turned round. */
    static final Peer IP_TUNNEL = (row, local, remote) -> List.of(String.join(
            " ", "ip tunnel add", DEVICE, "mode", row.mode, "local", local, "remote", remote, row.mirrored()));

    /** {@code ip link add} with the same options, each direction's turned round. */
    static final Peer IP_LINK = (row, local, remote) -> List.of(String.join(
            " ", "ip link add", DEVICE, "type", row.mode, "local", local, "remote", remote, row.mirrored()));

    /** The gateway's tunnel, with the keys of {@code culvert.toml}. */
    ObjectNode tunnel(String local, String remote) {
        ObjectNode tunnel = JsonNodeFactory.instance
                .objectNode()
                .put("name", DEVICE)
                .put("mode", mode)
                .put("local", local)
                .put("remote", remote);
        List<String> words = words();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (FLAGS.contains(word)) {
                tunnel.put(word, true);
            } else if (word.startsWith("no") && FLAGS.contains(word.substring(2))) {
                tunnel.put(word.substring(2), false);
            } else {
                putValue(tunnel, word, words.get(++i));
            }
        }
        return tunnel;
    }

    private static void putValue(ObjectNode tunnel, String key, String value) {
        if (value.matches("0x\\p{XDigit}+|\\d+")) {
            tunnel.put(key, Long.decode(value));
        } else {
            tunnel.put(key, value);
        }
    }

    /** The keys of {@code culvert.toml} that this row shows at work. */
    List<String> keys() {
        return tunnel("", "").propertyStream().map(Map.Entry::getKey).skip(4).toList();
    }

    private List<String> words() {
        return options.isEmpty() ? List.of() : List.of(options.split(" ", -1));
    }

    private String mirrored() {
        return words().stream().map(word -> MIRRORED.getOrDefault(word, word)).collect(Collectors.joining(" "));
    }

    /** Whether both ends have the same options. */
    boolean isSymmetric() {
        return mirrored().equals(options);
    }

    @Override
    public String toString() {
        return (mode + " " + options).strip();
    }
}
