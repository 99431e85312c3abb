package io.culvert.cli;

import io.culvert.config.ConfigLoader;
import io.culvert.config.ConfigSource;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the configuration is. */
final class ConfigOptions {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration; CULVERT_CONFIG if absent, else /etc/culvert/culvert.toml and the"
                    + " conf.d/*.toml beside it.")
    private @Nullable Path file;

    @Option(names = "--conf-d", paramLabel = "DIRECTORY", description = "Read its *.toml too.")
    private @Nullable Path directory;

    /** The file that is meant if no option says so. */
    static Path file(Map<String, String> environment) {
        String variable = environment.getOrDefault("CULVERT_CONFIG", "");
        return variable.isEmpty() ? ConfigLoader.DEFAULT_FILE : Path.of(variable);
    }

    /** Whether an option says which file. */
    boolean isGiven() {
        return file != null;
    }

    Path file(Context context) {
        return file != null ? file : file(context.environment());
    }

    /** Whether an option or the environment names a file. */
    boolean isNamed(Context context) {
        return file != null
                || !context.environment().getOrDefault("CULVERT_CONFIG", "").isEmpty();
    }

    ConfigSource source(CulvertCommand culvert) {
        return source(culvert, Map.of());
    }

    /** @param options what goes before the environment, by the options' names */
    ConfigSource source(CulvertCommand culvert, Map<String, String> options) {
        Map<String, String> environment = new HashMap<>(culvert.context().environment());
        environment.putAll(options);
        Path socket = culvert.options().socket();
        if (socket != null) {
            environment.put("CULVERT_SOCKET", socket.toString());
        }
        return new ConfigSource(file(culvert.context()), directory, environment);
    }

    ConfigLoader.Loaded load(CulvertCommand culvert) {
        return source(culvert).load();
    }
}
