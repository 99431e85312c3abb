package io.culvert.gateway;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.RouteInfo;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.pipeline.InnerPort;
import io.culvert.pipeline.PtyPort;
import io.culvert.pipeline.TunPort;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the TUN and TAP devices of tunnels, with MTU, addresses and routes, and the ptys of those without a device. The conductor's thread only. */
final class TunnelDevices {

    /** Packets that a device keeps while the path's thread does not run. */
    private static final int TRANSMIT_QUEUE_LENGTH = 4096;

    /** Largest inner super-packet in bytes, so that it fits into 65,535 with its outer header. */
    private static final int GSO_MAX_SIZE = 65_000;

    /** From how many on devices are removed together. */
    private static final int TOGETHER = 4;

    /** MTU of an underlay that is not known, bytes. */
    private static final int ASSUMED_UNDERLAY_MTU = 1500;

    /** What the kernel answers if a route to be removed is not there. */
    private static final int ESRCH = 3;

    private static final System.Logger LOG = System.getLogger(TunnelDevices.class.getName());

    private final RouteNetlink netlink;
    private final PtyLinks ptys;
    private final Map<Integer, Optional<Link>> underlays = new HashMap<>();

    /**
     * A tunnel with its device.
     *
     * @param tunnel the tunnel
     * @param port its device, or its pty
     */
    record TunnelDevice(Tunnel tunnel, InnerPort port) {}

    TunnelDevices(RouteNetlink netlink, PtyLinks ptys) {
        this.netlink = netlink;
        this.ptys = ptys;
    }

    /** Begins a change: each underlay device is looked up once until the next call. */
    void startPass() {
        underlays.clear();
    }

    /**
     * Makes the device and brings it up; nothing is left behind if that fails.
     *
     * @param former the tunnel whose device was lost, so that the new one goes on with its counters; null for a new tunnel
     * @throws GatewayException naming what the kernel refused
     */
    TunnelDevice create(TunnelSpec spec, @Nullable Tunnel former) {
        if (spec.isPpp()) {
            return createPty(spec);
        }
        if (netlink.link(spec.name()) != null) {
            throw new GatewayException(
                    GatewayException.REFUSED,
                    "tunnel \"" + spec.name() + "\": a device of that name exists: remove it with `ip link del "
                            + spec.name() + "`, or choose another name");
        }
        int boundIndex = boundIndex(spec);
        try {
            TunPort port = TunPort.open(spec.name(), spec.mode(), spec.namesProtocols());
            try {
                Link link = ownLink(spec);
                Tunnel tunnel = former == null
                        ? new Tunnel(spec, port, link.index(), boundIndex)
                        : former.on(port, link.index(), boundIndex);
                configure(tunnel);
                port.tunnel(tunnel);
                return new TunnelDevice(tunnel, port);
            } catch (RuntimeException e) {
                port.close();
                throw e;
            }
        } catch (ErrnoException e) {
            throw refused(spec, e);
        }
    }

    /** A tunnel without a device: {@link Tunnel#deviceIndex} is 0. Nobody can take its pty away, so it has no former one. */
    private TunnelDevice createPty(TunnelSpec spec) {
        int boundIndex = boundIndex(spec);
        try {
            PtyPort port = PtyPort.open();
            try {
                Tunnel tunnel = new Tunnel(spec, port, 0, boundIndex);
                port.tunnel(tunnel);
                ptys.add(spec.name(), port.slave());
                return new TunnelDevice(tunnel, port);
            } catch (RuntimeException e) {
                port.close();
                throw e;
            }
        } catch (ErrnoException e) {
            throw refused(spec, e);
        }
    }

    /** Removes devices, which no path reads any more. */
    void remove(Collection<TunnelDevice> devices) {
        if (devices.size() >= TOGETHER) {
            removeTogether(devices);
        }
        for (TunnelDevice device : devices) {
            device.port().close();
            if (device.tunnel().spec().isPpp()) {
                ptys.remove(device.tunnel().spec().name());
            }
        }
    }

