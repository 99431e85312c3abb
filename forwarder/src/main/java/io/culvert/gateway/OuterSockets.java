package io.culvert.gateway;

import io.culvert.pipeline.DataPath;
import io.culvert.pipeline.DeviceRoles;
import io.culvert.pipeline.OuterSource;
import io.culvert.pipeline.PacketSource;
import io.culvert.pipeline.RawSource;
import io.culvert.tunnel.OuterProtocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agrona.collections.IntHashSet;

/**
 * The sockets that outer packets are received by: a raw socket for each outer protocol in use, and a packet socket for each
 * underlay device in use. Without a tunnel none is open. The conductor's thread only.
 */
final class OuterSockets {

    private final DataPath path;
    private final DeviceRoles roles = new DeviceRoles();
    private final Map<Integer, PacketSource> byDevice = new HashMap<>();
    private final Map<OuterProtocol, RawSource> byProtocol = new HashMap<>();
    private long dropsOfClosed;

    OuterSockets(DataPath path) {
        this.path = path;
    }

    /**
     * Opens what is missing and closes what is no longer used.
     *
     * @param protocols outer protocols of all tunnels
     * @param devices underlay devices to have a packet socket
     * @param tunnels interface indices of all tunnels
     * @throws io.culvert.linux.ErrnoException if the kernel refuses a socket
     */
    void update(Set<OuterProtocol> protocols, Set<Integer> devices, Set<Integer> tunnels) {
        for (OuterProtocol protocol : protocols) {
            if (!byProtocol.containsKey(protocol)) {
                RawSource source = new RawSource(protocol, roles);
                byProtocol.put(protocol, source);
                path.add(source);
            }
        }
        List<OuterSource> retired = new ArrayList<>();
        byDevice.values().removeIf(source -> retire(source, !devices.contains(source.deviceIndex()), retired));
        byProtocol.entrySet().removeIf(entry -> retire(entry.getValue(), !protocols.contains(entry.getKey()), retired));
        byDevice.values().forEach(source -> source.accept(protocols));
        for (int device : devices) {
            if (!byDevice.containsKey(device)) {
                PacketSource source = new PacketSource(device, protocols);
                byDevice.put(device, source);
                path.add(source);
            }
        }
        roles.update(toSet(devices), toSet(tunnels));
        close(retired);
    }

    /** Packets that the kernel dropped because a receive queue was full, since the gateway started. */
    long kernelDrops() {
        long drops = dropsOfClosed;
        for (OuterSource source : byDevice.values()) {
            drops += source.kernelDrops();
        }
        for (OuterSource source : byProtocol.values()) {
            drops += source.kernelDrops();
        }
        return drops;
    }

    /** Closes all; the paths have stopped. */
    void closeAll() {
        byDevice.values().forEach(OuterSource::close);
        byProtocol.values().forEach(OuterSource::close);
    }

    private static boolean retire(OuterSource source, boolean unused, List<OuterSource> retired) {
        if (unused) {
            retired.add(source);
        }
        return unused;
    }

    private void close(List<OuterSource> retired) {
        if (retired.isEmpty()) {
            return;
        }
        retired.forEach(path::remove);
        path.awaitQuiescence();
        for (OuterSource source : retired) {
            dropsOfClosed += source.kernelDrops();
            source.close();
        }
    }

    private static IntHashSet toSet(Set<Integer> values) {
        IntHashSet set = new IntHashSet();
        set.addAll(values);
        return set;
    }
}
