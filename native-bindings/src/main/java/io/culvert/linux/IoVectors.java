package io.culvert.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An array of {@code struct iovec}: pieces of memory that one call reads from or writes to in turn. One thread. */
public final class IoVectors {

    static final int SIZE = 16;
    static final int BASE = 0;
    static final int LENGTH = 8;

    private final MemorySegment memory;

    /** @param capacity pieces at most, 1024 by the kernel's limit */
    public IoVectors(int capacity) {
        memory = Arena.ofAuto().allocate((long) capacity * SIZE, 64);
    }

    /** Makes piece {@code index} these bytes. */
    public void set(int index, long address, int length) {
        memory.set(JAVA_LONG, (long) index * SIZE + BASE, address);
        memory.set(JAVA_LONG, (long) index * SIZE + LENGTH, length);
    }

    /** Address of a piece's first byte. */
    public long base(int index) {
        return memory.get(JAVA_LONG, (long) index * SIZE + BASE);
    }

    /** Bytes of a piece. */
    public int length(int index) {
        return (int) memory.get(JAVA_LONG, (long) index * SIZE + LENGTH);
    }

    /** Where the array is, as system calls take it; the caller keeps this object while a call uses it. */
    public long address() {
        return memory.address();
    }
}
