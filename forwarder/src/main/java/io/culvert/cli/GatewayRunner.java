package io.culvert.cli;

import io.culvert.config.ConfigLoader;
import io.culvert.config.ConfigSource;
import java.io.PrintStream;

/** Runs a gateway in the foreground. */
@FunctionalInterface
public interface GatewayRunner {

    /**
     * Starts a gateway, prints {@code ready} as a line of its own on {@code out} when every tunnel forwards, and returns
     * when the gateway has stopped. Called on the main thread.
     *
     * @param source where the configuration comes from, to read it again
     * @param loaded the configuration, without problems
     * @param out standard output, for {@code ready} alone
     * @param err standard error, for why the gateway cannot start
     * @return the exit status, one of {@link io.culvert.control.ExitCode}
     */
    int run(ConfigSource source, ConfigLoader.Loaded loaded, PrintStream out, PrintStream err);
}
