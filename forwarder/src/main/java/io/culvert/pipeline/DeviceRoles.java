package io.culvert.pipeline;

import org.agrona.collections.IntHashSet;

/** What the gateway knows of the host's devices by interface index. The conductor writes, the paths read. */
public final class DeviceRoles {

    private volatile IntHashSet packetSources = new IntHashSet();
    private volatile IntHashSet tunnels = new IntHashSet();

    /** Says which devices have a packet socket; the sets are not changed any more. */
    public void update(IntHashSet devicesWithPacketSource, IntHashSet tunnelDevices) {
        packetSources = devicesWithPacketSource;
        tunnels = tunnelDevices;
    }

    boolean hasPacketSource(int deviceIndex) {
        return packetSources.contains(deviceIndex);
    }

    boolean isTunnel(int deviceIndex) {
        return tunnels.contains(deviceIndex);
    }
}
