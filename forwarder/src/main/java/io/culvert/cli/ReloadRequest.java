package io.culvert.cli;

import io.culvert.config.ConfigLoader;
import io.culvert.config.ConfigSource;
import io.culvert.control.ControlException;
import java.nio.file.Path;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The configuration that {@code diff} and {@code reload} mean: that of an option or the environment, else the one that the
 * gateway was started with. It is read here first, since only this process may tell this user what is in it.
 *
 * @param arguments of the request
 * @param hasProblems whether problems were found, and printed
 */
record ReloadRequest(ObjectNode arguments, boolean hasProblems) {

    static ReloadRequest of(CulvertCommand culvert, ConfigOptions options) throws ControlException {
        ObjectNode arguments = JsonNodeFactory.instance.objectNode();
        ConfigSource source;
        if (options.isNamed(culvert.context())) {
            source = options.source(culvert);
            arguments.put("file", source.file().toAbsolutePath().toString());
            if (source.directory() != null) {
                arguments.put("conf-d", source.directory().toAbsolutePath().toString());
            }
        } else {
            source = running(culvert.gateway().config(), options.source(culvert));
        }
        ConfigLoader.Loaded loaded = source.load();
        loaded.problems().forEach(culvert.context().err()::println);
        return new ReloadRequest(arguments, !loaded.isValid());
    }

    private static ConfigSource running(ObjectNode config, ConfigSource here) {
        Path file = Path.of(config.path("file").asString(ConfigLoader.DEFAULT_FILE.toString()));
        String confD = config.path("conf-d").asString("");
        boolean isDefault = confD.isEmpty() || file.equals(ConfigLoader.DEFAULT_FILE);
        return here.at(file, isDefault ? null : Path.of(confD));
    }
}
