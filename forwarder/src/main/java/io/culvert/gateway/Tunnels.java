package io.culvert.gateway;

import io.culvert.config.TunnelChanges;
import io.culvert.esp.EspException;
import io.culvert.gateway.TunnelDevices.TunnelDevice;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.offload.SuperLane;
import io.culvert.pipeline.DataPath;
import io.culvert.tunnel.Counters;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The gateway's tunnels, with and without a device: changes them, and does what time demands. The conductor's thread only. */
final class Tunnels {

    private static final int NEIGHBOUR_TICKS = 5;
    private static final int PEER_TICKS = 60;

    private final RouteNetlink netlink;
    private final TunnelDevices devices;
    private final OuterSide outerSide;
    private final TunnelsInForce inForce;
    private final DeviceUpkeep upkeep;
    private final OwnPackets ownPackets;
    private final HostChanges hostChanges;
    private final L2tpTunnels l2tpTunnels = new L2tpTunnels();
    private final SequenceKeeper sequences;
    private final PtyLinks ptys;
    private int ticks;

    /**
     * @param packetSockets whether packet sockets may be used
     * @param superLane the super lane's programs; null without them
     * @param sequences keeps the security associations' sequence numbers
     * @param ptys names the ptys of tunnels that have one
     */
    Tunnels(
            RouteNetlink netlink,
            DataPath path,
            boolean packetSockets,
            @Nullable SuperLane superLane,
            SequenceKeeper sequences,
            PtyLinks ptys) {
        this.sequences = sequences;
        this.ptys = ptys;
        this.netlink = netlink;
        devices = new TunnelDevices(netlink, ptys);
        outerSide = new OuterSide(netlink, path, packetSockets, superLane);
        inForce = new TunnelsInForce(path, devices, outerSide);
        upkeep = new DeviceUpkeep(inForce, devices);
        ownPackets = new OwnPackets(inForce);
        hostChanges = new HostChanges(outerSide, upkeep);
    }

    /**
     * Adds, changes and removes tunnels under load: one table is replaced by the next, and a changed tunnel keeps its device
     * and counters. All tunnels forward as they should when this returns.
     *
     * @throws GatewayException if something cannot be; nothing has changed then
     */
    void apply(TunnelChanges changes) {
        List<Tunnel> removed = changes.removed().stream().map(this::existing).toList();
        List<Tunnel> former =
                changes.changed().stream().map(spec -> existing(spec.name())).toList();
        TunnelConflicts.refuse(specs(), changes);
        TunnelConflicts.refuseOtherDevices(inForce.register(), changes.changed());
        devices.startPass();
        Undo undo = new Undo();
        try {
            applyOrThrow(changes, former, removed, undo);
        } catch (ErrnoException e) {
            undo.run();
            throw GatewayException.of("the tunnels stay as they are", e);
        } catch (EspException e) {
            undo.run();
            throw new GatewayException(GatewayException.REFUSED, String.valueOf(e.getMessage()), e);
        } catch (RuntimeException e) {
            undo.run();
            throw e;
        }
        removed.forEach(upkeep::removed);
        sequences.retain(this::all);
        l2tpTunnels.note(changes.added());
        l2tpTunnels.note(changes.changed());
    }

    /**
     * Has these tunnels and no others.
     *
     * @throws GatewayException if something cannot be; nothing has changed then
     */
    void applyDifference(List<TunnelSpec> wanted) {
        apply(TunnelChanges.between(specs(), wanted));
        l2tpTunnels.reset(wanted);
    }

    /** The tunnels of L2TPv3, which sessions are in. */
    L2tpTunnels l2tpTunnels() {
        return l2tpTunnels;
    }

    /**
     * Removes a tunnel of L2TPv3 and all its sessions.
     *
     * @throws GatewayException if there is none with that ID
     */
    void removeL2tpTunnel(int id) {
        List<String> sessions = specs().stream()
                .filter(spec -> id != 0 && spec.mode().isL2tp() && spec.l2tp().tunnelId() == id)
                .map(TunnelSpec::name)
                .toList();
        apply(new TunnelChanges(List.of(), List.of(), sessions));
        l2tpTunnels.remove(id);
    }

    /** Applies a change of a tunnel's specification, made of the present one. */
    void change(String name, UnaryOperator<TunnelSpec> change) {
        apply(TunnelChanges.change(change.apply(existing(name).spec())));
    }

