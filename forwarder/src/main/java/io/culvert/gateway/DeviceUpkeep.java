package io.culvert.gateway;

import io.culvert.gateway.TunnelDevices.TunnelDevice;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.netlink.Link;
import io.culvert.tunnel.Tunnel;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of tunnels whose devices others rename, take down and up again, or remove. The conductor's thread only.
 */
final class DeviceUpkeep {

    private static final System.Logger LOG = System.getLogger(DeviceUpkeep.class.getName());

    private final TunnelsInForce inForce;
    private final TunnelDevices devices;
    private final LostTunnels lost = new LostTunnels();
    private final Set<Integer> down = new HashSet<>();

    /** Devices that the gateway has removed, whose last events may still come. */
    private final Set<Integer> closing = new HashSet<>();

    DeviceUpkeep(TunnelsInForce inForce, TunnelDevices devices) {
        this.inForce = inForce;
        this.devices = devices;
    }

    /** Notes that a link changed: of a tunnel's device, a name that is not ours, and that it came up. */
    void linkChanged(Link link) {
        TunnelDevice device = inForce.register().byIndex(link.index());
        if (device == null) {
            return;
        }
        String name = device.tunnel().spec().name();
        if (!link.name().equals(name)) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "tunnel \"" + name + "\": its device was renamed, it is \"" + link.name() + "\" now");
            inForce.rename(device, link.name());
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
        closing.remove(link.index());
        TunnelDevice device = inForce.register().byIndex(link.index());
        if (device == null) {
            return;
        }
        Tunnel tunnel = device.tunnel();
        LOG.log(
                System.Logger.Level.WARNING,
                "tunnel \"" + tunnel.spec().name() + "\": its device was removed; making it again");
        inForce.drop(device);
        down.remove(link.index());
        lost.add(tunnel);
        recover();
    }

    /** Makes lost devices again; what fails is tried again later. */
    void recover() {
        for (Tunnel tunnel : lost.due()) {
            try {
                devices.startPass();
                recover(devices.create(tunnel.spec(), tunnel));
                lost.take(tunnel.spec().name());
            } catch (GatewayException | ErrnoException e) {
                lost.failed(tunnel);
                LOG.log(System.Logger.Level.WARNING, "{0}", e.getMessage());
            }
        }
    }

    private void recover(TunnelDevice device) {
        Undo undo = new Undo();
        undo.push(device.port()::close);
        try {
            inForce.swap(List.of(device), List.of(), List.of(), undo);
        } catch (RuntimeException e) {
            undo.run();
            throw e;
        }
    }

    /** Gives a tunnel whose device is lost another specification. */
    void change(Tunnel former, Tunnel changed, Undo undo) {
        lost.add(changed);
        undo.push(() -> lost.add(former));
    }

    /** The gateway has removed a tunnel with its device. */
    void removed(Tunnel tunnel) {
        if (lost.take(tunnel.spec().name()) == null) {
            down.remove(tunnel.deviceIndex());
            if (tunnel.deviceIndex() != 0) {
                closing.add(tunnel.deviceIndex());
            }
        }
    }

    /** Tunnels without a device. */
    List<Tunnel> lost() {
        return lost.all();
    }

    /** The tunnel of that name if its device is lost; null otherwise. */
    @Nullable
    Tunnel lost(String name) {
        return lost.named(name);
    }

    /** Whether the tunnel's device is down or gone. */
    boolean isDown(Tunnel tunnel) {
        return down.contains(tunnel.deviceIndex()) || !inForce.contains(tunnel);
    }

    /** Whether it is a tunnel's device, or was until a moment ago. */
    boolean isOwn(int deviceIndex) {
        return inForce.isTunnel(deviceIndex) || closing.contains(deviceIndex);
    }

    /** Events were lost: nothing is waited for any more. */
    void eventsLost() {
        closing.clear();
    }
}
