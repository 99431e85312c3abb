package io.culvert.tunnel;

import io.culvert.icmp.ErrorKind;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts the ICMP errors about one tunnel's outer packets that were believed; any thread. */
@SuppressWarnings("EnumOrdinal") // an index into memory of this process, never kept
public final class IcmpCounters {

    private final AtomicLongArray received = new AtomicLongArray(ErrorKind.COUNT);
    private final AtomicLong relayed = new AtomicLong();
    private final AtomicLong pathMtus = new AtomicLong();

    /** Counts an error that was believed. */
    public void received(ErrorKind kind) {
        received.incrementAndGet(kind.ordinal());
    }

    /** Counts that a path MTU was learnt. */
    public void learntPathMtu() {
        pathMtus.incrementAndGet();
    }

    /** Counts that an inner sender was told. */
    public void relayed() {
        relayed.incrementAndGet();
    }

    /** How often an inner sender was told. */
    public long relayedErrors() {
        return relayed.get();
    }

    public long receivedErrors(ErrorKind kind) {
        return received.get(kind.ordinal());
    }

    /** How often a path MTU was learnt. */
    public long learntPathMtus() {
        return pathMtus.get();
    }
}
