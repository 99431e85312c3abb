package io.culvert.gateway;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.RouteInfo;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.pipeline.TunPort;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import org.jspecify.annotations.Nullable;

/** Makes the TUN devices of tunnels, with MTU, addresses and routes. The conductor's thread only. */
final class TunnelDevices {

    /** Packets that a device keeps while the path's thread does not run. */
    private static final int TRANSMIT_QUEUE_LENGTH = 4096;

    /** Largest inner super-packet in bytes, so that it fits into 65,535 with its outer header. */
    private static final int GSO_MAX_SIZE = 65_000;

    /** MTU of an underlay that is not known, bytes. */
    private static final int ASSUMED_UNDERLAY_MTU = 1500;

    private final RouteNetlink netlink;

    /**
     * A tunnel with its device.
     *
     * @param tunnel the tunnel
     * @param port its device
     */
    record TunnelDevice(Tunnel tunnel, TunPort port) {}

    TunnelDevices(RouteNetlink netlink) {
        this.netlink = netlink;
    }

    /**
     * Makes the device and brings it up; nothing is left behind if that fails.
     *
     * @throws GatewayException naming what the kernel refused
     */
    TunnelDevice create(TunnelSpec spec) {
        if (netlink.link(spec.name()) != null) {
            throw new GatewayException(
                    GatewayException.REFUSED,
                    "tunnel \"" + spec.name() + "\": a device of that name exists: remove it with `ip link del "
                            + spec.name() + "`, or choose another name");
        }
        int boundIndex = boundIndex(spec);
        try {
            TunPort port = TunPort.open(spec.name());
            try {
                return configure(spec, port, boundIndex);
            } catch (RuntimeException e) {
                port.close();
                throw e;
            }
        } catch (ErrnoException e) {
            throw GatewayException.of("tunnel \"" + spec.name() + "\"", e);
        }
    }

    private TunnelDevice configure(TunnelSpec spec, TunPort port, int boundIndex) {
        Link link = netlink.link(spec.name());
        if (link == null) {
            throw new GatewayException(
                    GatewayException.REFUSED, "tunnel \"" + spec.name() + "\": its device was removed at once");
        }
        int index = link.index();
        Tunnel tunnel = new Tunnel(spec, port, index, boundIndex);
        port.tunnel(tunnel);
        netlink.setTransmitQueueLength(index, TRANSMIT_QUEUE_LENGTH);
        netlink.setGsoMaxSize(index, GSO_MAX_SIZE);
        netlink.setMtu(index, spec.mtu() != 0 ? spec.mtu() : computedMtu(tunnel));
        netlink.setUp(index, true);
        for (Prefix address : spec.addresses()) {
            netlink.addAddress(index, address.address(), address.length());
        }
        for (Prefix route : spec.routes()) {
            netlink.addRoute(route.address(), route.length(), index, null);
        }
        return new TunnelDevice(tunnel, port);
    }

    /** Puts back what the kernel took from the device while it was down: routes, and IPv6 addresses. */
    void restore(Tunnel tunnel) {
        for (Prefix address : tunnel.spec().addresses()) {
            unlessPresent(() -> netlink.addAddress(tunnel.deviceIndex(), address.address(), address.length()));
        }
        for (Prefix route : tunnel.spec().routes()) {
            unlessPresent(() -> netlink.addRoute(route.address(), route.length(), tunnel.deviceIndex(), null));
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

    /** The underlay's MTU less what encapsulation adds, as Linux computes it when a tunnel is added. */
    private int computedMtu(Tunnel tunnel) {
        Link underlay = underlay(tunnel);
        int mtu = underlay == null ? ASSUMED_UNDERLAY_MTU : Math.min(underlay.mtu(), 0xffff);
        return Math.max(mtu - tunnel.overhead(), tunnel.spec().minMtu());
    }

    private @Nullable Link underlay(Tunnel tunnel) {
        if (tunnel.spec().remote() != null) {
            try {
                RouteInfo route =
                        netlink.routeTo(tunnel.spec().remote(), tunnel.spec().local(), tunnel.boundIndex());
                return netlink.link(route.outputIndex());
            } catch (ErrnoException e) {
                // No route yet: the bound device, if any, tells as much as can be known.
            }
        }
        return tunnel.boundIndex() == 0 ? null : netlink.link(tunnel.boundIndex());
    }
}
