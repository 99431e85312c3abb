package io.culvert.gateway;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.pipeline.InnerPort;
import io.culvert.pipeline.PtyPort;
import io.culvert.pipeline.TunPort;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Makes the TUN and TAP devices of tunnels, with MTU, addresses and routes, and the ptys of those without a device. The conductor's thread only. */
final class TunnelDevices {

    /** Packets that a device keeps while the path's thread does not run. */
    private static final int TRANSMIT_QUEUE_LENGTH = 4096;

    /** Largest inner super-packet in bytes, so that it fits into 65,535 with its outer header. */
    private static final int GSO_MAX_SIZE = 65_000;

    /** From how many on devices are removed together. */
    private static final int TOGETHER = 4;

    private static final System.Logger LOG = System.getLogger(TunnelDevices.class.getName());

    private final RouteNetlink netlink;
    private final PtyLinks ptys;
    private final DeviceMtu mtus;
    private final DeviceAddresses addresses;

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
        mtus = new DeviceMtu(netlink);
        addresses = new DeviceAddresses(netlink);
    }

    /** Begins a change: each underlay device is looked up once until the next call. */
    void startPass() {
        mtus.startPass();
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
        int mtu = spec.mtu() != 0 ? spec.mtu() : mtus.computed(tunnel);
        netlink.setLimits(index, mtu, TRANSMIT_QUEUE_LENGTH, GSO_MAX_SIZE);
        Prefix linkLocal = tunnel.linkLocal();
        if (linkLocal != null) {
            withoutIpv6(tunnel, () -> netlink.generateNoIpv6LinkLocal(index));
        }
        netlink.setUp(index, true);
        if (linkLocal != null) {
            withoutIpv6(tunnel, () -> addresses.add(index, linkLocal));
        }
        addresses.addAll(tunnel);
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

    /**
     * Takes away those addresses and routes of a device that another specification does not have, so that another
     * tunnel may have them. What is gone already is no error.
     *
     * @param wanted null if the tunnel is about to be removed
     */
    void withdraw(Tunnel tunnel, @Nullable TunnelSpec wanted, Undo undo) {
        addresses.withdraw(tunnel, wanted, undo);
    }

    /**
     * Gives a device what a changed tunnel has and its former specification had not: MTU, addresses and routes.
     *
     * @throws GatewayException naming what the kernel refused
     */
    void extend(Tunnel former, Tunnel changed, Undo undo) {
        try {
            mtus.adjust(former, changed, undo);
            addresses.extend(former, changed, undo);
        } catch (ErrnoException e) {
            throw refused(changed.spec(), e);
        }
    }

    /** Puts back what the kernel took from the device while it was down: routes, and IPv6 addresses. */
    void restore(Tunnel tunnel) {
        addresses.restore(tunnel);
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
}
