package io.culvert.gateway;

import io.culvert.config.TunnelChanges;
import io.culvert.esp.EspException;
import io.culvert.gateway.TunnelDevices.TunnelDevice;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.NeighbourInfo;
import io.culvert.linux.netlink.RouteInfo;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.offload.SuperLane;
import io.culvert.pipeline.DataPath;
import io.culvert.tunnel.Counters;
import io.culvert.tunnel.RouterSolicitor;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelTable;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's tunnels: applies changes to them, keeps their routes up to date, and publishes the table that the paths
 * read. The conductor's thread only.
 */
final class Tunnels implements DeviceNames {

    private static final System.Logger LOG = System.getLogger(Tunnels.class.getName());
    private static final int NEIGHBOUR_TICKS = 5;
    private static final int PEER_TICKS = 60;

    private final RouteNetlink netlink;
    private final DataPath path;
    private final TunnelDevices devices;
    private final OuterSide outerSide;
    private final OuterSender sender = new OuterSender();
    private final Keepalives keepalives = new Keepalives(new KeepaliveOutput());
    private final L2tpTunnels l2tpTunnels = new L2tpTunnels();
    private final SequenceKeeper sequences;
    private final LostTunnels lost = new LostTunnels();
    private final Set<Integer> down = new HashSet<>();

    /** Devices that were removed and whose last events may still come. */
    private final Set<Integer> closing = new HashSet<>();

    private final Counters formerEncap = new Counters();
    private final Counters formerDecap = new Counters();
    private TunnelRegister register = TunnelRegister.EMPTY;
    private int ticks;

    /**
     * @param packetSockets whether packet sockets may be used
     * @param superLane the super lane's programs; null without them
     * @param sequences keeps the security associations' sequence numbers
     */
    Tunnels(
            RouteNetlink netlink,
            DataPath path,
            boolean packetSockets,
            @Nullable SuperLane superLane,
            SequenceKeeper sequences) {
        this.sequences = sequences;
        this.netlink = netlink;
        this.path = path;
        devices = new TunnelDevices(netlink);
        outerSide = new OuterSide(netlink, path, packetSockets, superLane);
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
        TunnelRegister.refuseConflicts(specs(), changes);
        register.refuseOtherDevices(changes.changed());
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
        removed.forEach(tunnel -> lost.take(tunnel.spec().name()));
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
        removed.stream().filter(this::hasDevice).forEach(tunnel -> devices.withdraw(tunnel, null, undo));
        List<Tunnel> changed = new ArrayList<>();
        for (int i = 0; i < former.size(); i++) {
            TunnelSpec spec = changes.changed().get(i);
            if (hasDevice(former.get(i))) {
                devices.withdraw(former.get(i), spec, undo);
            }
            changed.add(former.get(i).changed(spec, devices.boundIndex(spec)));
        }
        for (int i = 0; i < changed.size(); i++) {
            if (hasDevice(former.get(i))) {
                devices.extend(former.get(i), changed.get(i), undo);
            } else {
                Tunnel before = former.get(i);
                lost.add(changed.get(i));
                undo.push(() -> lost.add(before));
            }
        }
        List<TunnelDevice> added = new ArrayList<>();
        undo.push(() -> devices.remove(added));
        for (TunnelSpec spec : changes.added()) {
            added.add(devices.create(spec, null));
        }
        sequences.admit(changed);
        sequences.admit(added.stream().map(TunnelDevice::tunnel).toList());
        swap(register.with(added, changed, removed), added, changed, removed, undo);
    }

    /** Puts another set of tunnels in force. */
    private void swap(
            TunnelRegister next, List<TunnelDevice> added, List<Tunnel> changed, List<Tunnel> removed, Undo undo) {
        TunnelRegister before = register;
        undo.push(() -> {
            register = before;
            added.forEach(device -> outerSide.forget(device.tunnel()));
            publish(before.tunnels());
            path.awaitQuiescence();
        });
        register = next;
        removed.forEach(outerSide::forget);
        List<Tunnel> resolved = new ArrayList<>();
        added.forEach(device -> resolved.add(device.tunnel()));
        changed.stream().filter(this::hasDevice).forEach(resolved::add);
        publish(resolved);
        for (Tunnel tunnel : changed) {
            TunnelDevice device = next.byName(tunnel.spec().name());
            if (device != null) {
                device.port().tunnel(tunnel);
            }
        }
        added.forEach(device -> path.add(device.port()));
        close(before, removed);
        if (changed.stream().anyMatch(tunnel -> tunnel.spec().mode().isProtected())) {
            path.awaitQuiescence();
            changed.forEach(Tunnel::closeOtherAssociations);
        }
    }

