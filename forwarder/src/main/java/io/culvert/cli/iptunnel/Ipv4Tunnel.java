package io.culvert.cli.iptunnel;

import io.culvert.cli.iptunnel.Ipv4Parameters.IpMode;
import io.culvert.control.ControlException;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import java.io.PrintStream;

/** The commands of {@code ip tunnel}, for a running gateway. */
final class Ipv4Tunnel {

    private final RunningTunnels running;
    private final TunnelPrinter printer;
    private final PrintStream out;

    Ipv4Tunnel(RunningTunnels running, TunnelPrinter printer, PrintStream out) {
        this.running = running;
        this.printer = printer;
        this.out = out;
    }

    void add(Words words) throws TunnelException, ControlException {
        Ipv4Parameters parameters = Ipv4Arguments.parse(words, null);
        IpMode mode = requireMode(parameters);
        String name = parameters.name.isEmpty() ? freeName(mode.mode()) : parameters.name;
        running.add(parameters.toSpec(name, mode.mode()), mode.baseDevice());
    }

    void change(Words words) throws TunnelException, ControlException {
        Ipv4Parameters parameters = Ipv4Arguments.parse(words, running);
        IpMode mode = requireMode(parameters);
        String name = parameters.name;
        if (name.isEmpty()) {
            // As the kernel does for the base device: the tunnel with these endpoints is meant.
            name = running.nameOf(parameters.toSpec("", mode.mode()), "add", mode.baseDevice());
        }
        running.change(parameters.toSpec(name, mode.mode()));
    }

    /** The checks that add and change have in common. */
    private static IpMode requireMode(Ipv4Parameters parameters) throws TunnelException {
        if (parameters.ttl != 0 && !parameters.pmtudisc) {
            throw TunnelException.refused("ttl != 0 and nopmtudisc are incompatible");
        }
        if (parameters.mode == null) {
            throw TunnelException.refused("cannot determine tunnel mode (ipip, gre, vti or sit)");
        }
        return parameters.mode;
    }

    /** What the kernel calls a tunnel that is added without a name. Number 0 of two drivers is the base device's. */
    private String freeName(Mode mode) throws ControlException {
        return running.freeName(mode.identity().word(), mode == Mode.GRE || mode.identity() == Mode.SIT ? 1 : 0);
    }

    void delete(Words words) throws TunnelException, ControlException {
        Ipv4Parameters parameters = Ipv4Arguments.parse(words, null);
        running.delete(parameters.name.isEmpty() ? findByEndpoints(parameters) : parameters.name);
    }

    private String findByEndpoints(Ipv4Parameters parameters) throws TunnelException, ControlException {
        IpMode mode = parameters.mode;
        if (mode == null) {
            throw RunningTunnels.failed("delete", "", DeviceName.NO_SUCH_DEVICE);
        }
        boolean isBase = parameters.remote == null
                && parameters.local == null
                && parameters.ikey == null
                && parameters.dev == null;
        if (isBase && mode != IpMode.GRE) {
            // The parameters of the base device, which cannot be deleted; gre0 is not found by them.
            throw RunningTunnels.failed("delete", mode.baseDevice(), "Operation not permitted");
        }
        return running.nameOf(parameters.toSpec("", mode.mode()), "delete", mode.baseDevice());
    }

    void show(Words words) throws TunnelException, ControlException {
        Ipv4Parameters parameters = Ipv4Arguments.parse(words, null);
        IpMode mode = parameters.mode;
        if (mode == null) {
            out.print(printer.list(running.matching(parameters)));
            return;
        }
        // With a mode, or a name that tells one, ip asks for that device alone and prints its line whatever the
        // options.
        String name = parameters.name.isEmpty() ? mode.baseDevice() : parameters.name;
        TunnelSpec spec = running.require(name, "get");
        out.println(printer.line(spec));
    }
}
