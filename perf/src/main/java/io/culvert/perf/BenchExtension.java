package io.culvert.perf;

import io.culvert.cli.CommandExtension;

/** Adds {@code culvert bench} to the command line. */
public final class BenchExtension implements CommandExtension {

    @Override
    public Object command() {
        return new BenchCommand();
    }
}
