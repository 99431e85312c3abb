package io.culvert.cli;

import io.culvert.config.ConfigLoader;
import io.culvert.config.ConfigSource;
import io.culvert.control.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code culvert run}: the gateway, in the foreground. */
@Command(name = "run", description = "Run the gateway in the foreground; prints \"ready\" when every tunnel forwards.")
final class RunCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Mixin
    private DatapathOptions datapath = new DatapathOptions();

    RunCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() {
        Context context = culvert.context();
        ConfigSource source = config.source(culvert, datapath.values());
        ConfigLoader.Loaded loaded = source.load();
        if (!loaded.isValid()) {
            loaded.problems().forEach(context.err()::println);
            return ExitCode.PROBLEMS;
        }
        return context.runner().run(source, loaded, context.out(), context.err());
    }
}
