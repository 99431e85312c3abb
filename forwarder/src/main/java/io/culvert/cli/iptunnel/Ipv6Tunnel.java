package io.culvert.cli.iptunnel;

import io.culvert.control.ControlException;
import io.culvert.tunnel.TunnelSpec;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The commands of {@code ip -6 tunnel}, for a running gateway. */
final class Ipv6Tunnel {

    private final TunnelGateway gateway;
    private final TunnelOptions options;
    private final PrintStream out;
    private final PrintStream err;

    Ipv6Tunnel(TunnelGateway gateway, TunnelOptions options, PrintStream out, PrintStream err) {
        this.gateway = gateway;
        this.options = options;
        this.out = out;
        this.err = err;
    }

    void add(Words words) throws TunnelException, ControlException {
        Ipv6Parameters parameters = Ipv6Arguments.parse(words, Ipv6Parameters.defaults(), null);
        warnWithoutName(parameters);
        String base = parameters.baseDevice();
        String name = parameters.name.isEmpty() ? freeName(base) : parameters.name;
        TunnelSpec spec = parameters.toSpec(name);
        for (RunningTunnel tunnel : gateway.tunnels()) {
            if (tunnel.spec().name().equals(name) || IpTunnel.hasSameIdentity(tunnel.spec(), spec)) {
                throw IpTunnel.failed("add", base, "File exists");
            }
        }
        try {
            gateway.add(spec);
        } catch (ControlException e) {
            throw IpTunnel.refusal("add", base, e);
        }
    }

    void change(Words words) throws TunnelException, ControlException {
        Ipv6Parameters parameters = Ipv6Arguments.parse(words, Ipv6Parameters.defaults(), this::find);
        warnWithoutName(parameters);
        String name = parameters.name;
        if (name.isEmpty() || find(name) == null) {
            String device = name.isEmpty() ? parameters.baseDevice() : name;
            throw IpTunnel.failed("add", device, "No such device");
        }
        try {
            gateway.change(parameters.toSpec(name));
        } catch (ControlException e) {
            // The word is "add" for a change too.
            throw IpTunnel.refusal("add", name, e);
        }
    }

    void delete(Words words) throws TunnelException, ControlException {
        Ipv6Parameters parameters = Ipv6Arguments.parse(words, Ipv6Parameters.defaults(), null);
        String name = parameters.name;
        if (name.isEmpty()) {
            name = findByEndpoints(parameters);
        } else if (!IpTunnel.isRunning(gateway, name)) {
            throw IpTunnel.failed("delete", name, DeviceName.whyNoTunnel(name));
        }
        try {
            gateway.delete(name);
        } catch (ControlException e) {
            throw IpTunnel.refusal("delete", name, e);
        }
    }

    private String findByEndpoints(Ipv6Parameters parameters) throws TunnelException, ControlException {
        if (parameters.remote == null && parameters.local == null) {
            throw IpTunnel.failed("delete", parameters.baseDevice(), "Operation not permitted");
        }
        TunnelSpec wanted = parameters.toSpec("");
        for (RunningTunnel tunnel : gateway.tunnels()) {
            if (IpTunnel.hasSameIdentity(tunnel.spec(), wanted)) {
                return tunnel.spec().name();
            }
        }
        throw IpTunnel.failed("delete", parameters.baseDevice(), "No such file or directory");
    }

    void show(Words words) throws TunnelException, ControlException {
        Ipv6Parameters wanted = Ipv6Arguments.parse(words, Ipv6Parameters.any(), null);
        TunnelPrinter printer = new TunnelPrinter(options);
        if (!wanted.name.isEmpty() && !options.statistics()) {
            TunnelSpec spec = find(wanted.name);
            if (spec == null) {
                throw IpTunnel.failed("get", wanted.name, "No such device");
            }
            out.println(printer.line(spec));
            return;
        }
        List<RunningTunnel> shown = gateway.tunnels().stream()
                .filter(tunnel -> wanted.matches(tunnel.spec()))
                .toList();
        out.print(printer.list(shown));
    }

    /** As {@code ip}, which goes on all the same. */
    private void warnWithoutName(Ipv6Parameters parameters) {
        if (parameters.name.isEmpty()) {
            err.println("Tunnel interface name not specified");
        }
    }

    /** What the kernel calls a tunnel that is added without a name: the base device's name with another number. */
    private String freeName(String base) throws ControlException {
        String stem = base.substring(0, base.length() - 1);
        int number = 1;
        while (find(stem + number) != null) {
            number++;
        }
        return stem + number;
    }

    private @Nullable TunnelSpec find(String name) throws ControlException {
        for (RunningTunnel tunnel : gateway.tunnels()) {
            TunnelSpec spec = tunnel.spec();
            if (spec.mode().isOuterIpv6() && spec.name().equals(name)) {
                return spec;
            }
        }
        return null;
    }
}
