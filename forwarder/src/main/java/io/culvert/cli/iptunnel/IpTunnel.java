package io.culvert.cli.iptunnel;

import io.culvert.cli.iptunnel.Ipv4Parameters.IpMode;
import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code ip tunnel}, for a running gateway. */
public final class IpTunnel {

    /** The modes that make {@code ip} read the whole command line as one for IPv6. */
    private static final Set<String> IPV6_MODES = Set.of(
            "ipv6/ipv6",
            "ip6ip6",
            "vti6",
            "ip6gretap",
            "gretap/ipv6",
            "ip/ipv6",
            "ipv4/ipv6",
            "ipip6",
            "ip4ip6",
            "ip6gre",
            "gre/ipv6",
            "any/ipv6",
            "any");

    private static final int REFUSED = 1;

    private final TunnelGateway gateway;
    private final TunnelOptions options;
    private final PrintStream out;
    private final PrintStream err;

    public IpTunnel(TunnelGateway gateway, TunnelOptions options, PrintStream out, PrintStream err) {
        this.gateway = gateway;
        this.options = options;
        this.out = out;
        this.err = err;
    }

    /**
     * Carries out a command line.
     *
     * @param words what follows {@code tunnel}
     * @return {@code ip tunnel}'s exit status, or {@link ExitCode#NO_GATEWAY} and {@link ExitCode#PRIVILEGE}
     */
    public int run(List<String> words) {
        try {
            if (options.ipv6() || hasIpv6Mode(words)) {
                dispatchIpv6(words);
            } else {
                dispatch(words);
            }
            return ExitCode.OK;
        } catch (TunnelException e) {
            err.println(e.text());
            return e.exitStatus();
        } catch (ControlException e) {
            err.println("culvert: " + e.message());
            return e.exitCode() == ExitCode.REFUSED ? REFUSED : e.exitCode();
        }
    }

    private static boolean hasIpv6Mode(List<String> words) {
        int mode = words.indexOf("mode");
        return mode >= 0 && mode + 1 < words.size() && IPV6_MODES.contains(words.get(mode + 1));
    }

    private void dispatch(List<String> all) throws TunnelException, ControlException {
        if (all.isEmpty()) {
            show(new Words(all));
            return;
        }
        String command = all.getFirst();
        Words words = new Words(all.subList(1, all.size()));
        switch (expand(command, "add", "change", "delete", "show", "lst", "list", "prl", "6rd", "help")) {
            case "add" -> add(words);
            case "change" -> change(words);
            case "delete" -> delete(words);
            case "show", "lst", "list" -> show(words);
            case "prl" -> PrlArguments.parse(words).apply(gateway);
            case "6rd" -> SixRdArguments.parse(words).apply(gateway);
            case "help" -> throw TunnelException.unparsable(Usage.IPV4);
            default ->
                throw TunnelException.unparsable("Command \"" + command + "\" is unknown, try \"culvert tunnel help\"");
        }
    }

    private void dispatchIpv6(List<String> all) throws TunnelException, ControlException {
        String command = all.isEmpty() ? "show" : all.getFirst();
        Words words = new Words(all.isEmpty() ? all : all.subList(1, all.size()));
        Ipv6Tunnel tunnel = new Ipv6Tunnel(gateway, options, out, err);
        switch (expand(command, "add", "change", "delete", "show", "lst", "list", "help")) {
            case "add" -> tunnel.add(words);
            case "change" -> tunnel.change(words);
            case "delete" -> tunnel.delete(words);
            case "show", "lst", "list" -> tunnel.show(words);
            case "help" -> throw TunnelException.unparsable(Usage.IPV6);
            default ->
                throw TunnelException.unparsable(
                        "Command \"" + command + "\" is unknown, try \"culvert -f inet6 tunnel help\".");
        }
    }

    /** The first command that the word is a beginning of; the empty string if there is none. */
    private static String expand(String word, String... commands) {
        for (String command : commands) {
            if (Words.isPrefix(word, command)) {
                return command;
            }
        }
        return "";
    }

    private void add(Words words) throws TunnelException, ControlException {
        Ipv4Parameters parameters = Ipv4Arguments.parse(words, null);
        Mode mode = requireMode(parameters);
        String base = Objects.requireNonNull(parameters.baseDevice());
        List<RunningTunnel> running = gateway.tunnels();
        String name = parameters.name.isEmpty() ? freeName(mode, running) : parameters.name;
        TunnelSpec spec = parameters.toSpec(name, mode);
        for (RunningTunnel tunnel : running) {
            if (tunnel.spec().name().equals(name) || hasSameIdentity(tunnel.spec(), spec)) {
                throw failed("add", base, "File exists");
            }
        }
        try {
            gateway.add(spec);
        } catch (ControlException e) {
            throw refusal("add", base, e);
        }
    }

    private void change(Words words) throws TunnelException, ControlException {
        Ipv4Parameters parameters = Ipv4Arguments.parse(words, this::find);
        Mode mode = requireMode(parameters);
        String base = Objects.requireNonNull(parameters.baseDevice());
        TunnelSpec spec = parameters.toSpec(parameters.name, mode);
        String name = parameters.name;
        if (name.isEmpty()) {
            // As the kernel does for the base device: the tunnel with these endpoints is meant.
            name = gateway.tunnels().stream()
                    .map(RunningTunnel::spec)
                    .filter(running -> hasSameIdentity(running, spec))
                    .findFirst()
                    .orElseThrow(() -> failed("add", base, "No such file or directory"))
                    .name();
        } else if (find(name) == null) {
            throw failed("add", name, "No such device");
        }
        try {
            gateway.change(parameters.toSpec(name, mode));
        } catch (ControlException e) {
            // The word is "add" for a change too.
            throw refusal("add", name, e);
        }
    }

