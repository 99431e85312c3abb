package io.culvert.config;

import io.culvert.config.GatewayConfig.Datapath;
import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.config.GatewayConfig.Preset;
import io.culvert.config.TomlValue.Array;
import io.culvert.config.TomlValue.Entry;
import io.culvert.config.TomlValue.Scalar;
import io.culvert.config.TomlValue.Table;
import io.culvert.tunnel.TunnelSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code [gateway]} and {@code [datapath]}, and the environment variables that override their keys. */
final class GatewaySections {

    private static final List<String> GATEWAY_KEYS = List.of("control-socket", "read-only-socket", "admin");
    private static final List<String> DATAPATH_KEYS = List.of("preset", "lane", "pipeline", "workers", "cpus");

    /** {@code sun_path} less its terminating zero, unix(7). */
    private static final int MAX_SOCKET_PATH = 107;

    private static final int MAX_WORKERS = 64;

    /** Highest number in a {@code cpu_set_t} of the default size, sched_setaffinity(2). */
    private static final int MAX_CPU = 1023;

    private final Table gateway;
    private final Table datapath;
    private final List<ConfigProblem> problems;

    GatewaySections(Table gateway, Table datapath, List<ConfigProblem> problems) {
        this.gateway = gateway;
        this.datapath = datapath;
        this.problems = problems;
    }

    GatewayConfig config(Map<String, String> environment, List<TunnelSpec> tunnels) {
        refuseUnknown(gateway, "gateway", GATEWAY_KEYS);
        refuseUnknown(datapath, "datapath", DATAPATH_KEYS);
        override(gateway, "control-socket", "CULVERT_SOCKET", environment);
        override(gateway, "admin", "CULVERT_ADMIN", environment);
        for (String key : List.of("preset", "lane", "pipeline", "workers")) {
            override(datapath, key, "CULVERT_" + key.toUpperCase(Locale.ROOT), environment);
        }
        Datapath defaults = Datapath.DEFAULT;
        Datapath datapathConfig = new Datapath(
                word(datapath, "preset", Preset.class, defaults.preset()),
                word(datapath, "lane", Lane.class, defaults.lane()),
                word(datapath, "pipeline", Pipeline.class, defaults.pipeline()),
                integer(datapath, "workers", defaults.workers()),
                cpus());
        Path socket = socket("control-socket", "the default is " + GatewayConfig.DEFAULT_CONTROL_SOCKET);
        return new GatewayConfig(
                socket == null ? GatewayConfig.DEFAULT_CONTROL_SOCKET : socket,
                socket("read-only-socket", "name another path than control-socket's"),
                admin(),
                datapathConfig,
                tunnels);
    }

    private void refuseUnknown(Table table, String section, List<String> known) {
        table.entries().forEach((key, entry) -> {
            if (!known.contains(key)) {
                String near = Suggestion.didYouMean(key, known);
                problems.add(new ConfigProblem(
                        entry.keyAt(),
                        "unknown key \"" + key + "\" in [" + section + "]",
                        near != null ? near : "the keys are " + String.join(", ", known)));
            }
        });
    }

    /** Puts a variable in the place of the file's value; an empty one counts as unset. */
    private static void override(Table table, String key, String variable, Map<String, String> environment) {
        String text = environment.get(variable);
        if (text != null && !text.isEmpty()) {
            Position at = Position.wholeFile(Path.of(variable));
            boolean isNumber = key.equals("workers") && text.matches("[0-9]{1,9}");
            Object value = isNumber ? Long.valueOf(text) : text;
            table.put(key, new Entry(at, new Scalar(value, at)));
        }
    }

    private @Nullable Path socket(String key, String hint) {
        Entry entry = gateway.get(key);
        String text = text(entry, key);
        if (entry == null || text == null) {
            return null;
        }
        String problem = null;
        if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
            problem = "\"" + text + "\" is not an absolute path";
        } else if (text.getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH) {
            problem = "the path is longer than the " + MAX_SOCKET_PATH + " bytes that a socket's may have";
        }
        if (problem != null) {
            problems.add(new ConfigProblem(entry.value().at(), problem, hint));
            return null;
        }
        return Path.of(text);
    }

    private @Nullable String admin() {
        Entry entry = gateway.get("admin");
        String text = text(entry, "admin");
        if (entry == null || text == null) {
            return null;
        }
        String problem = HostAndPort.problem(text);
        if (problem != null) {
            problems.add(new ConfigProblem(
                    entry.value().at(), problem, "write ADDRESS:PORT, such as 127.0.0.1:9477 or [::1]:9477"));
            return null;
        }
        return text;
    }

    private @Nullable String text(@Nullable Entry entry, String key) {
        if (entry == null) {
            return null;
        }
        if (entry.value() instanceof Scalar(String text, Position _)) {
            return text;
        }
        wrongType(key, entry.value(), "a string");
        return null;
    }

    private void wrongType(String key, TomlValue value, String wanted) {
        String message = "\"" + key + "\" must be " + wanted + ", not " + SpecReader.typeOf(value.toJson());
        problems.add(new ConfigProblem(value.at(), message, null));
    }

    private <E extends Enum<E>> E word(Table table, String key, Class<E> type, E otherwise) {
        Entry entry = table.get(key);
        String text = text(entry, key);
        if (entry == null || text == null) {
            return otherwise;
        }
        List<String> words = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String word = constant.name().toLowerCase(Locale.ROOT);
            if (word.equals(text)) {
                return constant;
            }
            words.add(word);
        }
        String near = Suggestion.didYouMean(text, words);
        problems.add(new ConfigProblem(
                entry.value().at(),
                "\"" + text + "\" is not a " + key,
                near != null ? near : "use " + String.join(", ", words)));
        return otherwise;
    }

    private int integer(Table table, String key, int otherwise) {
        Entry entry = table.get(key);
        if (entry == null) {
            return otherwise;
        }
        if (!(entry.value() instanceof Scalar(Long number, Position at))) {
            wrongType(key, entry.value(), "an integer");
            return otherwise;
        }
        if (number < 1 || number > MAX_WORKERS) {
            problems.add(new ConfigProblem(at, number + " is not a number of workers", "use 1 to " + MAX_WORKERS));
            return otherwise;
        }
        return number.intValue();
    }

    private List<Integer> cpus() {
        Entry entry = datapath.get("cpus");
        if (entry == null) {
            return List.of();
        }
        if (!(entry.value() instanceof Array array)) {
            wrongType("cpus", entry.value(), "an array of integers");
            return List.of();
        }
        List<Integer> cpus = new ArrayList<>();
        for (TomlValue value : array.values()) {
            if (value instanceof Scalar(Long number, Position _) && number >= 0 && number <= MAX_CPU) {
                cpus.add(number.intValue());
            } else {
                String message = value.toJson() + " is not a processor";
                problems.add(new ConfigProblem(value.at(), message, "use numbers from 0 to " + MAX_CPU));
            }
        }
        return cpus;
    }
}
