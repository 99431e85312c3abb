package io.culvert.cli;

import io.culvert.config.ConfigLoader;
import io.culvert.config.GatewayConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the control socket: option, environment, file, default. */
final class ControlSocketPath {

    private ControlSocketPath() {}

    static Path resolve(@Nullable Path option, Map<String, String> environment) {
        if (option != null) {
            return option;
        }
        String variable = environment.getOrDefault("CULVERT_SOCKET", "");
        if (!variable.isEmpty()) {
            return Path.of(variable);
        }
        Path file = ConfigOptions.file(environment);
        // A file with problems still says where its gateway listens.
        return Files.isReadable(file)
                ? ConfigLoader.load(file, null, environment).config().controlSocket()
                : GatewayConfig.DEFAULT_CONTROL_SOCKET;
    }
}
