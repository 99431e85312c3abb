package io.culvert.pipeline;

import io.culvert.tunnel.Slot;

/** A window of consecutive slots of a pool, as a stage sees its batch. One thread. */
public final class Slots {

    private final SlotPool pool;
    private long base;

    Slots(SlotPool pool) {
        this.pool = pool;
    }

    /** Moves the window's first slot to that sequence. */
    void base(long sequence) {
        base = sequence;
    }

    Slot get(int index) {
        return pool.get(base + index);
    }
}
