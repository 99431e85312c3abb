package io.culvert.cli;

import java.util.Map;
import java.util.Objects;

/** When output is coloured. */
enum Color {
    ALWAYS,
    AUTO,
    NEVER;

    /** Whether it is, given {@code NO_COLOR} and what standard output is. */
    boolean isOn(Map<String, String> environment) {
        if (this != AUTO) {
            return this == ALWAYS;
        }
        return !environment.containsKey("NO_COLOR")
                && Objects.requireNonNull(System.console()).isTerminal();
    }
}
