package io.culvert.cli;

import java.io.Console;
import java.util.Map;

/** When output is coloured. */
enum Color {
    ALWAYS,
    AUTO,
    NEVER;

    /** Whether it is, given {@code NO_COLOR} and what standard output is. */
    @SuppressWarnings("SystemConsoleNull") // in JDK 25 it is null again where there is no terminal
    boolean isOn(Map<String, String> environment) {
        if (this != AUTO) {
            return this == ALWAYS;
        }
        Console console = System.console();
        return !environment.containsKey("NO_COLOR") && console != null && console.isTerminal();
    }
}
