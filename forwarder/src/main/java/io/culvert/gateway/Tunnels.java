package io.culvert.gateway;

import io.culvert.gateway.TunnelDevices.TunnelDevice;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.NeighbourInfo;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.offload.SuperLane;
import io.culvert.pipeline.DataPath;
import io.culvert.tunnel.OuterProtocol;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelTable;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's tunnels: adds and deletes them, keeps their routes up to date, and publishes the table that the paths
 * read. The conductor's thread only.
 */
final class Tunnels implements DeviceNames {

    private static final System.Logger LOG = System.getLogger(Tunnels.class.getName());
    private static final int NEIGHBOUR_TICKS = 5;

    private final RouteNetlink netlink;
    private final DataPath path;
    private final TunnelDevices devices;
    private final OuterRoutes routes;
    private final OuterSockets sockets;
    private final @Nullable SuperLane superLane;
    private final Map<String, TunnelDevice> byName = new LinkedHashMap<>();
    private final Set<Integer> deviceIndices = new HashSet<>();
    private final Set<Integer> down = new HashSet<>();
    private final List<TunnelSpec> lost = new ArrayList<>();
    private int ticks;

    /**
     * @param packetSockets whether packet sockets may be used
     * @param superLane the super lane's programs; null without them
     */
    Tunnels(RouteNetlink netlink, DataPath path, boolean packetSockets, @Nullable SuperLane superLane) {
        this.superLane = superLane;
        this.netlink = netlink;
        this.path = path;
        devices = new TunnelDevices(netlink);
        routes = new OuterRoutes(netlink, packetSockets);
        sockets = new OuterSockets(path);
    }

    /**
     * Adds a tunnel; it forwards when this returns.
     *
     * @throws GatewayException if it exists, or the kernel refuses something; nothing has changed then
     */
    void add(TunnelSpec spec) {
        refuseDuplicate(spec);
        TunnelDevice added = devices.create(spec);
        byName.put(spec.name(), added);
        deviceIndices.add(added.tunnel().deviceIndex());
        try {
            publish();
            path.add(added.port());
        } catch (ErrnoException e) {
            remove(added);
            throw GatewayException.of("tunnel \"" + spec.name() + "\"", e);
        }
    }

    /**
     * Deletes a tunnel and its device.
     *
     * @throws GatewayException if there is none of that name
     */
    void delete(String name) {
        TunnelDevice deleted = byName.get(name);
        if (deleted == null && lost.removeIf(spec -> spec.name().equals(name))) {
            return;
        }
        if (deleted == null) {
            throw unknown(name);
        }
        path.remove(deleted.port());
        remove(deleted);
    }

    /**
     * Changes a tunnel under load: one table is replaced by the next, its device and counters stay.
     *
     * @param spec has the name of the tunnel to change
     * @throws GatewayException if that cannot be; nothing has changed then
     */
    void change(TunnelSpec spec) {
        TunnelDevice device = byName.get(spec.name());
        if (device == null) {
            throw unknown(spec.name());
        }
        if (device.tunnel().spec().mode() != spec.mode()) {
            throw new GatewayException(
                    GatewayException.REFUSED,
                    "tunnel \"" + spec.name() + "\" has mode "
                            + device.tunnel().spec().mode().word()
                            + ", which cannot be changed: delete it and add it again");
        }
        refuseSameIdentity(spec);
        Tunnel changed = device.tunnel().changed(spec, devices.boundIndex(spec));
        byName.put(spec.name(), new TunnelDevice(changed, device.port()));
        publish();
        device.port().tunnel(changed);
    }

    /** Notes that a link changed: a tunnel's device that came up gets back what it lost while it was down. */
    void linkChanged(Link link) {
        TunnelDevice device = byIndex(link.index());
        if (device == null) {
            return;
        }
        boolean cameUp = link.isUp() && down.remove(link.index());
        if (!link.isUp()) {
            down.add(link.index());
        }
        if (cameUp) {
            devices.restore(device.tunnel());
        }
    }

    /** Notes that a link was removed: a tunnel's device that somebody else removed is made again. */
    void linkRemoved(Link link) {
        TunnelDevice device = byIndex(link.index());
        if (device == null) {
            return;
        }
        TunnelSpec spec = device.tunnel().spec();
        LOG.log(System.Logger.Level.WARNING, "tunnel \"" + spec.name() + "\": its device was removed; making it again");
        path.remove(device.port());
        remove(device);
        lost.add(spec);
        recover();
    }

    /** Makes lost devices again; what fails is tried again with the next tick. */
    private void recover() {
        lost.removeIf(spec -> {
            try {
                add(spec);
                return true;
            } catch (GatewayException e) {
                LOG.log(System.Logger.Level.WARNING, "{0}", e.getMessage());
                return false;
            }
        });
    }

    private @Nullable TunnelDevice byIndex(int index) {
        for (TunnelDevice device : byName.values()) {
            if (device.tunnel().deviceIndex() == index) {
                return device;
            }
        }
        return null;
    }