    private void close(TunnelRegister before, List<Tunnel> removed) {
        List<TunnelDevice> closed = new ArrayList<>();
        for (Tunnel tunnel : removed) {
            TunnelDevice device = before.byName(tunnel.spec().name());
            if (device != null) {
                path.remove(device.port());
                closed.add(device);
                down.remove(tunnel.deviceIndex());
                closing.add(tunnel.deviceIndex());
            }
        }
        if (!closed.isEmpty()) {
            path.awaitQuiescence();
            devices.remove(closed);
        }
        for (Tunnel tunnel : removed) {
            tunnel.closeAssociations();
            formerEncap.addAll(tunnel.encapCounters());
            formerDecap.addAll(tunnel.decapCounters());
        }
    }

    private Tunnel existing(String name) {
        Tunnel tunnel = named(name);
        if (tunnel == null) {
            throw new GatewayException(
                    GatewayException.REFUSED, "there is no tunnel \"" + name + "\": see `culvert tunnel show`");
        }
        return tunnel;
    }

    private boolean hasDevice(Tunnel tunnel) {
        return register.byName(tunnel.spec().name()) != null;
    }

    /** Notes that a link changed: of a tunnel's device, a name that is not ours, and that it came up. */
    void linkChanged(Link link) {
        TunnelDevice device = register.byIndex(link.index());
        if (device == null) {
            return;
        }
        if (!link.name().equals(device.tunnel().spec().name())) {
            rename(device, link.name());
        }
        boolean cameUp = link.isUp() && down.remove(link.index());
        if (!link.isUp()) {
            down.add(link.index());
        }
        if (cameUp) {
            devices.restore(device.tunnel());
        }
    }

    /** Somebody renamed a tunnel's device, and with it the tunnel. */
    private void rename(TunnelDevice device, String name) {
        Tunnel former = device.tunnel();
        LOG.log(
                System.Logger.Level.INFO,
                "tunnel \"" + former.spec().name() + "\": its device was renamed, it is \"" + name + "\" now");
        Tunnel renamed = former.changed(renamed(former.spec(), name), former.boundIndex());
        TunnelDevice next = new TunnelDevice(renamed, device.port());
        outerSide.forget(former);
        register = register.renamed(device, next);
        publish(List.of(renamed));
        device.port().tunnel(renamed);
    }

    private static TunnelSpec renamed(TunnelSpec spec, String name) {
        TunnelSpec renamed = spec.withName(name);
        if (!renamed.problems().isEmpty()) {
            throw new IllegalStateException("a device has a name that no tunnel may have: " + renamed.problems());
        }
        return renamed;
    }

    /** Notes that a link was removed: a tunnel's device that somebody else removed is made again. */
    void linkRemoved(Link link) {
        closing.remove(link.index());
        TunnelDevice device = register.byIndex(link.index());
        if (device == null) {
            return;
        }
        Tunnel tunnel = device.tunnel();
        LOG.log(
                System.Logger.Level.WARNING,
                "tunnel \"" + tunnel.spec().name() + "\": its device was removed; making it again");
        register = register.with(List.of(), List.of(), List.of(tunnel));
        outerSide.forget(tunnel);
        publish(List.of());
        path.remove(device.port());
        path.awaitQuiescence();
        device.port().close();
        down.remove(link.index());
        lost.add(tunnel);
        recover();
    }

    /** Makes lost devices again; what fails is tried again later. */
    private void recover() {
        for (Tunnel tunnel : lost.due()) {
            try {
                devices.startPass();
                TunnelDevice device = devices.create(tunnel.spec(), tunnel);
                Undo undo = new Undo();
                undo.push(device.port()::close);
                try {
                    List<TunnelDevice> added = List.of(device);
                    swap(register.with(added, List.of(), List.of()), added, List.of(), List.of(), undo);
                } catch (RuntimeException e) {
                    undo.run();
                    throw e;
                }
                lost.take(tunnel.spec().name());
            } catch (GatewayException | ErrnoException e) {
                lost.failed(tunnel);
                LOG.log(System.Logger.Level.WARNING, "{0}", e.getMessage());
            }
        }
    }

    /** The tunnel of that name, also one whose device is lost; null if there is none. */
    @Nullable
    Tunnel named(String name) {
        TunnelDevice device = register.byName(name);
        return device == null ? lost.named(name) : device.tunnel();
    }

    /** All tunnels in the order in which they were added; those whose device is lost come last. */
    List<Tunnel> all() {
        List<Tunnel> all = new ArrayList<>(register.tunnels());
        all.addAll(lost.all());
        return all;
    }

    /** The specifications of {@link #all}. */
    List<TunnelSpec> specs() {
        return all().stream().map(Tunnel::spec).toList();
    }

    /** Whether the tunnel's device was removed and is not made again yet. */
    boolean isLost(Tunnel tunnel) {
        return !hasDevice(tunnel);
    }

    /** The link of the tunnel's device; null if somebody removed it. */
    @Nullable
    Link link(Tunnel tunnel) {
        return netlink.link(tunnel.deviceIndex());
    }

    /** What tunnels that are no more have encapsulated and dropped. */
    Counters formerEncapCounters() {
        return formerEncap;
    }

    /** What tunnels that are no more have decapsulated and dropped. */
    Counters formerDecapCounters() {
        return formerDecap;
    }

