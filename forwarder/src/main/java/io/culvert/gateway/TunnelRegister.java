package io.culvert.gateway;

import io.culvert.gateway.TunnelDevices.TunnelDevice;
import io.culvert.pipeline.InnerPort;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Tunnel;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tunnels that have a device, by name and by interface index. Immutable: a change makes a new one. */
final class TunnelRegister {

    static final TunnelRegister EMPTY = new TunnelRegister(new LinkedHashMap<>());

    private final Map<String, TunnelDevice> byName;
    private final Map<Integer, TunnelDevice> byIndex = new HashMap<>();
    private final List<Tunnel> tunnels;
    private final List<Tunnel> calls;

    private TunnelRegister(Map<String, TunnelDevice> byName) {
        this.byName = byName;
        tunnels = byName.values().stream().map(TunnelDevice::tunnel).toList();
        calls = tunnels.stream()
                .filter(tunnel -> tunnel.spec().mode() == Mode.PPTP)
                .toList();
        for (TunnelDevice device : byName.values()) {
            // A pty is no network device.
            if (device.tunnel().deviceIndex() != 0) {
                byIndex.put(device.tunnel().deviceIndex(), device);
            }
        }
    }

    /** The register after some tunnels came, others got another specification, and others went. */
    TunnelRegister with(List<TunnelDevice> added, List<Tunnel> changed, List<Tunnel> removed) {
        if (added.isEmpty() && changed.isEmpty() && removed.isEmpty()) {
            return this;
        }
        Map<String, TunnelDevice> next = new LinkedHashMap<>(byName);
        for (Tunnel tunnel : changed) {
            next.computeIfPresent(tunnel.spec().name(), (_, device) -> new TunnelDevice(tunnel, device.port()));
        }
        removed.forEach(tunnel -> next.remove(tunnel.spec().name()));
        added.forEach(device -> next.put(device.tunnel().spec().name(), device));
        return new TunnelRegister(next);
    }

    /** The register after a tunnel got another name. */
    TunnelRegister renamed(TunnelDevice former, TunnelDevice renamed) {
        Map<String, TunnelDevice> next = new LinkedHashMap<>();
        byName.values().forEach(device -> {
            TunnelDevice kept = device.equals(former) ? renamed : device;
            next.put(kept.tunnel().spec().name(), kept);
        });
        return new TunnelRegister(next);
    }

    @Nullable
    TunnelDevice byName(String name) {
        return byName.get(name);
    }

    @Nullable
    TunnelDevice byIndex(int index) {
        return byIndex.get(index);
    }

    /** The device of a tunnel that is in this register. */
    InnerPort port(Tunnel tunnel) {
        TunnelDevice device = byName.get(tunnel.spec().name());
        if (device == null) {
            throw new IllegalArgumentException(tunnel + " is not registered");
        }
        return device.port();
    }

    /** In the order in which the tunnels were added. */
    Collection<TunnelDevice> devices() {
        return byName.values();
    }

    /** In the order in which they were added. */
    List<Tunnel> tunnels() {
        return tunnels;
    }

    /** Those whose peers wait for acknowledgments, as those of mode pptp do. */
    List<Tunnel> calls() {
        return calls;
    }

    /** Interface indices of all tunnels' devices. */
    Set<Integer> indices() {
        return Collections.unmodifiableSet(byIndex.keySet());
    }
}
