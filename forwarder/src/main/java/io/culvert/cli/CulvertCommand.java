package io.culvert.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code culvert}: the global options; without a command, {@code show}. */
@Command(
        name = "culvert",
        description = "A user-space IP tunnel gateway.",
        synopsisHeading = "Usage: ",
        customSynopsis = "culvert [OPTIONS] COMMAND [ARGUMENTS]",
        optionListHeading = "%nOptions, before the command or after it:%n",
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "Exit status: 0 fine, 1 syntax or usage, 2 the gateway or the kernel refused,",
            "3 problems found, 4 a privilege or device is missing, 5 no gateway runs, 70 internal error."
        })
final class CulvertCommand implements Callable<Integer> {

    private final Context context;

    @Mixin
    private GlobalOptions options;

    @Option(
            names = {"-V", "-Version", "--version"},
            description = "Print the version.")
    private boolean version;

    @Option(
            names = {"-c", "-color", "--color"},
            arity = "0..1",
            fallbackValue = "always",
            defaultValue = "never",
            paramLabel = "WHEN",
            description = "Print in colour: always, auto or never. Before the command only.")
    private Color color = Color.NEVER;

    CulvertCommand(Context context) {
        this(context, new GlobalOptions());
    }

    CulvertCommand(Context context, GlobalOptions options) {
        this.context = context;
        this.options = options;
    }

    Context context() {
        return context;
    }

    GlobalOptions options() {
        return options;
    }

    /** The running gateway. */
    GatewayConnection gateway() {
        return new GatewayConnection(ControlSocketPath.resolve(options.socket(), context.environment()));
    }

    Style style() {
        return new Style(color.isOn(context.environment()));
    }

    @Override
    public Integer call() throws Exception {
        return version ? VersionCommand.print(this) : ShowCommand.print(this, null, null);
    }
}
