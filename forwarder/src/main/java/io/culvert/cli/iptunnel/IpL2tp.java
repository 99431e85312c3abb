package io.culvert.cli.iptunnel;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.tunnel.L2tpOptions;
import io.culvert.tunnel.L2tpTunnel;
import io.culvert.tunnel.TunnelSpec;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code ip l2tp}, for a running gateway: each session is one of its tunnels, in mode l2tp or ip6l2tp. */
public final class IpL2tp {

    private static final String NO_SUCH_DEVICE = "No such device";
    private static final String EXISTS = "File exists";
    private static final String DEVICE_PREFIX = "l2tpeth";
    private static final String PTY_PREFIX = "l2tpppp";

    private final L2tpGateway gateway;
    private final TunnelOptions options;
    private final PrintStream out;
    private final PrintStream err;

    public IpL2tp(L2tpGateway gateway, TunnelOptions options, PrintStream out, PrintStream err) {
        this.gateway = gateway;
        this.options = options;
        this.out = out;
        this.err = err;
    }

    /** A part of a command. */
    private interface Step {
        void run() throws TunnelException, ControlException;
    }

    /**
     * Carries out a command line.
     *
     * @param words what follows {@code l2tp}
     * @return {@code ip l2tp}'s exit status, or {@link ExitCode#NO_GATEWAY} and {@link ExitCode#PRIVILEGE}
     */
    public int run(List<String> words) {
        return attempt(() -> dispatch(words));
    }

    private int attempt(Step step) {
        try {
            step.run();
            return ExitCode.OK;
        } catch (TunnelException e) {
            if (!e.text().isEmpty()) {
                err.println(e.text());
            }
            return e.exitStatus();
        } catch (ControlException e) {
            err.println("culvert: " + e.message());
            return e.exitCode();
        }
    }

    private void dispatch(List<String> all) throws TunnelException, ControlException {
        String command = all.isEmpty() ? "help" : all.getFirst();
        Words words = new Words(all.isEmpty() ? all : all.subList(1, all.size()));
        switch (Words.expand(command, "help", "add", "delete", "show", "lst", "list")) {
            case "help" -> throw TunnelException.unparsable(Usage.L2TP);
            case "add" -> add(L2tpArguments.parse(words, err));
            case "delete" -> delete(L2tpArguments.parse(words, err));
            case "show", "lst", "list" -> show(L2tpArguments.parse(words, err));
            default ->
                throw TunnelException.unparsable("Command \"" + command + "\" is unknown, try \"culvert l2tp help\".");
        }
    }

    private void add(L2tpParameters said) throws TunnelException, ControlException {
        require(said.tunnel || said.session, "tunnel or session");
        require(said.tunnelId != 0, "tunnel_id");
        require(!said.session || said.peerSessionId != 0, "peer_session_id");
        require(!said.session || said.sessionId != 0, "session_id");
        if (said.tunnel) {
            require(said.peerTunnelId != 0, "peer_tunnel_id");
            require(said.local != null, "local");
            require(said.remote != null, "remote");
            require(!said.udp || said.sport != 0, "udp_sport");
            require(!said.udp || said.dport != 0, "udp_dport");
        }
        if (said.tunnel && said.session) {
            // Both of one line: whatever becomes of the tunnel, the session's end is the command's.
            int _ = attempt(() -> addTunnel(said));
            addSession(said);
        } else if (said.tunnel) {
            addTunnel(said);
        } else {
            addSession(said);
        }
    }

    private static void require(boolean isThere, String argument) throws TunnelException {
        if (!isThere) {
            throw TunnelException.unparsable("Error: argument \"" + argument + "\" is required");
        }
    }

    private void addTunnel(L2tpParameters said) throws TunnelException, ControlException {
        L2tpTunnel tunnel = said.toTunnel();
        if (tunnels().stream().anyMatch(present -> present.id() == tunnel.id())) {
            throw TunnelException.answered(EXISTS);
        }
        gateway.addL2tpTunnel(tunnel);
    }

    private void addSession(L2tpParameters said) throws TunnelException, ControlException {
        L2tpTunnel tunnel = tunnel(said.tunnelId);
        if (tunnel == null) {
            throw TunnelException.answered(NO_SUCH_DEVICE);
        }
        List<RunningTunnel> running = gateway.tunnels();
        Set<String> names =
                running.stream().map(present -> present.spec().name()).collect(Collectors.toSet());
        String prefix = said.ppp ? PTY_PREFIX : DEVICE_PREFIX;
        String name = said.name.isEmpty() ? DeviceName.free(prefix, 0, names) : said.name;
        if (find(running, said) != null || names.contains(name) || DeviceName.isTaken(name)) {
            throw TunnelException.answered(EXISTS);
        }
        gateway.add(said.toSession(tunnel, name));
    }

    private void delete(L2tpParameters said) throws TunnelException, ControlException {
        require(said.tunnel || said.session, "tunnel or session");
        require(!said.tunnel || said.tunnelId != 0, "tunnel_id");
        require(!said.session || said.sessionId != 0, "session_id");
        if (said.sessionId != 0) {
            TunnelSpec session = find(gateway.tunnels(), said);
            if (session == null) {
                throw TunnelException.answered(NO_SUCH_DEVICE);
            }
            gateway.delete(session.name());
        } else if (tunnel(said.tunnelId) == null) {
            throw TunnelException.answered(NO_SUCH_DEVICE);
        } else {
            gateway.deleteL2tpTunnel(said.tunnelId);
        }
    }

    private void show(L2tpParameters said) throws TunnelException, ControlException {
        require(said.tunnel || said.session, "tunnel or session");
        L2tpPrinter printer = new L2tpPrinter(options);
        out.print(
                said.session
                        ? printer.sessions(sessions(gateway.tunnels(), said.tunnelId, said.sessionId))
                        : printer.tunnels(tunnels().stream()
                                .filter(tunnel -> said.tunnelId == 0 || said.tunnelId == tunnel.id())
                                .toList()));
    }

    private List<L2tpTunnel> tunnels() throws ControlException {
        return gateway.l2tpTunnels();
    }

    private @Nullable L2tpTunnel tunnel(int id) throws ControlException {
        return tunnels().stream()
                .filter(tunnel -> tunnel.id() == id)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable TunnelSpec find(List<RunningTunnel> running, L2tpParameters said) {
        return sessions(running, 0, said.sessionId).stream()
                .map(RunningTunnel::spec)
                .filter(session -> session.l2tp().tunnelId() == said.tunnelId)
                .findFirst()
                .orElse(null);
    }

    /** By the IDs of tunnel and session; 0 chooses all. */
    private static List<RunningTunnel> sessions(List<RunningTunnel> running, int tunnelId, int sessionId) {
        return running.stream()
                .filter(session -> session.spec().mode().isL2tp())
                .filter(session -> tunnelId == 0 || tunnelId == l2tp(session).tunnelId())
                .filter(session -> sessionId == 0 || sessionId == l2tp(session).sessionId())
                .sorted(byId(session -> l2tp(session).tunnelId())
                        .thenComparing(byId(session -> l2tp(session).sessionId())))
                .toList();
    }

    private static L2tpOptions l2tp(RunningTunnel session) {
        return session.spec().l2tp();
    }

    private static Comparator<RunningTunnel> byId(ToIntFunction<RunningTunnel> id) {
        return (one, other) -> Integer.compareUnsigned(id.applyAsInt(one), id.applyAsInt(other));
    }
}
