package io.culvert.gateway;

import io.culvert.gateway.TunnelDevices.TunnelDevice;
import io.culvert.pipeline.DataPath;
import io.culvert.tunnel.Counters;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The tunnels that have a device, and what packets find them by: the table that the paths read, the devices' ports, and the
 * outer side's routes and sockets. The conductor's thread only.
 */
final class TunnelsInForce implements DeviceNames {

    private final DataPath path;
    private final TunnelDevices devices;
    private final OuterSide outerSide;
    private final Counters formerEncap = new Counters();
    private final Counters formerDecap = new Counters();
    private TunnelRegister register = TunnelRegister.EMPTY;

    TunnelsInForce(DataPath path, TunnelDevices devices, OuterSide outerSide) {
        this.path = path;
        this.devices = devices;
        this.outerSide = outerSide;
    }

    TunnelRegister register() {
        return register;
    }

    boolean contains(Tunnel tunnel) {
        return register.byName(tunnel.spec().name()) != null;
    }

    @Override
    public boolean isTunnel(int deviceIndex) {
        return register.byIndex(deviceIndex) != null;
    }

    /** Puts another set of tunnels in force: one table is replaced by the next, and what is not in it any more closed. */
    void swap(List<TunnelDevice> added, List<Tunnel> changed, List<Tunnel> removed, Undo undo) {
        TunnelRegister before = register;
        TunnelRegister next = before.with(added, changed, removed);
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
        changed.stream().filter(this::contains).forEach(resolved::add);
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

    /** Gives a tunnel the name that its device has got. */
    void rename(TunnelDevice device, String name) {
        Tunnel former = device.tunnel();
        Tunnel renamed = former.changed(renamed(former.spec(), name), former.boundIndex());
        outerSide.forget(former);
        register = register.renamed(device, new TunnelDevice(renamed, device.port()));
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

    /** Takes a tunnel out of force whose device is gone. It keeps its counters and security associations. */
    void drop(TunnelDevice device) {
        Tunnel tunnel = device.tunnel();
        register = register.with(List.of(), List.of(), List.of(tunnel));
        outerSide.forget(tunnel);
        publish(List.of());
        path.remove(device.port());
        path.awaitQuiescence();
        device.port().close();
    }

    /** Looks every tunnel's route up again, and has sockets and programs where they are needed. */
    void resolveAll() {
        List<Tunnel> rebound = new ArrayList<>();
        for (Tunnel tunnel : register.tunnels()) {
            int boundIndex = devices.currentBoundIndex(tunnel);
            if (boundIndex != tunnel.boundIndex()) {
                rebound.add(tunnel.changed(tunnel.spec(), boundIndex));
            }
        }
        register = register.with(List.of(), rebound, List.of());
        resolve(register.tunnels());
        if (!rebound.isEmpty()) {
            publish(rebound);
            rebound.forEach(tunnel -> register.port(tunnel).tunnel(tunnel));
        }
    }

    /** Looks the routes of some tunnels up again. */
    void resolve(Collection<Tunnel> tunnels) {
        outerSide.resolve(tunnels, this);
        outerSide.apply(register.indices());
    }

    /** Publishes the table, with the routes of some tunnels looked up anew. */
    private void publish(Collection<Tunnel> unresolved) {
        resolve(unresolved);
        path.tables().publish(new TunnelTable(register.tunnels()));
    }

    /** What tunnels that are no more have encapsulated and dropped. */
    Counters formerEncapCounters() {
        return formerEncap;
    }

    /** What tunnels that are no more have decapsulated and dropped. */
    Counters formerDecapCounters() {
        return formerDecap;
    }
}
