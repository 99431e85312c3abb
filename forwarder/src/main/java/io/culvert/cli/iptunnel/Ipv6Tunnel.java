package io.culvert.cli.iptunnel;

import io.culvert.control.ControlException;
import java.io.PrintStream;

/** The commands of {@code ip -6 tunnel}, for a running gateway. */
final class Ipv6Tunnel {

    private final RunningTunnels running;
    private final TunnelOptions options;
    private final PrintStream out;
    private final PrintStream err;

    Ipv6Tunnel(RunningTunnels running, TunnelOptions options, PrintStream out, PrintStream err) {
        this.running = running;
        this.options = options;
        this.out = out;
        this.err = err;
    }

    void add(Words words) throws TunnelException, ControlException {
        Ipv6Parameters parameters = Ipv6Arguments.parse(words, Ipv6Parameters.defaults(), null);
        warnWithoutName(parameters);
        String base = parameters.baseDevice();
        String name = parameters.name.isEmpty() ? freeName(base) : parameters.name;
        running.add(parameters.toSpec(name), base);
    }

    void change(Words words) throws TunnelException, ControlException {
        Ipv6Parameters parameters = Ipv6Arguments.parse(words, Ipv6Parameters.defaults(), running);
        warnWithoutName(parameters);
        if (parameters.name.isEmpty()) {
            throw RunningTunnels.failed("add", parameters.baseDevice(), DeviceName.NO_SUCH_DEVICE);
        }
        running.change(parameters.toSpec(parameters.name));
    }

    void delete(Words words) throws TunnelException, ControlException {
        Ipv6Parameters parameters = Ipv6Arguments.parse(words, Ipv6Parameters.defaults(), null);
        running.delete(parameters.name.isEmpty() ? findByEndpoints(parameters) : parameters.name);
    }

    private String findByEndpoints(Ipv6Parameters parameters) throws TunnelException, ControlException {
        if (parameters.remote == null && parameters.local == null) {
            throw RunningTunnels.failed("delete", parameters.baseDevice(), "Operation not permitted");
        }
        return running.nameOf(parameters.toSpec(""), "delete", parameters.baseDevice());
    }

    void show(Words words) throws TunnelException, ControlException {
        Ipv6Parameters wanted = Ipv6Arguments.parse(words, Ipv6Parameters.any(), null);
        TunnelPrinter printer = new TunnelPrinter(options);
        if (!wanted.name.isEmpty() && !options.statistics()) {
            out.println(printer.line(running.require(wanted.name, "get")));
            return;
        }
        out.print(printer.list(running.matching(wanted)));
    }

    /** As {@code ip}, which goes on all the same. */
    private void warnWithoutName(Ipv6Parameters parameters) {
        if (parameters.name.isEmpty()) {
            err.println("Tunnel interface name not specified");
        }
    }

    /** What the kernel calls a tunnel that is added without a name: the base device's name with another number. */
    private String freeName(String base) throws ControlException {
        return running.freeName(base.substring(0, base.length() - 1), 1);
    }
}
