package io.culvert.config;

import io.culvert.esp.EspTransform;
import io.culvert.esp.SaLifetime;
import io.culvert.esp.SaSpec;
import io.culvert.esp.SaSpec.Direction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The keys of {@code [[tunnel.sa]]}: security associations, with the words of {@code ip xfrm state}. */
public final class SaKeys {

    /** The key of {@code [[tunnel]]}. */
    public static final String SA = "sa";

    /** Limits, in the order of {@link SaLifetime}. */
    public static final List<String> LIMITS =
            List.of("time-soft", "time-hard", "byte-soft", "byte-hard", "packet-soft", "packet-hard");

    private static final List<String> KEYS = Stream.concat(
                    Stream.of(
                            "direction",
                            "spi",
                            "aead",
                            "enc",
                            "auth-trunc",
                            "key-file",
                            "auth-key-file",
                            "esn",
                            "replay-window",
                            "mark"),
                    LIMITS.stream())
            .toList();

    private SaKeys() {}

    static List<SaSpec> read(SpecReader in) {
        JsonNode value = in.value(SA);
        List<SaSpec> specs = new ArrayList<>();
        if (value == null) {
            return specs;
        }
        if (!value.isArray()) {
            in.problem(SA, "\"sa\" must be tables, not " + SpecReader.typeOf(value), "write [[tunnel.sa]]");
            return specs;
        }
        for (int i = 0; i < value.size(); i++) {
            String key = SA + "[" + i + "]";
            if (value.get(i) instanceof ObjectNode tree) {
                SaSpec spec = read(tree, key, in);
                if (spec != null) {
                    specs.add(spec);
                }
            } else {
                in.problem(key, "\"sa\" must be tables", "write [[tunnel.sa]]");
            }
        }
        return specs;
    }

    private static @Nullable SaSpec read(ObjectNode tree, String key, SpecReader in) {
        SpecReader own = new SpecReader(tree);
        for (String name : tree.propertyNames()) {
            if (!KEYS.contains(name)) {
                own.problem(name, "unknown key in [[tunnel.sa]]", Suggestion.didYouMean(name, KEYS));
            }
        }
        Direction direction = direction(own);
        EspTransform transform = transform(own);
        int spi = own.isAbsent("spi") ? 0 : (int) number(own, "spi", 0xffff_ffffL);
        if (own.isAbsent("spi")) {
            own.problem("spi", "a security association needs an SPI", "add spi = 0x1001");
        }
        long[] limits = LIMITS.stream()
                .mapToLong(name -> number(own, name, Long.MAX_VALUE))
                .toArray();
        int window = own.isAbsent("replay-window")
                ? SaSpec.DEFAULT_REPLAY_WINDOW
                : own.integer("replay-window", SaSpec.MIN_REPLAY_WINDOW, SaSpec.MAX_REPLAY_WINDOW);
        Path keyFile = path(own, "key-file");
        Path authKeyFile = path(own, "auth-key-file");
        boolean esn = own.flag("esn", false);
        requireMark(own, in, direction);
        own.problems().forEach(found -> in.problem(key, found.key() + ": " + found.message(), found.hint()));
        if (!own.problems().isEmpty() || direction == null || transform == null) {
            return null;
        }
        SaLifetime lifetime = new SaLifetime(limits[0], limits[1], limits[2], limits[3], limits[4], limits[5]);
        return new SaSpec(direction, spi, transform, keyFile, authKeyFile, esn, window, lifetime);
    }

    /** As in Linux the tunnel's keys are the marks that choose associations; another mark would never be chosen. */
    private static void requireMark(SpecReader own, SpecReader in, @Nullable Direction direction) {
        Integer mark = own.key("mark");
        if (mark == null || direction == null) {
            return;
        }
        String key = direction == Direction.OUT ? "okey" : "ikey";
        Integer wanted = in.key(in.isAbsent(key) ? "key" : key);
        if (!mark.equals(wanted)) {
            own.problem(
                    "mark",
                    Integer.toUnsignedString(mark) + " is not the tunnel's " + key,
                    wanted == null
                            ? "give the tunnel " + key + " = " + Integer.toUnsignedString(mark) + ", or leave mark out"
                            : "use " + Integer.toUnsignedString(wanted) + ", or leave mark out");
        }
    }

    private static @Nullable Direction direction(SpecReader in) {
        String word = in.text("direction");
        for (Direction direction : Direction.values()) {
            if (direction.word().equals(word)) {
                return direction;
            }
        }
        in.problem("direction", "a security association needs a direction", "add direction = \"in\" or \"out\"");
        return null;
    }

    private static @Nullable EspTransform transform(SpecReader in) {
        String aead = in.text("aead");
        String enc = in.text("enc");
        String auth = in.text("auth-trunc");
        EspTransform transform = null;
        if (aead != null && enc == null && auth == null) {
            transform = EspTransform.of(aead, null);
        } else if (aead == null && enc != null && auth != null) {
            transform = EspTransform.of(enc, auth);
        }
        if (transform == null) {
            String known =
                    Arrays.stream(EspTransform.values()).map(SaKeys::words).collect(Collectors.joining(", or "));
            in.problem(aead != null ? "aead" : "enc", "no such combination of algorithms", "use " + known);
        }
        return transform;
    }

    private static String words(EspTransform transform) {
        return transform.isAead()
                ? "aead " + transform.algorithm()
                : "enc " + transform.algorithm() + " with auth-trunc " + transform.authentication();
    }

    private static long number(SpecReader in, String key, long highest) {
        JsonNode value = in.value(key);
        if (value == null) {
            return 0;
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < 0
                || value.longValue() > highest) {
            in.problem(key, value + " is not in the range of \"" + key + "\"", "use 0 to " + highest);
            return 0;
        }
        return value.longValue();
    }

    private static @Nullable Path path(SpecReader in, String key) {
        String text = in.text(key);
        return text == null ? null : Path.of(text);
    }

    /** Writes what is not at its default. */
    static void write(List<SaSpec> specs, ObjectNode tree) {
        if (specs.isEmpty()) {
            return;
        }
        ArrayNode array = tree.putArray(SA);
        specs.forEach(spec -> write(spec, array.addObject()));
    }

    /** Writes an association with the keys of {@code [[tunnel.sa]]}; of its cryptographic keys only the files' names. */
    public static void write(SaSpec spec, ObjectNode tree) {
        tree.put("direction", spec.direction().word());
        tree.put("spi", Integer.toUnsignedLong(spec.spi()));
        EspTransform transform = spec.transform();
        if (transform.isAead()) {
            tree.put("aead", transform.algorithm());
        } else {
            tree.put("enc", transform.algorithm());
            tree.put("auth-trunc", Objects.requireNonNull(transform.authentication()));
        }
        if (spec.keyFile() != null) {
            tree.put("key-file", spec.keyFile().toString());
        }
        if (spec.authKeyFile() != null) {
            tree.put("auth-key-file", spec.authKeyFile().toString());
        }
        if (spec.extendedSequence()) {
            tree.put("esn", true);
        }
        if (spec.replayWindow() != SaSpec.DEFAULT_REPLAY_WINDOW) {
            tree.put("replay-window", spec.replayWindow());
        }
        SaLifetime lifetime = spec.lifetime();
        long[] limits = {
            lifetime.softSeconds(), lifetime.hardSeconds(), lifetime.softBytes(),
            lifetime.hardBytes(), lifetime.softPackets(), lifetime.hardPackets()
        };
        for (int i = 0; i < limits.length; i++) {
            if (limits[i] != 0) {
                tree.put(LIMITS.get(i), limits[i]);
            }
        }
    }
}
