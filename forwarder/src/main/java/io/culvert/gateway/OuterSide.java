package io.culvert.gateway;

import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.NeighbourInfo;
import io.culvert.linux.netlink.RouteInfo;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.offload.SuperLane;
import io.culvert.pipeline.DataPath;
import io.culvert.tunnel.OuterProtocol;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Peers;
import io.culvert.tunnel.Tunnel;
import io.culvert.wire.Addresses;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The outer side of all tunnels: where each one's packets go, and the sockets and programs that this needs. Costs a look-up
 * for each tunnel that is resolved, and no system call for the others. The conductor's thread only.
 */
final class OuterSide {

    private final OuterRoutes routes;
    private final OuterSockets sockets;
    private final PeerRoutes peers;
    private final PathMtus pathMtus = new PathMtus();
    private final OuterErrors errors;
    private final @Nullable SuperLane superLane;
    private final RemoteSet remotes = new RemoteSet();
    private final Map<String, Resolved> resolved = new HashMap<>();
    private final Tally<OuterProtocol> protocols = new Tally<>();
    private final Tally<Integer> packetDevices = new Tally<>();
    private final Tally<Integer> underlays = new Tally<>();
    private final Tally<SuperLane.Taken> taken = new Tally<>();
    private final GroupMemberships memberships = new GroupMemberships();

    /** Resolved since the last {@link #apply}, by name. */
    private final Map<String, Resolved> fresh = new HashMap<>();

    private record Resolved(Tunnel tunnel, OuterRoute route, Map<Integer, OuterRoute> toPeers, OuterNeeds needs) {}

    /**
     * @param packetSockets whether packet sockets may be used
     * @param superLane the super lane's programs; null without them
     */
    OuterSide(RouteNetlink netlink, DataPath path, boolean packetSockets, @Nullable SuperLane superLane) {
        this.superLane = superLane;
        routes = new OuterRoutes(netlink, packetSockets, pathMtus);
        sockets = new OuterSockets(path);
        peers = new PeerRoutes(netlink, routes);
        errors = new OuterErrors(path, pathMtus);
    }

    /** Looks the routes of these tunnels up, and keeps them in mind from now on. */
    void resolve(Collection<Tunnel> tunnels, DeviceNames devices) {
        routes.startPass();
        peers.startPass(tunnels);
        for (Tunnel tunnel : tunnels) {
            OuterRoute route = routes.resolve(tunnel, devices);
            Map<Integer, OuterRoute> toPeers = peers.resolve(tunnel, devices);
            Set<Integer> packetSources = packetDevices(tunnel, toPeers.keySet());
            // From the start, not only when the next hop is known: no packet is in the raw socket then that would be
            // taken for one that the packet socket has.
            boolean isTaken = routes.packetDevice(tunnel.spec().name()) != 0;
            OuterNeeds needs = OuterNeeds.of(tunnel.spec(), route, packetSources, routes.underlay(tunnel), isTaken);
            keep(new Resolved(tunnel, route, toPeers, needs));
        }
    }

    /** The devices that a tunnel's packets leave by, if packet sockets can use them. */
    private Set<Integer> packetDevices(Tunnel tunnel, Set<Integer> destinations) {
        Set<Integer> all = new HashSet<>();
        all.add(routes.packetDevice(tunnel.spec().name()));
        destinations.forEach(destination -> all.add(peers.packetDevice(tunnel, destination)));
        all.remove(0);
        return all;
    }

    private void keep(Resolved next) {
        String name = next.tunnel.spec().name();
        release(name);
        OuterNeeds needs = next.needs;
        needs.decisive().forEach(remotes::add);
        protocols.add(needs.protocols());
        packetDevices.add(needs.packetDevices());
        underlays.add(List.of(needs.underlay()));
        taken.add(needs.taken());
        memberships.need(needs.memberships());
        resolved.put(name, next);
        fresh.put(name, next);
    }

    private void release(String name) {
        Resolved former = resolved.remove(name);
        fresh.remove(name);
        if (former != null) {
            OuterNeeds needs = former.needs;
            needs.decisive().forEach(remotes::remove);
            protocols.remove(needs.protocols());
            packetDevices.remove(needs.packetDevices());
            underlays.remove(List.of(needs.underlay()));
            taken.remove(needs.taken());
            memberships.needNoLonger(needs.memberships());
        }
    }

    /** Keeps a tunnel in mind no longer. */
    void forget(Tunnel tunnel) {
        String name = tunnel.spec().name();
        release(name);
        peers.forget(tunnel);
        routes.forget(name);
    }

