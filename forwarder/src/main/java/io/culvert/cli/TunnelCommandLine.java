package io.culvert.cli;

import io.culvert.cli.iptunnel.IpTunnel;
import io.culvert.cli.iptunnel.TunnelOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code culvert [OPTIONS] tunnel WORDS}, read without picocli: scripts run it as often as they run {@code ip tunnel}, and
 * picocli's classes, in a format too old for the JVM's cache of classes, take longer to load than all the rest.
 *
 * <p>What is not plain, such as options run together, is left to picocli, which understands the same and more.
 */
final class TunnelCommandLine {

    private final List<String> words = new ArrayList<>();
    private final Set<Character> flags = new HashSet<>();
    private @Nullable String family;
    private @Nullable String socket;
    private boolean isTunnel;

    private TunnelCommandLine() {}

    /** The command line; null if it is another command or not plain. */
    static @Nullable TunnelCommandLine read(String... args) {
        TunnelCommandLine line = new TunnelCommandLine();
        for (int i = 0; i < args.length; i++) {
            String value = i + 1 < args.length ? args[i + 1] : "-";
            boolean isValueTaken = line.takeValue(args[i], value);
            if (!isValueTaken && !line.take(args[i])) {
                return null;
            }
            i += isValueTaken ? 1 : 0;
        }
        return line.isTunnel ? line : null;
    }

    /** Takes an option and its value; whether it is one. */
    private boolean takeValue(String option, String value) {
        boolean isFamily = option.equals("-f") || option.equals("-family");
        boolean isSocket = option.equals("-socket") || option.equals("--socket");
        // A value that is a command's name is none for picocli.
        boolean isPlain = !value.startsWith("-") && (isTunnel || value.contains("/") || value.startsWith("inet"));
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
            if (isTunnel) {
                words.add(arg);
            }
            boolean isCommand = arg.equals("tunnel") || arg.equals("tunl");
            boolean isPlain = isTunnel || isCommand;
            isTunnel |= isCommand;
            return isPlain;
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

    int run(Context context) {
        Path socketPath = ControlSocketPath.resolve(socket == null ? null : Path.of(socket), context.environment());
        return new IpTunnel(new GatewayConnection(socketPath), options(), context.out(), context.err()).run(words);
    }

    TunnelOptions options() {
        boolean ipv6 = !flags.contains('4') && (flags.contains('6') || "inet6".equals(family));
        return new TunnelOptions(
                ipv6, flags.contains('s'), flags.contains('j'), flags.contains('p'), flags.contains('o'));
    }

    List<String> words() {
        return words;
    }

    @Nullable
    String socket() {
        return socket;
    }
}
