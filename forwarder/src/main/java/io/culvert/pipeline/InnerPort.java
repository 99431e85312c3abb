package io.culvert.pipeline;

import io.culvert.linux.Epoll;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.InnerDevice;
import io.culvert.tunnel.Tunnel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The inner side of a tunnel as the encapsulation path reads it and the decapsulation path writes it. */
public abstract class InnerPort implements InnerDevice, AutoCloseable {

    private volatile @Nullable Tunnel tunnel;

    /** The tunnel that reads from here from now on; set by the conductor, first before the port is added to a path. */
    public final void tunnel(Tunnel owner) {
        tunnel = owner;
    }

    final Tunnel tunnel() {
        return Objects.requireNonNull(tunnel, "a port is added with its tunnel");
    }

    /** Says whether the device has a carrier, which routes and applications go by; the conductor. */
    public abstract void carrier(boolean on);

    abstract int fd();

    /** What {@link Epoll} is to watch {@link #fd} for. */
    int events() {
        return Epoll.IN;
    }

    /** Whether packets are left of what was read, of which {@link #fd} tells nothing any more; the encapsulation path. */
    boolean holdsInput() {
        return false;
    }

    /** Why the packet that was just read must be dropped, or null; the encapsulation path. */
    @Nullable
    DropReason refusal() {
        return null;
    }

    /** Closes the device, which removes it; no path may use the port any more. */
    @Override
    public abstract void close();
}
