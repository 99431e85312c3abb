package io.culvert.config;

import java.nio.file.Path;

/**
 * Where a key or value stands.
 *
 * @param file the file, or the name of an environment variable
 * @param line from 1; 0 if the whole file is meant
 * @param column in characters, from 1; 0 if the whole file is meant
 */
public record Position(Path file, int line, int column) {

    static Position wholeFile(Path file) {
        return new Position(file, 0, 0);
    }

    /** {@code FILE:LINE}, for a message that points from one place to another. */
    public String fileAndLine() {
        return line == 0 ? file.toString() : file + ":" + line;
    }
}
