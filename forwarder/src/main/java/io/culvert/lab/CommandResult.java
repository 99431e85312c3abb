package io.culvert.lab;

import java.util.List;

/**
 * What a finished command left behind.
 *
 * @param command the command and its arguments
 * @param exit exit code; 128 plus the signal's number if a signal ended it
 * @param out standard output
 * @param err standard error
 */
public record CommandResult(List<String> command, int exit, String out, String err) {

    public CommandResult {
        command = List.copyOf(command);
    }

    /**
     * This result, if the command succeeded.
     *
     * @throws LabException with the command, its exit code and what it said
     */
    public CommandResult orThrow() {
        if (exit != 0) {
            String said = err.isBlank() ? out : err;
            throw new LabException("\"" + String.join(" ", command) + "\" ended with " + exit + ": " + said.strip());
        }
        return this;
    }
}
