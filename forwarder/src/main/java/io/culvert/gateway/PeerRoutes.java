package io.culvert.gateway;

import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Peers;
import io.culvert.tunnel.Tunnel;
import io.culvert.wire.Addresses;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The routes to the peers of tunnels without a remote. The conductor's thread only. */
final class PeerRoutes {

    private final RouteNetlink netlink;
    private final OuterRoutes routes;
    private final Set<Integer> multipoint = new HashSet<>();

    PeerRoutes(RouteNetlink netlink, OuterRoutes routes) {
        this.netlink = netlink;
        this.routes = routes;
    }

    /** Begins to resolve these tunnels: reads the routes of their devices, if any has peers. */
    void startPass(Collection<Tunnel> tunnels) {
        if (tunnels.stream().allMatch(tunnel -> tunnel.peers() == null)) {
            return;
        }
        DeviceRoutes devices = new DeviceRoutes(netlink);
        for (Tunnel tunnel : tunnels) {
            Peers peers = tunnel.peers();
            if (peers != null) {
                multipoint.add(tunnel.deviceIndex());
                peers.nextHops(devices.nextHops(tunnel));
                tunnel.onLink(devices.onLink(tunnel));
            }
        }
    }

    /** The route to each destination that packets of the tunnel had; none for a tunnel with a remote. */
    Map<Integer, OuterRoute> resolve(Tunnel tunnel, DeviceNames devices) {
        Peers peers = tunnel.peers();
        if (peers == null) {
            return Map.of();
        }
        Map<Integer, OuterRoute> byDestination = new HashMap<>();
        for (int destination : peers.known()) {
            byDestination.put(
                    destination,
                    routes.resolve(name(tunnel, destination), tunnel, Addresses.ipv4(destination), devices));
        }
        return byDestination;
    }

    /** The device that packets to that destination leave by, if packet sockets can use it; 0 if not. */
    int packetDevice(Tunnel tunnel, int destination) {
        return routes.packetDevice(name(tunnel, destination));
    }

    /** Takes up new destinations and forgets old ones; returns whether the tunnel must be resolved again. */
    boolean refresh(Tunnel tunnel, boolean expire) {
        Peers peers = tunnel.peers();
        if (peers == null) {
            return false;
        }
        boolean changed = peers.takeMissed();
        if (expire) {
            List<Integer> before = peers.known();
            peers.expire();
            before.removeAll(peers.known());
            before.forEach(destination -> routes.forget(name(tunnel, destination)));
            changed |= !before.isEmpty();
        }
        return changed;
    }

    void forget(Tunnel tunnel) {
        Peers peers = tunnel.peers();
        if (peers != null) {
            multipoint.remove(tunnel.deviceIndex());
            peers.known().forEach(destination -> routes.forget(name(tunnel, destination)));
        }
    }

    /** Whether any tunnel has no remote. */
    boolean any() {
        return !multipoint.isEmpty();
    }

    /** A name that no tunnel can have. */
    private static String name(Tunnel tunnel, int destination) {
        return tunnel.spec().name() + ' ' + Integer.toHexString(destination);
    }
}
