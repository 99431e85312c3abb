package io.culvert.tunnel;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * ICMP errors about a tunnel's outer packets that its inner senders have not been told of, RFC 2003 section 4: an error quotes
 * too little to tell the sender of the packet that it is about, so the senders of the next packets are told, one for each
 * error, within 30 seconds as in Linux. The conductor adds, the encapsulation path's egress stage takes.
 */
public final class SoftErrors {

    /** As Linux has it (IPTUNNEL_ERR_TIMEO). */
    static final long LIFETIME_NANOS = 30_000_000_000L;

    private final AtomicInteger pending = new AtomicInteger();
    private volatile long lastNanos;

    /** Notes an error. */
    public void add(long nowNanos) {
        if (nowNanos - lastNanos > LIFETIME_NANOS) {
            pending.set(0);
        }
        lastNanos = nowNanos;
        pending.incrementAndGet();
    }

    /** Whether there may be an error to tell of: what the path asks for every packet. */
    public boolean isPending() {
        return pending.get() != 0;
    }

    /** Takes an error to tell of; returns whether there was one that is not too old. */
    public boolean take(long nowNanos) {
        if (nowNanos - lastNanos > LIFETIME_NANOS) {
            pending.set(0);
            return false;
        }
        return pending.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
    }
}
