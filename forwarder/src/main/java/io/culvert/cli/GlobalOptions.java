package io.culvert.cli;

import io.culvert.cli.iptunnel.TunnelOptions;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options of every command, named as {@code ip} names its own; before the command or after it. */
final class GlobalOptions {

    @Option(
            names = {"-j", "-json", "--json"},
            scope = ScopeType.INHERIT,
            description = "Print JSON.")
    private boolean json;

    @Option(
            names = {"-p", "-pretty", "--pretty"},
            scope = ScopeType.INHERIT,
            description = "With -j: indent.")
    private boolean pretty;

    @Option(
            names = {"-s", "-stats", "-statistics", "--stats"},
            scope = ScopeType.INHERIT,
            description = "Print statistics too.")
    private boolean[] statistics = {};

    @Option(
            names = {"-d", "-details", "--details"},
            scope = ScopeType.INHERIT,
            description = "Print details too.")
    private boolean details;

    @Option(
            names = {"-o", "-oneline", "--oneline"},
            scope = ScopeType.INHERIT,
            description = "Print each tunnel on one line.")
    private boolean oneLine;

    @Option(
            names = {"-br", "-brief", "--brief"},
            scope = ScopeType.INHERIT,
            description = "Print a table of the essentials.")
    private boolean brief;

    @Option(names = "-4", scope = ScopeType.INHERIT, description = "Tunnels over IPv4, the default.")
    private boolean ipv4;

    @Option(names = "-6", scope = ScopeType.INHERIT, description = "Tunnels over IPv6.")
    private boolean ipv6;

    @Option(
            names = {"-f", "-family"},
            scope = ScopeType.INHERIT,
            paramLabel = "FAMILY",
            description = "inet or inet6, as -4 and -6.")
    private @Nullable String family;

    @Option(
            names = {"-socket", "--socket"},
            scope = ScopeType.INHERIT,
            paramLabel = "PATH",
            description = "The gateway's control socket.")
    private @Nullable Path socket;

    /**
     * Options that were read without picocli.
     *
     * @param flags the first letters of those without a value
     */
    static GlobalOptions of(Set<Character> flags, @Nullable String family, @Nullable Path socket) {
        GlobalOptions options = new GlobalOptions();
        options.json = flags.contains('j');
        options.pretty = flags.contains('p');
        options.statistics = new boolean[flags.contains('s') ? 1 : 0];
        options.details = flags.contains('d');
        options.oneLine = flags.contains('o');
        options.brief = flags.contains('b');
        options.ipv4 = flags.contains('4');
        options.ipv6 = flags.contains('6');
        options.family = family;
        options.socket = socket;
        return options;
    }

    boolean json() {
        return json;
    }

    boolean pretty() {
        return pretty;
    }

    boolean statistics() {
        return statistics.length > 0;
    }

    boolean details() {
        return details;
    }

    boolean oneLine() {
        return oneLine;
    }

    boolean brief() {
        return brief;
    }

    boolean ipv6() {
        return !ipv4 && (ipv6 || "inet6".equals(family));
    }

    /** What the commands of {@code ip} heed of them. */
    TunnelOptions tunnelOptions() {
        return new TunnelOptions(ipv6(), statistics(), json(), pretty(), oneLine());
    }

    @Nullable
    Path socket() {
        return socket;
    }
}