    /** The checks that add and change have in common. */
    private static Mode requireMode(Ipv4Parameters parameters) throws TunnelException {
        if (parameters.ttl != 0 && !parameters.pmtudisc) {
            throw TunnelException.refused("ttl != 0 and nopmtudisc are incompatible");
        }
        IpMode mode = parameters.mode;
        if (mode == null) {
            throw TunnelException.refused("cannot determine tunnel mode (ipip, gre, vti or sit)");
        }
        Mode gatewayMode = mode.mode();
        if (gatewayMode == null) {
            throw TunnelException.notAvailable("mode \"" + mode.name().toLowerCase(Locale.ROOT) + "\"");
        }
        return gatewayMode;
    }

    /**
     * What the kernel calls a tunnel that is added without a name: the driver and the first number that is free. Number 0
     * of two drivers is the base device's.
     */
    private static String freeName(Mode mode, List<RunningTunnel> running) {
        String driver = mode.identity().word();
        for (int number = mode == Mode.GRE || mode.identity() == Mode.SIT ? 1 : 0; ; number++) {
            String name = driver + number;
            if (running.stream().noneMatch(tunnel -> tunnel.spec().name().equals(name))) {
                return name;
            }
        }
    }

    private void delete(Words words) throws TunnelException, ControlException {
        Ipv4Parameters parameters = Ipv4Arguments.parse(words, null);
        String base = parameters.baseDevice();
        String name = parameters.name;
        if (!name.isEmpty()) {
            if (!isRunning(gateway, name)) {
                throw failed("delete", name, DeviceName.whyNoTunnel(name));
            }
        } else if (base == null) {
            throw failed("delete", "", "No such device");
        } else {
            name = findByEndpoints(parameters, base);
        }
        try {
            gateway.delete(name);
        } catch (ControlException e) {
            throw refusal("delete", name, e);
        }
    }

    private String findByEndpoints(Ipv4Parameters parameters, String base) throws TunnelException, ControlException {
        Mode mode = parameters.mode == null ? null : parameters.mode.mode();
        boolean isBase = parameters.remote == null
                && parameters.local == null
                && parameters.ikey == null
                && parameters.dev == null;
        if (isBase && mode != Mode.GRE) {
            // The parameters of the base device, which cannot be deleted; gre0 is not found by them.
            throw failed("delete", base, "Operation not permitted");
        }
        if (mode != null) {
            TunnelSpec wanted = parameters.toSpec("", mode);
            for (RunningTunnel tunnel : gateway.tunnels()) {
                if (hasSameIdentity(tunnel.spec(), wanted)) {
                    return tunnel.spec().name();
                }
            }
        }
        throw failed("delete", base, "No such file or directory");
    }

    private void show(Words words) throws TunnelException, ControlException {
        Ipv4Parameters parameters = Ipv4Arguments.parse(words, null);
        TunnelPrinter printer = new TunnelPrinter(options);
        String base = parameters.baseDevice();
        if (base == null) {
            List<RunningTunnel> shown = gateway.tunnels().stream()
                    .filter(tunnel -> parameters.matches(tunnel.spec()))
                    .toList();
            out.print(printer.list(shown));
            return;
        }
        // With a mode, or a name that tells one, ip asks for that device alone and prints its line whatever the
        // options.
        String name = parameters.name.isEmpty() ? base : parameters.name;
        TunnelSpec spec = find(name);
        if (spec == null) {
            throw failed("get", name, "No such device");
        }
        out.println(printer.line(spec));
    }

    private @Nullable TunnelSpec find(String name) throws ControlException {
        for (RunningTunnel tunnel : gateway.tunnels()) {
            if (tunnel.spec().name().equals(name) && !tunnel.spec().mode().isOuterIpv6()) {
                return tunnel.spec();
            }
        }
        return null;
    }

    /** Deleting asks for no more than the name: the kernel deletes a tunnel of either family. */
    static boolean isRunning(TunnelGateway gateway, String name) throws ControlException {
        return gateway.tunnels().stream()
                .anyMatch(tunnel -> tunnel.spec().name().equals(name));
    }

    static boolean hasSameIdentity(TunnelSpec one, TunnelSpec other) {
        return one.mode().identity() == other.mode().identity()
                && Objects.equals(one.local(), other.local())
                && Objects.equals(one.remote(), other.remote())
                && Objects.equals(one.ikey(), other.ikey())
                && Objects.equals(one.dev(), other.dev());
    }

    static TunnelException failed(String what, String device, String reason) {
        return TunnelException.refused(what + " tunnel \"" + device + "\" failed: " + reason);
    }

    /** The gateway's refusal in {@code ip}'s frame; that there is no gateway is told as it is. */
    static TunnelException refusal(String what, String device, ControlException e) throws ControlException {
        if (e.exitCode() == ExitCode.NO_GATEWAY || e.exitCode() == ExitCode.INTERNAL) {
            throw e;
        }
        return failed(what, device, e.message());
    }
}
