package io.culvert.pipeline;

import io.culvert.linux.Memory;
import io.culvert.tunnel.Slot;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;

/** The slots of one path, in one piece of off-heap memory on huge pages where the kernel has them. */
final class SlotPool implements AutoCloseable {

    private final Memory memory;
    private final Slot[] slots;
    private final int mask;

    /** @param capacity number of slots, a power of two */
    SlotPool(int capacity) {
        if (!BitUtil.isPowerOfTwo(capacity)) {
            throw new IllegalArgumentException(capacity + " slots are not a power of two");
        }
        memory = Memory.map((long) capacity * Slot.STRIDE);
        mask = capacity - 1;
        slots = new Slot[capacity];
        for (int i = 0; i < capacity; i++) {
            long address = memory.address() + (long) i * Slot.STRIDE;
            slots[i] = new Slot(new UnsafeBuffer(address, Slot.STRIDE), address);
        }
    }

    int capacity() {
        return slots.length;
    }

    /** The slot of that sequence: sequences go round the pool. */
    Slot get(long sequence) {
        return slots[(int) sequence & mask];
    }

    /** Gives the memory back; no thread may use a slot any more. */
    @Override
    public void close() {
        memory.close();
    }
}
