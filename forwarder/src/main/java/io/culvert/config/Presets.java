package io.culvert.config;

import io.culvert.config.GatewayConfig.Preset;
import io.culvert.config.TomlValue.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The presets: files in this package, {@code preset-NAME.toml}, with keys of {@code [datapath]}. */
final class Presets {

    private Presets() {}

    /** What a preset sets. */
    static Map<String, Entry> entries(Preset preset) {
        String name = preset.name().toLowerCase(Locale.ROOT);
        String resource = "preset-" + name + ".toml";
        List<ConfigProblem> problems = new ArrayList<>();
        Map<String, Entry> keys =
                TomlParser.parse(Path.of(resource), text(resource), problems).entries();
        if (!problems.isEmpty()) {
            throw new IllegalStateException(problems.toString());
        }
        Position origin = Position.wholeFile(Path.of("preset " + name));
        Map<String, Entry> entries = new LinkedHashMap<>();
        keys.forEach((key, entry) -> entries.put(key, new Entry(origin, entry.value())));
        return entries;
    }

    private static String text(String resource) {
        try (InputStream in = Presets.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
