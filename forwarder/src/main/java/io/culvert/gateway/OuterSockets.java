package io.culvert.gateway;

import io.culvert.linux.Epoll;
import io.culvert.linux.Poll;
import io.culvert.pipeline.DataPath;
import io.culvert.pipeline.DeviceRoles;
import io.culvert.pipeline.OuterSource;
import io.culvert.pipeline.PacketSource;
import io.culvert.pipeline.RawSource;
import io.culvert.tunnel.OuterProtocol;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.agrona.collections.IntHashSet;

/**
 * The sockets that outer packets are received by: a raw socket for each outer protocol in use, and a packet socket for each
 * underlay device in use. Without a tunnel none is open. The conductor's thread only.
 */
final class OuterSockets {

    /** How long to wait for sockets to be empty at most where more may come all the time. */
    private static final long EMPTY_NANOS = 500_000_000;

    /** The same where nothing comes any more: a busy machine may keep the path waiting. */
    private static final long REFUSING_EMPTY_NANOS = 5_000_000_000L;

    private static final long PAUSE_NANOS = 100_000;

    private final DataPath path;
    private final DeviceRoles roles = new DeviceRoles();
    private final Map<Integer, PacketSource> byDevice = new HashMap<>();
    private final Map<OuterProtocol, RawSource> byProtocol = new HashMap<>();
    private long dropsOfClosed;

    OuterSockets(DataPath path) {
        this.path = path;
    }

    /**
     * Opens what is missing, and receives the packets of these devices by packet sockets from now on. What a new one gets
     * was the raw sockets' until now, so those are read empty before, lest what waits in them be taken for a copy.
     *
     * @param protocols outer protocols of all tunnels
     * @param devices underlay devices to have a packet socket
     * @param tunnels interface indices of all tunnels
     * @throws io.culvert.linux.ErrnoException if the kernel refuses a socket
     */
    void receive(Set<OuterProtocol> protocols, Set<Integer> devices, Set<Integer> tunnels) {
        for (OuterProtocol protocol : protocols) {
            if (!byProtocol.containsKey(protocol)) {
                RawSource source = new RawSource(protocol, roles);
                byProtocol.put(protocol, source);
                path.add(source);
            }
        }
        boolean added = false;
        for (int device : devices) {
            if (!byDevice.containsKey(device)) {
                PacketSource source = new PacketSource(device);
                byDevice.put(device, source);
                path.add(source);
                added = true;
            }
        }
        if (added) {
            awaitEmpty(byProtocol.values(), EMPTY_NANOS);
        }
        byDevice.values().forEach(source -> source.accept(protocols));
        roles.update(toSet(byDevice.keySet()), toSet(tunnels));
    }

    /**
     * Closes what is no longer used. No program keeps packets of other devices than these from the raw sockets any more,
     * which have them from now on.
     *
     * @param protocols outer protocols of all tunnels
     * @param devices underlay devices to have a packet socket
     * @param tunnels interface indices of all tunnels
     */
    void retire(Set<OuterProtocol> protocols, Set<Integer> devices, Set<Integer> tunnels) {
        List<OuterSource> retired = new ArrayList<>();
        byDevice.values().removeIf(source -> retire(source, !devices.contains(source.deviceIndex()), retired));
        byProtocol.entrySet().removeIf(entry -> retire(entry.getValue(), !protocols.contains(entry.getKey()), retired));
        if (retired.isEmpty()) {
            return;
        }
        roles.update(toSet(devices), toSet(tunnels));
        retired.forEach(OuterSource::refuse);
        awaitEmpty(retired, REFUSING_EMPTY_NANOS);
        close(retired);
    }

    /** Lets the path read what waits in these sockets: closing one loses the rest, and counts none of it. */
    private static void awaitEmpty(Collection<? extends OuterSource> sources, long mostNanos) {
        long deadline = System.nanoTime() + mostNanos;
        for (OuterSource source : sources) {
            while (Poll.await(source.fd(), Epoll.IN, 0) > 0 && System.nanoTime() - deadline < 0) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
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

    private void close(List<OuterSource> unused) {
        unused.forEach(path::remove);
        path.awaitQuiescence();
        for (OuterSource source : unused) {
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
