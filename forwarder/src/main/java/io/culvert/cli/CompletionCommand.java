package io.culvert.cli;

import io.culvert.control.ExitCode;
import io.culvert.tunnel.Mode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;

/**
 * {@code culvert completion}: prints a script for the shell. Commands and options come from the command line itself; the
 * words of {@code ip tunnel}, which are none of picocli's, stand in the script.
 */
@Command(
        name = "completion",
        description = "Print a script that completes culvert's words, names of tunnels too.",
        footer = {
            "",
            "  bash: culvert completion bash >/etc/bash_completion.d/culvert",
            "  zsh:  culvert completion zsh >/usr/local/share/zsh/site-functions/_culvert"
        })
final class CompletionCommand implements Callable<Integer> {

    private static final Set<String> FILES = Set.of("FILE", "DIRECTORY", "PATH");

    private static final String ZSH_HEAD = "#compdef culvert\nautoload -U +X bashcompinit && bashcompinit\n";

    enum Shell {
        BASH,
        ZSH
    }

    private final CommandLine commandLine;
    private final Context context;

    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    private Shell shell = Shell.BASH;

    CompletionCommand(CommandLine commandLine, Context context) {
        this.commandLine = commandLine;
        this.context = context;
    }

    @Override
    public Integer call() {
        context.out().print((shell == Shell.ZSH ? ZSH_HEAD : "") + script());
        return ExitCode.OK;
    }

    private String script() {
        CommandSpec culvert = commandLine.getCommandSpec();
        Map<String, CommandLine> commands = new TreeMap<>(culvert.subcommands());
        return template()
                .replace("@COMMANDS@", String.join(" ", commands.keySet()))
                .replace("@GLOBAL@", longOptions(culvert))
                .replace("@OPTIONS@", perCommand(commands))
                .replace("@SUBCOMMANDS@", subcommands(commands))
                .replace("@FILE_OPTIONS@", String.join(" | ", fileOptions(culvert)))
                .replace("@TUNNEL_COMMANDS@", tunnelCommands(commands))
                .replace("@MODES@", Arrays.stream(Mode.values()).map(Mode::word).collect(Collectors.joining(" ")));
    }

    private static String template() {
        try (InputStream in = Objects.requireNonNull(CompletionCommand.class.getResourceAsStream("completion.sh"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String perCommand(Map<String, CommandLine> commands) {
        return commands.entrySet().stream()
                .map(each -> "        " + each.getKey() + ") printf '%s\\n' "
                        + longOptions(each.getValue().getCommandSpec()) + " ;;")
                .collect(Collectors.joining("\n"));
    }

    private static String subcommands(Map<String, CommandLine> commands) {
        return commands.entrySet().stream()
                .filter(each -> !each.getValue().getSubcommands().isEmpty())
                .map(each -> "        " + each.getKey() + ") [ \"$behind\" -gt 0 ] || _culvert_reply '"
                        + String.join(
                                " ",
                                new TreeSet<>(each.getValue().getSubcommands().keySet())) + "' ;;")
                .collect(Collectors.joining("\n"));
    }

    /** Of each option its longest name. */
    private static String longOptions(CommandSpec command) {
        return command.options().stream()
                .filter(option -> !option.hidden())
                .map(OptionSpec::longestName)
                .collect(Collectors.joining(" "));
    }

    private static Collection<String> fileOptions(CommandSpec culvert) {
        Set<String> names = new TreeSet<>();
        for (CommandLine command : culvert.subcommands().values()) {
            command.getCommandSpec().options().stream()
                    .filter(option -> FILES.contains(option.paramLabel()))
                    .forEach(option -> names.addAll(Arrays.asList(option.names())));
        }
        return names;
    }

    private static String tunnelCommands(Map<String, CommandLine> commands) {
        return commands.entrySet().stream()
                .filter(each -> each.getValue().getCommandSpec().positionalParameters().stream()
                        .map(ArgSpec::paramLabel)
                        .anyMatch("TUNNEL"::equals))
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(" | "));
    }
}
