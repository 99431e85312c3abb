package io.culvert.cli;

import io.culvert.config.ConfigLoader;
import io.culvert.config.GatewayConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the control socket: option, environment, file, default. */
final class ControlSocketPath {

    private static final String KEY = "control-socket";
    private static final Pattern PLAIN_LINE =
            Pattern.compile("^[ \t]*" + KEY + "[ \t]*=[ \t]*\"([^\"\\\\\n]*)\"[ \t\r]*(#.*)?$", Pattern.MULTILINE);

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
        if (!Files.isReadable(file)) {
            return GatewayConfig.DEFAULT_CONTROL_SOCKET;
        }
        Path plain = plain(file);
        // A file with problems still says where its gateway listens.
        return plain != null
                ? plain
                : ConfigLoader.load(file, null, environment).config().controlSocket();
    }

    /**
     * The socket, if that is certain without reading TOML, which takes longer than most commands: no file names one, or
     * just one line does.
     */
    private static @Nullable Path plain(Path file) {
        Path socket = null;
        try {
            for (Path each : ConfigLoader.files(file)) {
                String text = Files.readString(each);
                int first = text.indexOf(KEY);
                if (first < 0) {
                    continue;
                }
                Matcher line = PLAIN_LINE.matcher(text);
                if (socket != null || text.indexOf(KEY, first + 1) >= 0 || !line.find()) {
                    return null;
                }
                socket = Path.of(line.group(1));
            }
        } catch (IOException e) {
            return null;
        }
        return socket != null ? socket : GatewayConfig.DEFAULT_CONTROL_SOCKET;
    }
}
