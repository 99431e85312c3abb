package io.culvert.cli;

import picocli.CommandLine.Option;

/** {@code --help}, mixed into each command: inherited, it would clash with that of an extension. */
final class HelpOption {

    @Option(
            names = {"-h", "-help", "--help"},
            usageHelp = true,
            description = "Print help.")
    @SuppressWarnings("unused") // picocli itself heeds it
    private boolean help;
}
