package io.culvert.gateway;

import io.culvert.offload.SuperLane;
import io.culvert.tunnel.OuterProtocol;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.TunnelSpec;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one tunnel needs of the outer side.
 *
 * @param decisive the addresses whose routes decide where its packets go
 * @param packetDevices interface indices of the devices whose packets it takes and that packet sockets can use
 * @param underlay interface index of the device that its packets leave by, which packet sockets may not be able to use; 0 for none
 * @param taken what the IP stack must not see
 * @param memberships in multicast groups
 */
record OuterNeeds(
        List<InetAddress> decisive,
        Set<OuterProtocol> protocols,
        Set<Integer> packetDevices,
        int underlay,
        List<SuperLane.Taken> taken,
        List<GroupMemberships.Membership> memberships) {

    /** @param isTaken whether its packets come by a packet socket */
    static OuterNeeds of(TunnelSpec spec, OuterRoute route, Set<Integer> packetDevices, int underlay, boolean isTaken) {
        return new OuterNeeds(
                Stream.concat(Stream.ofNullable(spec.remote()), Stream.ofNullable(localThatDecides(spec)))
                        .toList(),
                spec.outerProtocols(),
                packetDevices,
                underlay,
                isTaken ? taken(spec, route) : List.of(),
                memberships(spec, underlay));
    }

    /**
     * The local address if a tunnel depends on its route too. Over IPv6 only an address of this host has a local one, and
     * to a group the device leads that has it.
     */
    private static @Nullable InetAddress localThatDecides(TunnelSpec spec) {
        return spec.mode().isOuterIpv6() || spec.hasGroup() ? spec.local() : null;
    }

    /** What a tunnel's peer sends by this route; nothing as long as one of the addresses is not known. */
    private static List<SuperLane.Taken> taken(TunnelSpec spec, OuterRoute route) {
        if (spec.hasGroup()) {
            return taken(spec, SuperLane.ANYBODY, spec.remote());
        }
        InetAddress local = spec.local() != null ? spec.local() : route.source();
        return taken(spec, spec.remote() != null ? spec.remote() : SuperLane.ANYBODY, local);
    }

    private static List<SuperLane.Taken> taken(TunnelSpec spec, InetAddress source, @Nullable InetAddress destination) {
        if (destination == null) {
            return List.of();
        }
        return spec.outerProtocols().stream()
                .map(protocol -> new SuperLane.Taken(source, destination, protocol.number(), protocol.port()))
                .toList();
    }

    /** The group of a tunnel that sends to one, on the device that leads to it. */
    private static List<GroupMemberships.Membership> memberships(TunnelSpec spec, int underlay) {
        return spec.hasGroup() && underlay != 0 && spec.remote() instanceof Inet4Address group
                ? List.of(new GroupMemberships.Membership(group, underlay))
                : List.of();
    }
}
