package io.culvert.cli;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** All of {@code culvert}'s commands and options, as picocli reads them. */
final class Commands {

    private Commands() {}

    /** The command line, ready to be executed. */
    static CommandLine of(Context context) {
        CulvertCommand culvert = new CulvertCommand(context);
        CommandLine commandLine = new CommandLine(culvert);
        for (CommandExtension extension : ServiceLoader.load(CommandExtension.class)) {
            commandLine.addSubcommand(extension.command());
        }
        CommandLine tunnel = new CommandLine(new TunnelCommand(culvert));
        CommandLine l2tp = new CommandLine(new L2tpCommand(culvert));
        commandLine
                .addSubcommand(new RunCommand(culvert))
                .addSubcommand(new CheckCommand(culvert))
                .addSubcommand(new ImportCommand(culvert))
                .addSubcommand(new DiffCommand(culvert))
                .addSubcommand(new ReloadCommand(culvert))
                .addSubcommand(new ConfirmCommand(culvert))
                .addSubcommand(tunnel)
                .addSubcommand(l2tp)
                .addSubcommand(new SaCommand(culvert))
                .addSubcommand(new ShowCommand(culvert))
                .addSubcommand(new StatsCommand(culvert))
                .addSubcommand(new DropsCommand(culvert))
                .addSubcommand(new MonitorCommand(culvert))
                .addSubcommand(new ExplainCommand(culvert))
                .addSubcommand(new DoctorCommand(culvert))
                .addSubcommand(new StopCommand(culvert))
                .addSubcommand(new DemoCommand())
                .addSubcommand(new VersionCommand(culvert))
                .addSubcommand(new CompletionCommand(commandLine, context))
                .addSubcommand(new HelpCommand(commandLine))
                .setOut(writer(context.out()))
                .setErr(writer(context.err()))
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setAbbreviatedSubcommandsAllowed(true)
                .setParameterExceptionHandler(Commands::usageError)
                .setExecutionExceptionHandler(Commands::executionError);
        addHelp(commandLine);
        // The words of ip are its own to judge, even those that look like options.
        tunnel.setUnmatchedOptionsArePositionalParams(true);
        l2tp.setUnmatchedOptionsArePositionalParams(true);
        return commandLine;
    }

    /** Not inherited as the other options are: an extension may have {@code --help} itself. */
    private static void addHelp(CommandLine commandLine) {
        if (commandLine.getCommandSpec().findOption("--help") == null) {
            commandLine.addMixin("help", new HelpOption());
        }
        commandLine.getSubcommands().values().forEach(Commands::addHelp);
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    private static int usageError(ParameterException e, String[] args) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println("culvert: " + e.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, err)) {
            err.println("Try `culvert help`.");
        }
        return ExitCode.USAGE;
    }

    private static int executionError(Exception e, CommandLine commandLine, ParseResult parsed) {
        PrintWriter err = commandLine.getErr();
        if (e instanceof ControlException refusal) {
            return Main.refused(err, refusal);
        }
        return Main.internalError(err, e);
    }
}