    private void applyOrThrow(TunnelChanges changes, List<Tunnel> former, List<Tunnel> removed, Undo undo) {
        // What goes makes room first: an address or a route may move from one tunnel to another.
        removed.stream().filter(inForce::contains).forEach(tunnel -> devices.withdraw(tunnel, null, undo));
        List<Tunnel> changed = new ArrayList<>();
        for (int i = 0; i < former.size(); i++) {
            TunnelSpec spec = changes.changed().get(i);
            if (inForce.contains(former.get(i))) {
                devices.withdraw(former.get(i), spec, undo);
            }
            changed.add(former.get(i).changed(spec, devices.boundIndex(spec)));
        }
        for (int i = 0; i < changed.size(); i++) {
            if (inForce.contains(former.get(i))) {
                devices.extend(former.get(i), changed.get(i), undo);
            } else {
                upkeep.change(former.get(i), changed.get(i), undo);
            }
        }
        List<TunnelDevice> added = new ArrayList<>();
        undo.push(() -> devices.remove(added));
        for (TunnelSpec spec : changes.added()) {
            added.add(devices.create(spec, null));
        }
        sequences.admit(changed);
        sequences.admit(added.stream().map(TunnelDevice::tunnel).toList());
        inForce.swap(added, changed, removed, undo);
    }

    private Tunnel existing(String name) {
        Tunnel tunnel = named(name);
        if (tunnel == null) {
            throw new GatewayException(
                    GatewayException.REFUSED, "there is no tunnel \"" + name + "\": see `culvert tunnel show`");
        }
        return tunnel;
    }

    /** The tunnel of that name, also one whose device is lost; null if there is none. */
    @Nullable
    Tunnel named(String name) {
        TunnelDevice device = inForce.register().byName(name);
        return device == null ? upkeep.lost(name) : device.tunnel();
    }

    /** All tunnels in the order in which they were added; those whose device is lost come last. */
    List<Tunnel> all() {
        List<Tunnel> all = new ArrayList<>(inForce.register().tunnels());
        all.addAll(upkeep.lost());
        return all;
    }

    /** The specifications of {@link #all}. */
    List<TunnelSpec> specs() {
        return all().stream().map(Tunnel::spec).toList();
    }

    /** The link of the tunnel's device; null if it has none, or somebody removed it. */
    @Nullable
    Link link(Tunnel tunnel) {
        return tunnel.deviceIndex() == 0 ? null : netlink.link(tunnel.deviceIndex());
    }

    /** The link to the tunnel's pty; only of a tunnel that has one. */
    Path pty(Tunnel tunnel) {
        return ptys.of(tunnel.spec().name());
    }

    /** Whether peers wait for acknowledgments, as those of mode pptp do. */
    boolean hasCalls() {
        return !inForce.register().calls().isEmpty();
    }

    /** Acknowledges what was received, where nothing else has. */
    void acknowledge() {
        ownPackets.acknowledge();
    }

    /** What tunnels that are no more have encapsulated and dropped. */
    Counters formerEncapCounters() {
        return inForce.formerEncapCounters();
    }

    /** What tunnels that are no more have decapsulated and dropped. */
    Counters formerDecapCounters() {
        return inForce.formerDecapCounters();
    }

    /** Packets that the kernel dropped because a receive queue was full. */
    long outerQueueDrops() {
        return outerSide.queueDrops();
    }

    /** Looks every tunnel's route up again, and has sockets and programs where they are needed. */
    void resolveRoutes() {
        inForce.resolveAll();
    }

    /** Once a second: lost devices are made again, and next hops that are not confirmed are asked for again. */
    void tick() {
        ticks++;
        AssociationEvents.report(all(), System.nanoTime());
        sequences.tick();
        upkeep.recover();
        ownPackets.tick(upkeep::isDown);
        resolveIfAny(outerSide.refreshPeers(ticks % PEER_TICKS == 0));
        resolveIfAny(outerSide.refreshPathMtus());
        if (ticks % NEIGHBOUR_TICKS == 0) {
            outerSide.refreshNeighbours();
        }
    }

    private void resolveIfAny(List<Tunnel> tunnels) {
        if (!tunnels.isEmpty()) {
            inForce.resolve(tunnels);
        }
    }

    /** A descriptor that is readable when {@link #readErrors} has something to do. */
    int errorsFd() {
        return outerSide.errorsFd();
    }

    /** Reads the ICMP errors about outer packets. */
    void readErrors() {
        resolveIfAny(outerSide.readErrors(inForce.register().tunnels(), inForce));
    }

    /** The path MTUs that are known from ICMP errors, by the destinations of that tunnel. */
    Map<InetAddress, PathMtus.Learnt> learntPathMtus(Tunnel tunnel) {
        return outerSide.learntPathMtus(tunnel);
    }

    /** ICMP errors about outer packets that were not believed, by reason. */
    Map<ErrorRefusal, Long> refusedErrors() {
        return outerSide.refusedErrors();
    }

    /** Whether the tunnel's device is down or gone. */
    boolean isDown(Tunnel tunnel) {
        return upkeep.isDown(tunnel);
    }

    /** What is to hear of the host's changes. */
    HostChanges hostChanges() {
        return hostChanges;
    }

    /** Removes every device and closes every socket; the paths have stopped. */
    void closeAll() {
        devices.remove(inForce.register().devices());
        outerSide.close();
        ownPackets.close();
        sequences.close();
    }
}
