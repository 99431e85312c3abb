package io.culvert.cli;

import io.culvert.config.SaKeys;
import io.culvert.control.ControlException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The words behind {@code culvert sa add}, {@code del} and {@code show}: those of {@code ip xfrm state}, but that an
 * association belongs to a {@code dev}, and that keys stand in files.
 */
final class SaArguments {

    /** {@code ip}'s exit status for a command line that it cannot parse. */
    private static final int UNPARSABLE = 255;

    private static final String ICV_BITS = "128";
    private static final Set<String> TEXTS = Set.of("dev", "src", "dst", "key-file", "auth-key-file");

    private final Iterator<String> words;
    private final ObjectNode tree = JsonNodeFactory.instance.objectNode();

    private SaArguments(List<String> words) {
        this.words = words.iterator();
    }

    /**
     * The arguments of a request to the gateway: {@code dev}, {@code src}, {@code dst} and the keys of {@code
     * [[tunnel.sa]]}.
     *
     * @throws ControlException naming the word that is wrong
     */
    static ObjectNode parse(List<String> words) throws ControlException {
        SaArguments arguments = new SaArguments(words);
        while (arguments.words.hasNext()) {
            arguments.take(arguments.words.next());
        }
        return arguments.tree;
    }

    private void take(String word) throws ControlException {
        switch (word) {
            case "dir", "direction" -> put("direction", oneOf(word, "in", "out"));
            case "spi", "mark", "replay-window" -> tree.put(word, number(word));
            case "aead", "enc", "auth-trunc" -> put(word, algorithm(word));
            case "icv-len", "trunc-len" -> oneOf(word, ICV_BITS);
            case "proto" -> oneOf(word, "esp");
            case "mode" -> oneOf(word, "tunnel");
            case "flag" -> flag(oneOf(word, "esn", "af-unspec"));
            case "esn", "af-unspec" -> flag(word);
            case "limit" -> {
                String limit = oneOf(word, SaKeys.LIMITS.toArray(String[]::new));
                tree.put(limit, number(limit));
            }
            case "reqid" ->
                throw wrong(
                        "reqid",
                        "joins a state and a policy of the kernel: here dev names the tunnel, so leave it out");
            case "auth" -> throw wrong("auth", "says no length: write auth-trunc 'hmac(sha256)'");
            default -> {
                if (!TEXTS.contains(word)) {
                    throw wrong(word, "is no word of `culvert sa`: see culvert-tunnel(8)");
                }
                put(word, word.endsWith("key-file") ? absolute(value(word)) : value(word));
            }
        }
    }

    /** Linux has associations for one family inside; here each takes both, so af-unspec changes nothing. */
    private void flag(String flag) {
        if (flag.equals("esn")) {
            tree.put(flag, true);
        }
    }

    /** The name of an algorithm; what looks like a key behind it would be on the command line for all to see. */
    private String algorithm(String word) throws ControlException {
        String name = value(word);
        if (name.startsWith("0x")) {
            throw wrong(word, "is followed by what looks like a key: keys stand in files, named by key-file");
        }
        return name;
    }

    private void put(String key, String value) throws ControlException {
        if (tree.has(key)) {
            throw wrong(key, "is there twice");
        }
        tree.put(key, value);
    }

    /** The gateway's working directory is not the user's. */
    private static String absolute(String file) {
        return Path.of(file).toAbsolutePath().normalize().toString();
    }

    private String value(String word) throws ControlException {
        if (!words.hasNext()) {
            throw wrong(word, "has no value");
        }
        return words.next();
    }

    private String oneOf(String word, String... allowed) throws ControlException {
        String value = value(word);
        if (!List.of(allowed).contains(value)) {
            throw wrong(word, "is followed by " + shown(value) + ": use " + String.join(" or ", allowed));
        }
        return value;
    }

    private long number(String word) throws ControlException {
        String value = value(word);
        try {
            return Long.decode(value);
        } catch (NumberFormatException e) {
            // The value is not named: it might be a key in the wrong place.
            throw wrong(word, "is not followed by a number");
        }
    }

    private static ControlException wrong(String word, String why) {
        return new ControlException(UNPARSABLE, "sa: " + shown(word) + " " + why);
    }

    /** A word, but for one that looks like a key. */
    private static String shown(String word) {
        return word.startsWith("0x") ? "a word that starts with 0x" : "\"" + word + "\"";
    }
}
