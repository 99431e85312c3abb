package io.culvert.pipeline;

import io.culvert.tunnel.Slot;

/**
 * Merges inner packets of a batch that follow each other in their flow into super-packets, so that the IP stack is
 * entered once for many. A flow's packets stay in order, but for a super-packet whose last segment came before it ({@link
 * MergedPacket#prepend}): a packet is merged into the newest packet of its flow or into none. What is not plain TCP or UDP may belong to any flow, so nothing is merged across it. One thread.
 */
final class Coalescer {

    /** Packets that it takes at most: as many datagrams as Linux takes in one (UDP_MAX_SEGMENTS; 128 in newer ones). */
    static final int CAPACITY = 64;

    private final MergedPacket[] merged = new MergedPacket[CAPACITY];
    private final TransportView view = new TransportView();
    private int count;
    private int taken;
    private int barrier;

    Coalescer() {
        for (int i = 0; i < CAPACITY; i++) {
            merged[i] = new MergedPacket();
        }
    }

    /** Takes a packet, {@link #CAPACITY} at most; its slot must stay as it is until {@link #clear}. */
    void add(Slot slot) {
        taken++;
        boolean known = view.wrap(slot);
        if (!known) {
            barrier = count + 1;
        }
        for (int i = count - 1; i >= barrier; i--) {
            if (merged[i].isSameFlow(slot, view)) {
                if (merged[i].append(slot, view) || merged[i].prepend(slot, view)) {
                    return;
                }
                break;
            }
        }
        merged[count].start(slot, known);
        count++;
    }

    boolean isFull() {
        return taken == CAPACITY;
    }

    /** How many packets are to be written. */
    int count() {
        return count;
    }

    MergedPacket get(int index) {
        return merged[index];
    }

    /** Starts anew. */
    void clear() {
        count = 0;
        taken = 0;
        barrier = 0;
    }
}
