package io.culvert.esp;

import io.culvert.esp.SecurityAssociation.Event;
import java.util.concurrent.atomic.AtomicLong;

/** What a security association was used for, against the limits of its lifetime (RFC 4301 section 4.4.2.1). */
final class SaUsage {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final SaLifetime lifetime;
    private final AtomicLong packets = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private volatile boolean expired;
    private volatile boolean started;
    private volatile long startNanos;
    private boolean softReported;
    private boolean hardReported;

    SaUsage(SaLifetime lifetime) {
        this.lifetime = lifetime;
    }

    /** Counts packets; one thread. */
    void count(int count, int innerBytes) {
        packets.setRelease(packets.getPlain() + count);
        bytes.setRelease(bytes.getPlain() + innerBytes);
    }

    /** Ends the association if its packets or bytes have reached a hard limit; the thread of {@link #count}. */
    boolean expireIfUsedUp() {
        if (!expired && lifetime.isHardExpired(bytes.getPlain(), packets.getPlain())) {
            expired = true;
        }
        return expired;
    }

    /** Ends the association: any thread. */
    void expire() {
        expired = true;
    }

    boolean isExpired() {
        return expired;
    }

    /** What has happened since the last call, from the first of which its time counts; the conductor. */
    Event poll(long nowNanos) {
        if (!started) {
            startNanos = nowNanos;
            started = true;
        }
        long seconds = seconds(nowNanos);
        if (lifetime.isHardExpired(seconds)) {
            expired = true;
        }
        if (expired) {
            boolean isNew = !hardReported;
            hardReported = true;
            return isNew ? Event.HARD_EXPIRED : Event.NONE;
        }
        boolean isSoft = lifetime.isSoftExpired(bytes(), packets(), seconds) && !softReported;
        softReported |= isSoft;
        return isSoft ? Event.SOFT_EXPIRED : Event.NONE;
    }

    /** Seconds since the first {@link #poll}; any thread. */
    long seconds(long nowNanos) {
        return started ? (nowNanos - startNanos) / NANOS_PER_SECOND : 0;
    }

    long packets() {
        return packets.get();
    }

    long bytes() {
        return bytes.get();
    }
}
