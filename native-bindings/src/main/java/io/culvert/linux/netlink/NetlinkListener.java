package io.culvert.linux.netlink;

/** Is told what changed in a network namespace, by the thread that polls the {@link NetlinkMonitor}. */
public interface NetlinkListener {

    /** A device is new, or something about it changed: up, carrier, MTU, name, address. */
    void linkChanged(Link link);

    /** A device was deleted or moved to another namespace. */
    void linkRemoved(Link link);

    void addressChanged(AddressInfo address, boolean removed);

    /** A route of any table is new, changed or gone. The kernel does not tell of IPv4 routes that go with their device. */
    void routeChanged(RouteInfo route, boolean removed);

    void neighbourChanged(NeighbourInfo neighbour, boolean removed);

    /** Changes were lost because nobody read them in time. List again whatever matters. */
    void overrun();
}
