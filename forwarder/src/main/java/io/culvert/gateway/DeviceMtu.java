package io.culvert.gateway;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.RouteInfo;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The MTU of tunnels' devices, which follows from what is under them unless the user says it. The conductor's thread only. */
final class DeviceMtu {

    /** MTU of an underlay that is not known, bytes. */
    private static final int ASSUMED_UNDERLAY_MTU = 1500;

    private final RouteNetlink netlink;
    private final Map<Integer, Optional<Link>> underlays = new HashMap<>();

    DeviceMtu(RouteNetlink netlink) {
        this.netlink = netlink;
    }

    /** Begins a change: each underlay device is looked up once until the next call. */
    void startPass() {
        underlays.clear();
    }

    /** The underlay's MTU less what encapsulation adds, as Linux computes it when a tunnel is added. */
    int computed(Tunnel tunnel) {
        Link underlay = underlay(tunnel);
        int mtu = underlay == null ? ASSUMED_UNDERLAY_MTU : Math.min(underlay.mtu(), 0xffff);
        return Math.max(tunnel.outerHeader().deviceMtu(mtu), tunnel.spec().minMtu());
    }

    /** As Linux does: a longer header takes from the MTU what a shorter one gives back, whoever set it. */
    void adjust(Tunnel former, Tunnel changed, Undo undo) {
        Link link = changed.spec().isPpp() ? null : netlink.link(changed.deviceIndex());
        if (link == null) {
            return;
        }
        int mtu = link.mtu();
        int growth = changed.overhead() - former.overhead();
        if (changed.spec().mtu() != 0) {
            mtu = changed.spec().mtu() != former.spec().mtu() ? changed.spec().mtu() : mtu;
        } else if (former.spec().mtu() != 0 || former.boundIndex() != changed.boundIndex()) {
            mtu = computed(changed);
        } else {
            mtu = Math.max(mtu - growth, TunnelSpec.MIN_MTU);
        }
        if (mtu != link.mtu()) {
            netlink.setMtu(link.index(), mtu);
            undo.push(() -> netlink.setMtu(link.index(), link.mtu()));
        }
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
