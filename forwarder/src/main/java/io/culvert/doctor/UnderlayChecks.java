package io.culvert.doctor;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.Ethtool;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where the configured tunnels' outer packets would go, and what their devices do to speed. */
final class UnderlayChecks {

    private final RouteNetlink netlink;
    private final List<Finding> findings = new ArrayList<>();
    private final Set<Integer> devices = new LinkedHashSet<>();

    private UnderlayChecks(RouteNetlink netlink) {
        this.netlink = netlink;
    }

    /** @param packetSockets whether the configured lane uses them, which is when merging on receive matters */
    static List<Finding> of(List<TunnelSpec> tunnels, boolean packetSockets) {
        try (RouteNetlink netlink = RouteNetlink.open()) {
            UnderlayChecks checks = new UnderlayChecks(netlink);
            tunnels.forEach(checks::route);
            if (packetSockets) {
                checks.devices.forEach(checks::device);
            }
            return checks.findings;
        }
    }

    private void route(TunnelSpec tunnel) {
        InetAddress remote = tunnel.remote();
        if (remote == null) {
            return;
        }
        String name = "route of " + tunnel.name();
        int bound = tunnel.dev() == null ? 0 : index(netlink.link(tunnel.dev()));
        try {
            devices.add(netlink.routeTo(remote, tunnel.local(), bound).outputIndex());
        } catch (ErrnoException e) {
            findings.add(Finding.fail(
                    name,
                    "no way to " + remote.getHostAddress() + ": " + e.getMessage(),
                    "ip route add " + remote.getHostAddress() + " via GATEWAY, or give this host the local address "
                            + (tunnel.local() == null ? "" : tunnel.local().getHostAddress())));
        }
    }

    private static int index(@Nullable Link link) {
        return link == null ? 0 : link.index();
    }

    private void device(int index) {
        Link link = netlink.link(index);
        if (link == null || link.type() != Link.ARPHRD_ETHER) {
            return;
        }
        String name = "underlay " + link.name();
        if (Ethtool.isReceiveOffloadOn(link.name())) {
            findings.add(Finding.ok(name, "MTU " + link.mtu() + ", GRO on"));
        } else {
            findings.add(Finding.warn(
                    name,
                    "GRO is off: received segments come one by one instead of up to 64 KB at a time",
                    "ethtool -K " + link.name() + " gro on"));
        }
    }
}
