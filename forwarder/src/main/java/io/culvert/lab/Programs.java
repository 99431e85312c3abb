package io.culvert.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs programs to their end, outside of any namespace of the lab. Any thread may call. */
final class Programs {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** PATH and where Debian puts administrators' programs, which {@code su} does not put on PATH. */
    static final String SEARCH_PATH = System.getenv().getOrDefault("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin";

    private Programs() {}

    /** Where a program is; null if it is nowhere on {@link #SEARCH_PATH}. */
    static @Nullable Path locate(String program) {
        for (String directory : SEARCH_PATH.split(":", -1)) {
            Path candidate = Path.of(directory, program);
            if (!directory.isEmpty() && Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    /** Runs a program that must succeed. */
    static CommandResult run(String... command) {
        return run(TIMEOUT, List.of(command)).orThrow();
    }

    /** Runs a program, whatever its exit code; ends it if it takes longer than {@code timeout}. */
    static CommandResult run(Duration timeout, List<String> command) {
        try (LabProcess process = LabProcess.start(command, Map.of())) {
            return process.result(timeout);
        }
    }
}
