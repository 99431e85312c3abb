package io.culvert.tunnel;

import java.util.concurrent.atomic.AtomicInteger;

/** The keepalives of a gre tunnel that came back, and whether they stay away. */
public final class KeepaliveReturns {

    private final AtomicInteger count = new AtomicInteger();
    private volatile boolean silent;

    KeepaliveReturns() {}

    /** Notes that a keepalive came back; the decapsulation path. */
    public void returned() {
        count.incrementAndGet();
    }

    /** How many came back since the last call; the conductor. */
    public int take() {
        return count.getAndSet(0);
    }

    /** Says whether keepalives stay away; the conductor. */
    public void silent(boolean now) {
        silent = now;
    }

    /** Whether keepalives stay away, so that the tunnel is down; any thread. */
    public boolean isSilent() {
        return silent;
    }
}