    /** Closing a device takes the kernel some milliseconds, in which it only waits; for many it can do so at once. */
    private void removeTogether(Collection<TunnelDevice> devices) {
        try {
            netlink.deleteLinks(devices.stream()
                    .map(device -> device.tunnel().deviceIndex())
                    .filter(index -> index != 0)
                    .toList());
        } catch (ErrnoException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "devices are removed one by one, which takes longer: {0}",
                    e.getMessage());
        }
    }

    private Link ownLink(TunnelSpec spec) {
        Link link = netlink.link(spec.name());
        if (link == null) {
            throw new GatewayException(
                    GatewayException.REFUSED, "tunnel \"" + spec.name() + "\": its device was removed at once");
        }
        return link;
    }

    private static GatewayException refused(TunnelSpec spec, ErrnoException cause) {
        return GatewayException.of("tunnel \"" + spec.name() + "\"", cause);
    }

    private void configure(Tunnel tunnel) {
        int index = tunnel.deviceIndex();
        TunnelSpec spec = tunnel.spec();
        int mtu = spec.mtu() != 0 ? spec.mtu() : computedMtu(tunnel);
        netlink.setLimits(index, mtu, TRANSMIT_QUEUE_LENGTH, GSO_MAX_SIZE);
        Prefix linkLocal = tunnel.linkLocal();
        if (linkLocal != null) {
            withoutIpv6(tunnel, () -> netlink.generateNoIpv6LinkLocal(index));
        }
        netlink.setUp(index, true);
        if (linkLocal != null) {
            withoutIpv6(tunnel, () -> addAddress(index, linkLocal));
        }
        spec.addresses().forEach(address -> addAddress(index, address));
        spec.routes().forEach(route -> addRoute(index, route));
    }

    /** On a host without IPv6 a tunnel that needs it is of no use yet, but no reason to fail. */
    private static void withoutIpv6(Tunnel tunnel, Runnable step) {
        try {
            step.run();
        } catch (ErrnoException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "tunnel \"" + tunnel + "\" has no link-local address: " + e.getMessage());
        }
    }

    private void addAddress(int index, Prefix address) {
        netlink.addAddress(index, address.address(), address.length());
    }

    private void removeAddress(int index, Prefix address) {
        netlink.removeAddress(index, address.address(), address.length());
    }

    private void addRoute(int index, Prefix route) {
        netlink.addRoute(route.address(), route.length(), index, null);
    }

    private void removeRoute(int index, Prefix route) {
        netlink.removeRoute(route.address(), route.length(), index, null);
    }

    /**
     * Takes away those addresses and routes of a device that another specification does not have, so that another
     * tunnel may have them. What is gone already is no error.
     *
     * @param wanted null if the tunnel is about to be removed
     */
    void withdraw(Tunnel tunnel, @Nullable TunnelSpec wanted, Undo undo) {
        int index = tunnel.deviceIndex();
        for (Prefix route : without(tunnel.spec().routes(), wanted == null ? List.of() : wanted.routes())) {
            unlessGone(() -> removeRoute(index, route));
            undo.push(() -> addRoute(index, route));
        }
        for (Prefix address : without(tunnel.spec().addresses(), wanted == null ? List.of() : wanted.addresses())) {
            unlessGone(() -> removeAddress(index, address));
            undo.push(() -> addAddress(index, address));
        }
    }

    /**
     * Gives a device what a changed tunnel has and its former specification had not: MTU, addresses and routes.
     *
     * @throws GatewayException naming what the kernel refused
     */
    void extend(Tunnel former, Tunnel changed, Undo undo) {
        int index = changed.deviceIndex();
        try {
            adjustMtu(former, changed, undo);
            for (Prefix address :
                    without(changed.spec().addresses(), former.spec().addresses())) {
                addAddress(index, address);
                undo.push(() -> removeAddress(index, address));
            }
            for (Prefix route : without(changed.spec().routes(), former.spec().routes())) {
                unlessDown(() -> addRoute(index, route));
                undo.push(() -> removeRoute(index, route));
            }
        } catch (ErrnoException e) {
            throw refused(changed.spec(), e);
        }
    }

    private static List<Prefix> without(List<Prefix> all, List<Prefix> kept) {
        return all.stream().filter(prefix -> !kept.contains(prefix)).toList();
    }

    /** As Linux does: a longer header takes from the MTU what a shorter one gives back, whoever set it. */
    private void adjustMtu(Tunnel former, Tunnel changed, Undo undo) {
        Link link = changed.spec().isPpp() ? null : netlink.link(changed.deviceIndex());
        if (link == null) {
            return;
        }
        int mtu = link.mtu();
        int growth = changed.overhead() - former.overhead();
        if (changed.spec().mtu() != 0) {
            mtu = changed.spec().mtu() != former.spec().mtu() ? changed.spec().mtu() : mtu;
        } else if (former.spec().mtu() != 0 || former.boundIndex() != changed.boundIndex()) {
            mtu = computedMtu(changed);
        } else {
            mtu = Math.max(mtu - growth, TunnelSpec.MIN_MTU);
        }
        if (mtu != link.mtu()) {
            netlink.setMtu(link.index(), mtu);
            undo.push(() -> netlink.setMtu(link.index(), link.mtu()));
        }
    }

    /** Puts back what the kernel took from the device while it was down: routes, and IPv6 addresses. */
    void restore(Tunnel tunnel) {
        for (Prefix address : tunnel.spec().addresses()) {
            unlessPresent(() -> addAddress(tunnel.deviceIndex(), address));
        }
        for (Prefix route : tunnel.spec().routes()) {
            unlessPresent(() -> addRoute(tunnel.deviceIndex(), route));
        }
    }

    /** A device that is down takes no route; {@link #restore} brings it when the device comes up. */
    private static void unlessDown(Runnable addition) {
        try {
            addition.run();
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENETDOWN) {
                throw e;
            }
        }
    }

    private static void unlessGone(Runnable removal) {
        try {
            removal.run();
        } catch (ErrnoException e) {
            if (e.errno() != ESRCH && e.errno() != Errno.EADDRNOTAVAIL && e.errno() != Errno.ENODEV) {
                throw e;
            }
        }
    }

    private static void unlessPresent(Runnable addition) {
        try {
            addition.run();
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
    }

    /**
     * Index of the device that a tunnel is bound to; 0 if it is not bound.
     *
     * @throws GatewayException if there is no such device
     */
    int boundIndex(TunnelSpec spec) {
        if (spec.dev() == null) {
            return 0;
        }
        Link link = netlink.link(spec.dev());
        if (link == null) {
            throw new GatewayException(
                    GatewayException.REFUSED,
                    "tunnel \"" + spec.name() + "\": there is no device \"" + spec.dev()
                            + "\" to bind it to: see `ip link`");
        }
        return link.index();
    }

    /** The index that a tunnel's {@code dev} has now; if there is no such device, the last one it had. */
    int currentBoundIndex(Tunnel tunnel) {
        String dev = tunnel.spec().dev();
        if (dev == null) {
            return 0;
        }
        Link bound = netlink.link(tunnel.boundIndex());
        if (bound != null && bound.name().equals(dev)) {
            return bound.index();
        }
        Link named = netlink.link(dev);
        return named == null ? tunnel.boundIndex() : named.index();
    }

    /** The underlay's MTU less what encapsulation adds, as Linux computes it when a tunnel is added. */
    private int computedMtu(Tunnel tunnel) {
        Link underlay = underlay(tunnel);
        int mtu = underlay == null ? ASSUMED_UNDERLAY_MTU : Math.min(underlay.mtu(), 0xffff);
        return Math.max(tunnel.outerHeader().deviceMtu(mtu), tunnel.spec().minMtu());
    }

    private @Nullable Link underlay(Tunnel tunnel) {
        if (tunnel.spec().remote() != null) {
            try {
                RouteInfo route =
                        netlink.routeTo(tunnel.spec().remote(), tunnel.spec().local(), tunnel.boundIndex());
                return underlays
                        .computeIfAbsent(route.outputIndex(), index -> Optional.ofNullable(netlink.link(index)))
                        .orElse(null);
            } catch (ErrnoException e) {
                // No route yet: the bound device, if any, tells as much as can be known.
            }
        }
        return tunnel.boundIndex() == 0 ? null : netlink.link(tunnel.boundIndex());
    }
}
