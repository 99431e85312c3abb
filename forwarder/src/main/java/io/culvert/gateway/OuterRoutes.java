package io.culvert.gateway;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.netlink.AddressInfo;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.NeighbourInfo;
import io.culvert.linux.netlink.RouteInfo;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.MtuSource;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.wire.EtherType;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where each tunnel's outer packets go, as the kernel's routes, neighbours and links say. The conductor's thread only.
 */
final class OuterRoutes {

    private static final int ARPHRD_LOOPBACK = 772;
    private static final int MAC_LENGTH = 6;

    private final RouteNetlink netlink;
    private final boolean packetSockets;
    private final PathMtus pathMtus;
    private final Map<String, NextHop> nextHops = new HashMap<>();
    private final Map<NextHop, Integer> users = new HashMap<>();
    private final Map<String, Integer> underlays = new HashMap<>();
    private final Map<String, Integer> ownDevices = new HashMap<>();
    private final Map<Integer, Optional<Link>> links = new HashMap<>();
    private final Map<NextHop, Optional<NeighbourInfo>> neighbours = new HashMap<>();

    /**
     * A neighbour that outer packets are sent to.
     *
     * @param deviceIndex underlay device
     * @param address the gateway's address, or the remote's
     */
    record NextHop(int deviceIndex, InetAddress address) {}

    /** @param packetSockets whether next hops are resolved at all */
    OuterRoutes(RouteNetlink netlink, boolean packetSockets, PathMtus pathMtus) {
        this.pathMtus = pathMtus;
        this.netlink = netlink;
        this.packetSockets = packetSockets;
    }

    /** Begins to resolve: each device and neighbour is looked up once until the next call. */
    void startPass() {
        links.clear();
        neighbours.clear();
    }

    /** The route to the tunnel's remote as of this pass; without a remote, the device that has its local address. */
    OuterRoute resolve(Tunnel tunnel, DeviceNames devices) {
        InetAddress remote = tunnel.spec().remote();
        String name = tunnel.spec().name();
        return remote == null ? ownDevice(name, tunnel) : resolve(name, tunnel, remote, devices);
    }

    /**
     * The route to an outer destination as of this pass.
     *
     * @param name what the other methods know it by
     */
    OuterRoute resolve(String name, Tunnel tunnel, InetAddress remote, DeviceNames devices) {
        forget(name);
        RouteInfo route;
        try {
            route = netlink.routeTo(remote, tunnel.spec().local(), tunnel.boundIndex());
        } catch (ErrnoException e) {
            return OuterRoute.unusable(DropReason.NO_ROUTE);
        }
        underlays.put(name, route.outputIndex());
        if (devices.isTunnel(route.outputIndex())) {
            return OuterRoute.unusable(DropReason.LOOP);
        }
        Link link = links.computeIfAbsent(route.outputIndex(), index -> Optional.ofNullable(netlink.link(index)))
                .orElse(null);
        if (link == null) {
            return OuterRoute.unusable(DropReason.NO_ROUTE);
        }
        if (remote instanceof Inet6Address) {
            DropReason refusal = ipv6Refusal(tunnel.spec(), route);
            if (refusal != null) {
                return OuterRoute.unusable(refusal);
            }
        }
        InetAddress source = route.preferredSource();
        byte[] header = switch (route.type()) {
            case RouteInfo.RTN_UNICAST -> linkHeader(name, route, link, remote);
            case RouteInfo.RTN_MULTICAST -> groupHeader(name, link, remote);
            default -> null;
        };
        OuterRoute byLink = header == null
                ? OuterRoute.unresolved(link.index(), link.mtu(), source)
                : OuterRoute.resolved(link.index(), link.mtu(), source, header);
        return withPathMtu(byLink, route.mtu(), pathMtus.to(remote));
    }

    /** The least of what device, route and ICMP errors say. */
    private static OuterRoute withPathMtu(OuterRoute byLink, int routeMtu, PathMtus.@Nullable Learnt learnt) {
        OuterRoute route = routeMtu > 0 && routeMtu < byLink.mtu() ? byLink.withMtu(routeMtu, MtuSource.ROUTE) : byLink;
        return learnt != null && learnt.mtu() < route.mtu() ? route.withMtu(learnt.mtu(), learnt.source()) : route;
    }

    /** What Linux checks of both ends of a tunnel over IPv6 for each packet; null if all is well. */
    private @Nullable DropReason ipv6Refusal(TunnelSpec spec, RouteInfo route) {
        if (route.type() == RouteInfo.RTN_LOCAL && !spec.ipv6().allowLocalRemote()) {
            return DropReason.REMOTE_IS_LOCAL;
        }
        return spec.local() == null || isLocal(spec.local()) ? null : DropReason.LOCAL_IS_MISSING;
    }