    /**
     * Has sockets and programs where they are needed, and lets the tunnels use what was resolved.
     *
     * @param tunnelDevices interface indices of all tunnels
     * @throws io.culvert.linux.ErrnoException if the kernel refuses a socket or a program
     */
    void apply(Set<Integer> tunnelDevices) {
        sockets.receive(protocols.present(), packetDevices.present(), tunnelDevices);
        memberships.update();
        errors.update(
                protocols.present().stream().anyMatch(protocol -> !protocol.ipv6()),
                protocols.present().stream().anyMatch(OuterProtocol::ipv6));
        if (superLane != null) {
            superLane.update(packetDevices.present());
            taken.touched().forEach(packets -> superLane.take(packets, taken.contains(packets)));
        }
        sockets.retire(protocols.present(), packetDevices.present(), tunnelDevices);
        taken.settle();
        // Another device with a program may change the lane of any tunnel.
        Collection<Resolved> changed = packetDevices.touched().isEmpty() ? fresh.values() : resolved.values();
        changed.forEach(this::route);
        packetDevices.settle();
        fresh.clear();
    }

    private void route(Resolved to) {
        to.tunnel.route(inItsLane(to.tunnel, to.route));
        Peers multipoint = to.tunnel.peers();
        if (multipoint != null) {
            Map<Integer, OuterRoute> toPeers = new HashMap<>(to.toPeers);
            toPeers.replaceAll((destination, route) -> inItsLane(to.tunnel, route));
            multipoint.routes(toPeers);
        }
    }

    private OuterRoute inItsLane(Tunnel tunnel, OuterRoute route) {
        boolean ipv6 = tunnel.spec().mode().isOuterIpv6();
        return route.withSuperLane(superLane != null && superLane.carries(route.deviceIndex(), ipv6));
    }

    /**
     * Takes up the destinations that packets of tunnels without a remote had.
     *
     * @param expire whether to forget the destinations that none had for long
     * @return the tunnels that must be resolved again
     */
    List<Tunnel> refreshPeers(boolean expire) {
        List<Tunnel> changed = new ArrayList<>();
        for (Resolved each : resolved.values()) {
            if (peers.refresh(each.tunnel, expire)) {
                changed.add(each.tunnel);
            }
        }
        return changed;
    }

    /** A descriptor that is readable when ICMP errors about outer packets wait. */
    int errorsFd() {
        return errors.fd();
    }

    /**
     * Reads the ICMP errors about outer packets.
     *
     * @return the tunnels that must be resolved again
     */
    List<Tunnel> readErrors(Collection<Tunnel> tunnels, DeviceNames devices) {
        return sendingTo(errors.read(tunnels, devices));
    }

    /**
     * Forgets the path MTUs that are too old, once a second.
     *
     * @return the tunnels that must be resolved again
     */
    List<Tunnel> refreshPathMtus() {
        errors.tick();
        return sendingTo(pathMtus.expire(System.nanoTime()));
    }

    private List<Tunnel> sendingTo(Collection<InetAddress> destinations) {
        if (destinations.isEmpty()) {
            return List.of();
        }
        return resolved.values().stream()
                .map(Resolved::tunnel)
                .filter(tunnel -> destinations(tunnel).stream().anyMatch(destinations::contains))
                .toList();
    }

    /** Where a tunnel's packets go: to its remote, or to those that packets had so far. */
    private static List<InetAddress> destinations(Tunnel tunnel) {
        InetAddress remote = tunnel.spec().remote();
        Peers multipoint = tunnel.peers();
        if (multipoint != null) {
            return multipoint.known().stream().map(Addresses::ipv4).toList();
        }
        return remote == null ? List.of() : List.of(remote);
    }

    /** The path MTUs that are known from ICMP errors, by the destinations of that tunnel. */
    Map<InetAddress, PathMtus.Learnt> learntPathMtus(Tunnel tunnel) {
        Map<InetAddress, PathMtus.Learnt> learnt = new LinkedHashMap<>();
        for (InetAddress destination : destinations(tunnel)) {
            PathMtus.Learnt known = pathMtus.to(destination);
            if (known != null) {
                learnt.put(destination, known);
            }
        }
        return learnt;
    }

    /** ICMP errors about outer packets that were not believed, by reason. */
    Map<ErrorRefusal, Long> refusedErrors() {
        return errors.refused();
    }

    /** Asks the kernel to confirm the next hops that it is not sure of. */
    void refreshNeighbours() {
        routes.refreshNeighbours();
    }

    /** Whether a tunnel's packets leave by that device. */
    boolean uses(Link link) {
        return underlays.contains(link.index());
    }

    /** Whether a tunnel's packets are sent to that neighbour. */
    boolean uses(NeighbourInfo neighbour) {
        return routes.uses(neighbour.index(), neighbour.address());
    }

    /** Whether that route may decide where a tunnel's packets go. */
    boolean mayUse(RouteInfo route) {
        return peers.any() || remotes.anyIn(route.destination(), route.prefixLength());
    }

    /** Packets that the kernel dropped because a receive queue was full. */
    long queueDrops() {
        return sockets.kernelDrops();
    }

    /** Closes every socket and program; the paths have stopped. */
    void close() {
        errors.close();
        memberships.close();
        sockets.closeAll();
        if (superLane != null) {
            superLane.close();
        }
    }
}
