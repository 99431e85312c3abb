package io.culvert.cli.iptunnel;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;

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
                dispatchIpv4(words);
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

    private void dispatchIpv4(List<String> all) throws TunnelException, ControlException {
        String command = all.isEmpty() ? "show" : all.getFirst();
        Words words = new Words(all.isEmpty() ? all : all.subList(1, all.size()));
        RunningTunnels running = new RunningTunnels(gateway, false);
        Ipv4Tunnel tunnel = new Ipv4Tunnel(running, new TunnelPrinter(options), out);
        switch (Words.expand(command, "add", "change", "delete", "show", "lst", "list", "prl", "6rd", "help")) {
            case "add" -> tunnel.add(words);
            case "change" -> tunnel.change(words);
            case "delete" -> tunnel.delete(words);
            case "show", "lst", "list" -> tunnel.show(words);
            case "prl" -> PrlArguments.parse(words).apply(running);
            case "6rd" -> SixRdArguments.parse(words).apply(running);
            case "help" -> throw TunnelException.unparsable(Usage.IPV4);
            default ->
                throw TunnelException.unparsable("Command \"" + command + "\" is unknown, try \"culvert tunnel help\"");
        }
    }

    private void dispatchIpv6(List<String> all) throws TunnelException, ControlException {
        String command = all.isEmpty() ? "show" : all.getFirst();
        Words words = new Words(all.isEmpty() ? all : all.subList(1, all.size()));
        Ipv6Tunnel tunnel = new Ipv6Tunnel(new RunningTunnels(gateway, true), options, out, err);
        switch (Words.expand(command, "add", "change", "delete", "show", "lst", "list", "help")) {
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
}
