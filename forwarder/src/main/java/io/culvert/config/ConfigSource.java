package io.culvert.config;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a gateway's configuration comes from, so that it can be read again.
 *
 * @param file the file
 * @param directory its {@code conf.d}; null for the default, which only {@link ConfigLoader#DEFAULT_FILE} has
 * @param environment variables and options that override keys of the file
 */
public record ConfigSource(Path file, @Nullable Path directory, Map<String, String> environment) {

    public ConfigSource {
        environment = Map.copyOf(environment);
    }

    /** Reads it. */
    public ConfigLoader.Loaded load() {
        return ConfigLoader.load(file, directory, environment);
    }

    /** Another file under the same environment. */
    public ConfigSource at(Path otherFile, @Nullable Path otherDirectory) {
        return new ConfigSource(otherFile, otherDirectory, environment);
    }

    /** The directory whose files are read too, whether or not it is there; null if there is none. */
    public @Nullable Path confD() {
        if (directory != null) {
            return directory;
        }
        return file.equals(ConfigLoader.DEFAULT_FILE) ? file.resolveSibling("conf.d") : null;
    }
}
