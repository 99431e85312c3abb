package io.culvert.gateway;

import io.culvert.linux.netlink.AddressInfo;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.NeighbourInfo;
import io.culvert.linux.netlink.NetlinkListener;
import io.culvert.linux.netlink.RouteInfo;

/**
 * Hears of changes of links, addresses, routes and neighbours: sees after tunnels' devices, and notes whether packets may go
 * elsewhere now. The conductor's thread only.
 */
final class HostChanges implements NetlinkListener {

    private final OuterSide outerSide;
    private final DeviceUpkeep upkeep;
    private boolean stale;

    HostChanges(OuterSide outerSide, DeviceUpkeep upkeep) {
        this.outerSide = outerSide;
        this.upkeep = upkeep;
    }

    /** Whether anything that changed since the last call may change where packets go. */
    boolean takeStale() {
        boolean was = stale;
        stale = false;
        return was;
    }

    @Override
    public void linkChanged(Link link) {
        stale |= concerns(link);
        Conductor.guarded(() -> upkeep.linkChanged(link));
    }

    @Override
    public void linkRemoved(Link link) {
        stale |= concerns(link);
        Conductor.guarded(() -> upkeep.linkRemoved(link));
    }

    /** Of tunnels' own devices, only while packets loop. */
    private boolean concerns(Link link) {
        return outerSide.uses(link) || !upkeep.isOwn(link.index());
    }

    @Override
    public void addressChanged(AddressInfo address, boolean removed) {
        stale |= !upkeep.isOwn(address.index());
    }

    @Override
    public void routeChanged(RouteInfo route, boolean removed) {
        stale |= outerSide.mayUse(route);
    }

    @Override
    public void neighbourChanged(NeighbourInfo neighbour, boolean removed) {
        stale |= outerSide.uses(neighbour);
    }

    @Override
    public void overrun() {
        // Events were lost, so nothing that they would have said is known.
        upkeep.eventsLost();
        stale = true;
    }
}