    /** The tunnel of that name; null if there is none. */
    @Nullable
    Tunnel named(String name) {
        TunnelDevice device = byName.get(name);
        return device == null ? null : device.tunnel();
    }

    private static GatewayException unknown(String name) {
        return new GatewayException(
                GatewayException.REFUSED, "there is no tunnel \"" + name + "\": see `culvert tunnel show`");
    }

    private void remove(TunnelDevice device) {
        byName.remove(device.tunnel().spec().name());
        deviceIndices.remove(device.tunnel().deviceIndex());
        down.remove(device.tunnel().deviceIndex());
        routes.forget(device.tunnel());
        publish();
        path.awaitQuiescence();
        device.port().close();
    }

    /** All tunnels in the order in which they were added. */
    List<Tunnel> all() {
        return byName.values().stream().map(TunnelDevice::tunnel).toList();
    }

    /** The link of the tunnel's device; null if somebody removed it. */
    @Nullable
    Link link(Tunnel tunnel) {
        return netlink.link(tunnel.deviceIndex());
    }

    /** Packets that the kernel dropped because a receive queue was full. */
    long outerQueueDrops() {
        return sockets.kernelDrops();
    }

    /** Looks every tunnel's route up again, and has sockets and programs where they are needed. */
    void resolveRoutes() {
        Map<Tunnel, OuterRoute> resolved = new HashMap<>();
        Set<OuterProtocol> protocols = new HashSet<>();
        Set<Integer> underlays = new HashSet<>();
        Set<SuperLane.Taken> taken = new HashSet<>();
        for (Tunnel tunnel : all()) {
            OuterRoute route = routes.resolve(tunnel, this);
            resolved.put(tunnel, route);
            protocols.addAll(tunnel.spec().outerProtocols());
            int packetDevice = routes.packetDevice(tunnel);
            if (packetDevice != 0) {
                // From the start, not only when the next hop is known: no packet is in the raw socket then that would
                // be
                // taken for one that the packet socket has.
                underlays.add(packetDevice);
                taken.addAll(taken(tunnel, route));
            }
        }
        sockets.update(protocols, underlays, deviceIndices);
        if (superLane != null) {
            superLane.update(underlays, taken);
        }
        resolved.forEach((tunnel, route) ->
                tunnel.route(route.withSuperLane(superLane != null && superLane.isAttached(route.deviceIndex()))));
    }

    /** What a tunnel's peer sends by this route; nothing as long as one of the addresses is not known. */
    private static Set<SuperLane.Taken> taken(Tunnel tunnel, OuterRoute route) {
        TunnelSpec spec = tunnel.spec();
        InetAddress local = spec.local() != null ? spec.local() : route.source();
        Set<SuperLane.Taken> taken = new HashSet<>();
        if (spec.remote() != null && local != null) {
            for (OuterProtocol protocol : spec.outerProtocols()) {
                taken.add(new SuperLane.Taken(spec.remote(), local, protocol.number()));
            }
        }
        return taken;
    }

    /** Once a second: lost devices are made again, and next hops that are not confirmed are asked for again. */
    void tick() {
        ticks++;
        recover();
        if (ticks % NEIGHBOUR_TICKS == 0) {
            routes.refreshNeighbours();
        }
    }

    /** Whether a tunnel's packets are sent to that neighbour. */
    boolean uses(NeighbourInfo neighbour) {
        return routes.uses(neighbour.index(), neighbour.address());
    }

    @Override
    public boolean isTunnel(int deviceIndex) {
        return deviceIndices.contains(deviceIndex);
    }

    /** Removes every device and closes every socket; the paths have stopped. */
    void closeAll() {
        byName.values().forEach(device -> device.port().close());
        sockets.closeAll();
        if (superLane != null) {
            superLane.close();
        }
    }

    private void publish() {
        resolveRoutes();
        path.tables().publish(new TunnelTable(all()));
    }

    private void refuseDuplicate(TunnelSpec spec) {
        if (byName.containsKey(spec.name())) {
            throw new GatewayException(
                    GatewayException.REFUSED,
                    "tunnel \"" + spec.name() + "\" exists: delete it first with `culvert tunnel del " + spec.name()
                            + "`");
        }
        refuseSameIdentity(spec);
    }

    /** Two tunnels that would take the same packets cannot be, whatever else they differ in. */
    private void refuseSameIdentity(TunnelSpec spec) {
        for (Tunnel tunnel : all()) {
            TunnelSpec other = tunnel.spec();
            if (!other.name().equals(spec.name())
                    && other.mode() == spec.mode()
                    && Objects.equals(other.local(), spec.local())
                    && Objects.equals(other.remote(), spec.remote())
                    && Objects.equals(other.ikey(), spec.ikey())
                    && Objects.equals(other.dev(), spec.dev())) {
                throw new GatewayException(
                        GatewayException.REFUSED,
                        "tunnel \"" + spec.name() + "\" has mode, local, remote, ikey and dev of tunnel \""
                                + other.name() + "\": change one of them, or delete that tunnel first");
            }
        }
    }
}
