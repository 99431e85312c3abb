package io.culvert.pipeline;

import io.culvert.linux.tun.TunDevice;
import io.culvert.tunnel.InnerDevice;
import io.culvert.tunnel.Tunnel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A tunnel's TUN device as the encapsulation path reads it and the decapsulation path writes it. */
public final class TunPort implements InnerDevice, AutoCloseable {

    private final TunDevice device;
    private @Nullable Tunnel tunnel;

    /**
     * @param device opened with a virtio-net header; closed with the port
     * @param offload TUN_F flags: what the path takes unfinished from the kernel
     */
    public TunPort(TunDevice device, int offload) {
        this.device = device;
        device.setOffload(offload);
    }

    /** The tunnel that reads from here; set by the conductor before the port is added to a path. */
    public void tunnel(Tunnel owner) {
        tunnel = owner;
    }

    Tunnel tunnel() {
        return Objects.requireNonNull(tunnel, "a port is added with its tunnel");
    }

    int fd() {
        return device.fd();
    }

    @Override
    public int read(long address, int length) {
        return device.read(address, length);
    }

    @Override
    public int write(long address, int length) {
        return device.write(address, length);
    }

    /** Closes the device, which removes it; no path may use the port any more. */
    @Override
    public void close() {
        device.close();
    }
}
