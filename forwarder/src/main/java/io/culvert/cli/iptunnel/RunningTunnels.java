package io.culvert.cli.iptunnel;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.tunnel.TunnelSpec;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The gateway's tunnels as the commands of one family see and change them, its refusals in {@code ip}'s words. */
final class RunningTunnels {

    private final TunnelGateway gateway;
    private final boolean isIpv6;

    RunningTunnels(TunnelGateway gateway, boolean isIpv6) {
        this.gateway = gateway;
        this.isIpv6 = isIpv6;
    }

    /** Those that {@code show} shows. */
    List<RunningTunnel> matching(TunnelParameters wanted) throws ControlException {
        return gateway.tunnels().stream()
                .filter(tunnel -> isOfFamily(tunnel.spec()) && wanted.matches(tunnel.spec()))
                .toList();
    }

    /** The family's tunnel of that name; null if there is none. */
    @Nullable
    TunnelSpec find(String name) throws ControlException {
        return first(spec -> isOfFamily(spec) && spec.name().equals(name));
    }

    /** The tunnel of that name, of either family; null if there is none. */
    @Nullable
    TunnelSpec findAny(String name) throws ControlException {
        return first(spec -> spec.name().equals(name));
    }

    /**
     * The family's tunnel of that name.
     *
     * @param what the command, for the refusal
     * @throws TunnelException if there is none
     */
    TunnelSpec require(String name, String what) throws TunnelException, ControlException {
        TunnelSpec spec = find(name);
        if (spec == null) {
            throw failed(what, name, DeviceName.NO_SUCH_DEVICE);
        }
        return spec;
    }

    /**
     * The name of the tunnel with the same endpoints.
     *
     * @param what the command, for the refusal
     * @param base the device that stands for the mode in messages
     * @throws TunnelException if there is none
     */
    String nameOf(TunnelSpec endpoints, String what, String base) throws TunnelException, ControlException {
        TunnelSpec running = first(spec -> hasSameIdentity(spec, endpoints));
        if (running == null) {
            throw failed(what, base, "No such file or directory");
        }
        return running.name();
    }

    /** A name for a new device: the stem and the first number that is free. */
    String freeName(String stem, int from) throws ControlException {
        Set<String> names =
                gateway.tunnels().stream().map(tunnel -> tunnel.spec().name()).collect(Collectors.toSet());
        return DeviceName.free(stem, from, names);
    }

    /** @param base the device that stands for the mode in messages */
    void add(TunnelSpec spec, String base) throws TunnelException, ControlException {
        if (first(running -> running.name().equals(spec.name()) || hasSameIdentity(running, spec)) != null) {
            throw failed("add", base, "File exists");
        }
        carryOut(() -> gateway.add(spec), reason -> failed("add", base, reason));
    }

    /** Changes the family's tunnel of that name. */
    void change(TunnelSpec spec) throws TunnelException, ControlException {
        // The word is "add" for a change too.
        require(spec.name(), "add");
        carryOut(() -> gateway.change(spec), reason -> failed("add", spec.name(), reason));
    }

    /** @param frame what is made of the gateway's refusal */
    void changeSit(TunnelSpec spec, Function<String, TunnelException> frame) throws TunnelException, ControlException {
        carryOut(() -> gateway.changeSit(spec), frame);
    }

    /** Deletes the tunnel of that name: the kernel deletes one of either family. */
    void delete(String name) throws TunnelException, ControlException {
        if (findAny(name) == null) {
            throw failed("delete", name, DeviceName.whyNoTunnel(name));
        }
        carryOut(() -> gateway.delete(name), reason -> failed("delete", name, reason));
    }

    static TunnelException failed(String what, String device, String reason) {
        return TunnelException.refused(what + " tunnel \"" + device + "\" failed: " + reason);
    }

    private @Nullable TunnelSpec first(Predicate<TunnelSpec> wanted) throws ControlException {
        return gateway.tunnels().stream()
                .map(RunningTunnel::spec)
                .filter(wanted)
                .findFirst()
                .orElse(null);
    }

    private boolean isOfFamily(TunnelSpec spec) {
        return spec.mode().isOuterIpv6() == isIpv6;
    }

    private static boolean hasSameIdentity(TunnelSpec one, TunnelSpec other) {
        return one.mode().identity() == other.mode().identity()
                && Objects.equals(one.local(), other.local())
                && Objects.equals(one.remote(), other.remote())
                && Objects.equals(one.ikey(), other.ikey())
                && one.pptp().callId() == other.pptp().callId()
                && Objects.equals(one.dev(), other.dev());
    }

    /** A request to the gateway. */
    private interface Change {
        void make() throws ControlException;
    }

    /** Makes a change; a refusal is told in {@code ip}'s frame, that there is no gateway is told as it is. */
    private static void carryOut(Change change, Function<String, TunnelException> frame)
            throws TunnelException, ControlException {
        try {
            change.make();
        } catch (ControlException e) {
            if (e.exitCode() == ExitCode.NO_GATEWAY || e.exitCode() == ExitCode.INTERNAL) {
                throw e;
            }
            throw frame.apply(e.message());
        }
    }
}