    private boolean isLocal(InetAddress address) {
        try {
            return netlink.routeTo(address, null, 0).type() == RouteInfo.RTN_LOCAL;
        } catch (ErrnoException e) {
            return false;
        }
    }

    private OuterRoute ownDevice(String name, Tunnel tunnel) {
        forget(name);
        InetAddress local = tunnel.spec().local();
        int index = tunnel.boundIndex() != 0 ? tunnel.boundIndex() : deviceWith(local);
        Link link = index == 0 ? null : netlink.link(index);
        if (link == null || link.type() == ARPHRD_LOOPBACK) {
            return OuterRoute.unusable(DropReason.NO_ROUTE);
        }
        underlays.put(name, index);
        if (packetSockets && link.type() == Link.ARPHRD_ETHER) {
            ownDevices.put(name, index);
        }
        return OuterRoute.unresolved(index, link.mtu(), local);
    }

    private int deviceWith(@Nullable InetAddress local) {
        for (AddressInfo address : netlink.addresses()) {
            if (address.address().equals(local)) {
                return address.index();
            }
        }
        return 0;
    }

    /** Asks the kernel to resolve, or to confirm, every next hop that is not known to be reachable. */
    void refreshNeighbours() {
        for (NextHop hop : users.keySet()) {
            NeighbourInfo neighbour = netlink.neighbour(hop.deviceIndex, hop.address);
            if (neighbour == null || (neighbour.state() & (NeighbourInfo.NUD_STALE | NeighbourInfo.NUD_FAILED)) != 0) {
                netlink.probeNeighbour(hop.deviceIndex, hop.address);
            }
        }
    }

    /**
     * The device that a tunnel's packets leave by, if packet sockets can use it, whether or not the next hop is known yet;
     * 0 if not. As of the last {@link #resolve}.
     */
    int packetDevice(String name) {
        NextHop hop = nextHops.get(name);
        return hop == null ? ownDevices.getOrDefault(name, 0) : hop.deviceIndex;
    }

    /** Whether a tunnel's packets are sent to that neighbour. */
    boolean uses(int deviceIndex, InetAddress address) {
        return users.containsKey(new NextHop(deviceIndex, address));
    }

    /** The device that a tunnel's packets leave by, whoever may use it; 0 if none. As of the last {@link #resolve}. */
    int underlay(Tunnel tunnel) {
        return underlays.getOrDefault(tunnel.spec().name(), 0);
    }

    void forget(String name) {
        underlays.remove(name);
        ownDevices.remove(name);
        NextHop former = nextHops.remove(name);
        if (former != null) {
            users.computeIfPresent(former, (_, count) -> count == 1 ? null : count - 1);
        }
    }

    /** The Ethernet header to the next hop; null if a packet socket cannot send, or not yet. */
    private byte @Nullable [] linkHeader(String name, RouteInfo route, Link link, InetAddress remote) {
        if (!packetSockets || link.type() != Link.ARPHRD_ETHER) {
            return null;
        }
        InetAddress gateway = route.gateway();
        NextHop hop = new NextHop(link.index(), gateway == null ? remote : gateway);
        nextHops.put(name, hop);
        users.merge(hop, 1, Integer::sum);
        NeighbourInfo neighbour = neighbours.computeIfAbsent(hop, this::lookUp).orElse(null);
        if (neighbour == null) {
            return null;
        }
        return linkHeader(neighbour.linkAddress(), link, remote);
    }

    private static byte[] linkHeader(byte[] destination, Link link, InetAddress remote) {
        return ByteBuffer.allocate(OuterRoute.LINK_LENGTH)
                .put(destination)
                .put(link.address(), 0, MAC_LENGTH)
                .putShort((short) (remote instanceof Inet6Address ? EtherType.IPV6 : EtherType.IPV4))
                .array();
    }

    /** The Ethernet header to a group, which needs no neighbour: RFC 1112 section 6.4. Null as {@link #linkHeader}. */
    private byte @Nullable [] groupHeader(String name, Link link, InetAddress group) {
        if (!packetSockets || link.type() != Link.ARPHRD_ETHER) {
            return null;
        }
        ownDevices.put(name, link.index());
        byte[] address = group.getAddress();
        byte[] destination = {1, 0, 0x5e, (byte) (address[1] & 0x7f), address[2], address[3]};
        return linkHeader(destination, link, group);
    }

    /** The neighbour if frames can be sent to it; else the kernel is asked to find it. */
    private Optional<NeighbourInfo> lookUp(NextHop hop) {
        NeighbourInfo neighbour = netlink.neighbour(hop.deviceIndex, hop.address);
        if (neighbour == null || !neighbour.isUsable() || neighbour.linkAddress().length != MAC_LENGTH) {
            netlink.probeNeighbour(hop.deviceIndex, hop.address);
            return Optional.empty();
        }
        return Optional.of(neighbour);
    }
}
