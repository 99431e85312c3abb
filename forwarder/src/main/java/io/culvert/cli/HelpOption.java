package io.culvert.cli;

import picocli.CommandLine.Option;

/** {@code --help}, mixed into every command that has none of its own. */
final class HelpOption {

    @Option(
            names = {"-h", "-help", "--help"},
            usageHelp = true,
            description = "Print help.")
    @SuppressWarnings("unused") // picocli itself heeds it
    private boolean help;
}
