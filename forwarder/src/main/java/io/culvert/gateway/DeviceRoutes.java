package io.culvert.gateway;

import io.culvert.linux.netlink.AddressInfo;
import io.culvert.linux.netlink.RouteInfo;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.tunnel.NextHops;
import io.culvert.tunnel.NextHops.Hop;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.Tunnel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What the routes and addresses of the devices of tunnels without a remote say about outer destinations. A
 * snapshot of one moment. The conductor's thread only.
 */
final class DeviceRoutes {

    private final List<RouteInfo> routes;
    private final List<AddressInfo> addresses;

    DeviceRoutes(RouteNetlink netlink) {
        routes = netlink.routes();
        addresses = netlink.addresses();
    }

    /** Next hops of packets that are routed into the tunnel's device: longest prefix first decides. */
    NextHops nextHops(Tunnel tunnel) {
        List<Hop> hops = new ArrayList<>();
        for (RouteInfo route : routes) {
            if (route.outputIndex() == tunnel.deviceIndex() && route.type() == RouteInfo.RTN_UNICAST) {
                InetAddress gateway = route.gateway();
                int outer = gateway == null ? 0 : NextHops.embedded(gateway);
                hops.add(new Hop(new Prefix(route.destination(), route.prefixLength()), outer));
            }
        }
        return new NextHops(hops);
    }

    /** The IPv6 prefixes of the tunnel's device. */
    List<Prefix> onLink(Tunnel tunnel) {
        List<Prefix> prefixes = new ArrayList<>();
        for (AddressInfo address : addresses) {
            if (address.index() == tunnel.deviceIndex() && address.address() instanceof Inet6Address) {
                prefixes.add(new Prefix(address.address(), address.prefixLength()).network());
            }
        }
        return prefixes;
    }
}
