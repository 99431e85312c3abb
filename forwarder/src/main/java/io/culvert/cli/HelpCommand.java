package io.culvert.cli;

import io.culvert.control.ExitCode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code culvert help [COMMAND]}. */
@Command(name = "help", description = "Print help, on a command if one is named.")
final class HelpCommand implements Callable<Integer> {

    private final CommandLine culvert;

    @Parameters(arity = "0..1", paramLabel = "COMMAND", description = "This command's help.")
    private @Nullable String name;

    HelpCommand(CommandLine culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() {
        CommandLine command = name == null ? culvert : culvert.getSubcommands().get(name);
        if (command == null) {
            throw new CommandLine.ParameterException(culvert, "there is no command \"" + name + "\"");
        }
        command.usage(culvert.getOut());
        return ExitCode.OK;
    }
}
