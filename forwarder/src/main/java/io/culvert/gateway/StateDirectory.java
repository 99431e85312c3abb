package io.culvert.gateway;

import java.nio.file.Path;
import java.util.Map;

/** Where the gateway keeps what must outlive it. */
final class StateDirectory {

    /** What mends a directory that cannot be used. */
    static final String REMEDY = "name a writable directory in CULVERT_STATE_DIRECTORY";

    private static final Path DEFAULT = Path.of("/var/lib/culvert");

    private StateDirectory() {}

    /** By that environment: the user's word, then systemd's, then the default. */
    static Path of(Map<String, String> environment) {
        return Path.of(environment.getOrDefault(
                "CULVERT_STATE_DIRECTORY", environment.getOrDefault("STATE_DIRECTORY", DEFAULT.toString())));
    }
}
