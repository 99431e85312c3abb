package io.culvert.cli;

import io.culvert.control.ControlException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code culvert [OPTIONS] tunnel WORDS} and {@code culvert [OPTIONS] show [TUNNEL [FIELD]]}, read without picocli: scripts
 * run them as often as they run {@code ip tunnel}, and picocli's classes, in a format too old for the JVM's cache of classes,
 * take longer to load than all the rest.
 *
 * <p>What is not plain, such as options run together, is left to picocli, which understands the same and more.
 */
final class PlainCommandLine {

    /** Tunnel and field. */
    private static final int MOST_SHOW_WORDS = 2;

    private final List<String> words = new ArrayList<>();
    private final Set<Character> flags = new HashSet<>();
    private @Nullable String family;
    private @Nullable String socket;
    private String command = "";

    private PlainCommandLine() {}

    /** The command line; null if it is another command or not plain. */
    static @Nullable PlainCommandLine read(String... args) {
        PlainCommandLine line = new PlainCommandLine();
        for (int i = 0; i < args.length; i++) {
            String value = i + 1 < args.length ? args[i + 1] : "-";
            boolean isValueTaken = line.takeValue(args[i], value);
            if (!isValueTaken && !line.take(args[i])) {
                return null;
            }
            i += isValueTaken ? 1 : 0;
        }
        return line.isTunnel() || line.isShow() ? line : null;
    }

    /** Takes an option and its value; whether it is one. */
    private boolean takeValue(String option, String value) {
        boolean isFamily = option.equals("-f") || option.equals("-family");
        boolean isSocket = option.equals("-socket") || option.equals("--socket");
        // A value that is a command's name is none for picocli.
        boolean isPlain =
                !value.startsWith("-") && (!command.isEmpty() || value.contains("/") || value.startsWith("inet"));
        if (!isPlain || (isFamily && family != null) || (isSocket && socket != null)) {
            return false;
        }
        family = isFamily ? value : family;
        socket = isSocket ? value : socket;
        return isFamily || isSocket;
    }

    /** Takes a word or an option without a value; whether it is one. */
    private boolean take(String arg) {
        if (!arg.startsWith("-")) {
            if (command.isEmpty()) {
                command = arg;
                return isTunnel() || isShow();
            }
            words.add(arg);
            return true;
        }
        char flag = flag(arg);
        // Only -s may be repeated.
        return flag != 0 && (flags.add(flag) || flag == 's');
    }

    private static char flag(String option) {
        return switch (option) {
            case "-j", "-json", "--json" -> 'j';
            case "-p", "-pretty", "--pretty" -> 'p';
            case "-s", "-stats", "-statistics", "--stats" -> 's';
            case "-d", "-details", "--details" -> 'd';
            case "-o", "-oneline", "--oneline" -> 'o';
            case "-br", "-brief", "--brief" -> 'b';
            case "-4" -> '4';
            case "-6" -> '6';
            default -> 0;
        };
    }

    private boolean isTunnel() {
        return command.equals("tunnel") || command.equals("tunl");
    }

    private boolean isShow() {
        return command.equals("show") && words.size() <= MOST_SHOW_WORDS;
    }

    int run(Context context) throws ControlException {
        CulvertCommand culvert = new CulvertCommand(context, options());
        if (isTunnel()) {
            return TunnelCommand.run(culvert, culvert.gateway(), words);
        }
        return ShowCommand.print(
                culvert, words.isEmpty() ? null : words.getFirst(), words.size() < 2 ? null : words.get(1));
    }

    GlobalOptions options() {
        return GlobalOptions.of(flags, family, socket == null ? null : Path.of(socket));
    }

    String command() {
        return command;
    }

    List<String> words() {
        return words;
    }
}
