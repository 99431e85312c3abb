package io.culvert.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with a configuration.
 *
 * @param path the file, or the name of an environment variable
 * @param line from 1; 0 if the whole file is meant
 * @param column in characters, from 1; 0 if the whole file is meant
 * @param message what is wrong, with the value
 * @param hint what to write instead; null if the message says it
 */
public record ConfigProblem(
        Path path,
        int line,
        int column,
        String message,
        @Nullable String hint) {

    ConfigProblem(Position at, String message, @Nullable String hint) {
        this(at.file(), at.line(), at.column(), message, hint);
    }

    /** {@code file:line:column: message}, and the hint on an indented line of its own. */
    @Override
    public String toString() {
        String place = line == 0 ? path.toString() : path + ":" + line + ":" + column;
        return place + ": " + message + (hint == null ? "" : System.lineSeparator() + "  hint: " + hint);
    }
}