    /** Packets that the kernel dropped because a receive queue was full. */
    long outerQueueDrops() {
        return outerSide.queueDrops();
    }

    /** Looks every tunnel's route up again, and has sockets and programs where they are needed. */
    void resolveRoutes() {
        List<Tunnel> rebound = new ArrayList<>();
        for (Tunnel tunnel : register.tunnels()) {
            int boundIndex = devices.currentBoundIndex(tunnel);
            if (boundIndex != tunnel.boundIndex()) {
                rebound.add(tunnel.changed(tunnel.spec(), boundIndex));
            }
        }
        register = register.with(List.of(), rebound, List.of());
        outerSide.resolve(register.tunnels(), this);
        outerSide.apply(register.indices());
        if (!rebound.isEmpty()) {
            publish(rebound);
            rebound.forEach(tunnel -> register.port(tunnel).tunnel(tunnel));
        }
    }

    /** Once a second: lost devices are made again, and next hops that are not confirmed are asked for again. */
    void tick() {
        ticks++;
        AssociationEvents.report(all(), System.nanoTime());
        sequences.tick();
        recover();
        register.tunnels().forEach(this::solicitRouters);
        keepalives.tick(register.tunnels(), System.nanoTime());
        resolveAgain(outerSide.refreshPeers(ticks % PEER_TICKS == 0));
        resolveAgain(outerSide.refreshPathMtus());
        if (ticks % NEIGHBOUR_TICKS == 0) {
            outerSide.refreshNeighbours();
        }
    }

    private void resolveAgain(List<Tunnel> changed) {
        if (!changed.isEmpty()) {
            outerSide.resolve(changed, this);
            outerSide.apply(register.indices());
        }
    }

    /** A descriptor that is readable when {@link #readErrors} has something to do. */
    int errorsFd() {
        return outerSide.errorsFd();
    }

    /** Reads the ICMP errors about outer packets. */
    void readErrors() {
        resolveAgain(outerSide.readErrors(register.tunnels(), this));
    }

    /** The path MTUs that are known from ICMP errors, by the destinations of that tunnel. */
    Map<InetAddress, PathMtus.Learnt> learntPathMtus(Tunnel tunnel) {
        return outerSide.learntPathMtus(tunnel);
    }

    /** ICMP errors about outer packets that were not believed, by reason. */
    Map<ErrorRefusal, Long> refusedErrors() {
        return outerSide.refusedErrors();
    }

    private final class KeepaliveOutput implements Keepalives.Output {

        @Override
        public void send(Tunnel tunnel, byte[] packet) {
            sender.send(tunnel, packet);
        }

        @Override
        public void carrier(Tunnel tunnel, boolean on) {
            try {
                register.port(tunnel).carrier(on);
            } catch (ErrnoException e) {
                // Kernels before 4.21 know no carrier of such devices: routes stay, and the state tells all the same.
                LOG.log(System.Logger.Level.DEBUG, "{0}", e.getMessage());
            }
        }
    }

    private void solicitRouters(Tunnel tunnel) {
        RouterSolicitor solicitor = tunnel.routerSolicitor();
        if (solicitor != null && !isDown(tunnel)) {
            solicitor.due(System.nanoTime()).forEach(packet -> sender.send(tunnel, packet));
        }
    }

    /** Whether the tunnel's device is down or gone. */
    boolean isDown(Tunnel tunnel) {
        return down.contains(tunnel.deviceIndex()) || isLost(tunnel);
    }

    /** Whether a tunnel's packets are sent to that neighbour. */
    boolean uses(NeighbourInfo neighbour) {
        return outerSide.uses(neighbour);
    }

    /** Whether a change of that link may change where packets go: of tunnels' own devices, only while packets loop. */
    boolean concerns(Link link) {
        return outerSide.uses(link) || !isOwn(link.index());
    }

    /** Whether a change of that device's addresses may change where packets go. */
    boolean concernsAddresses(int deviceIndex) {
        return !isOwn(deviceIndex);
    }

    /** Whether a change of that route may change where packets go. */
    boolean concerns(RouteInfo route) {
        return outerSide.mayUse(route);
    }

    private boolean isOwn(int deviceIndex) {
        return register.byIndex(deviceIndex) != null || closing.contains(deviceIndex);
    }

    /** Events were lost: nothing is waited for any more. */
    void eventsLost() {
        closing.clear();
    }

    @Override
    public boolean isTunnel(int deviceIndex) {
        return register.byIndex(deviceIndex) != null;
    }

    /** Removes every device and closes every socket; the paths have stopped. */
    void closeAll() {
        devices.remove(register.devices());
        outerSide.close();
        sender.close();
        sequences.close();
    }

    /** Puts the register in force, with the routes of some tunnels looked up anew. */
    private void publish(Collection<Tunnel> unresolved) {
        outerSide.resolve(unresolved, this);
        outerSide.apply(register.indices());
        path.tables().publish(new TunnelTable(register.tunnels()));
    }
}
