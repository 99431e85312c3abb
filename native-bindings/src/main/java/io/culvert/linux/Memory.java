package io.culvert.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Zeroed anonymous memory in whole huge pages: 2 MiB aligned, every page touched before the first packet, so that no
 * page fault falls into the packet path. The kernel may decline huge pages; the memory works all the same.
 */
@SuppressWarnings("restricted")
public final class Memory implements AutoCloseable {

    private static final long HUGE_PAGE = 2L << 20;
    private static final long PAGE = 4096;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;

    private Memory(long address, long size) {
        segment = MemorySegment.ofAddress(address)
                .reinterpret(size, arena, unmapped -> SystemCalls.munmap(unmapped.address(), size));
    }

    /**
     * Maps at least {@code bytes} bytes.
     *
     * @param bytes greater than 0; rounded up to a multiple of 2 MiB
     * @throws ErrnoException ENOMEM if the address space or a memory limit is exhausted
     */
    public static Memory map(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("memory size " + bytes + " must be greater than 0");
        }
        long size = Math.ceilDiv(bytes, HUGE_PAGE) * HUGE_PAGE;
        long address = mapAligned(size);
        // Fails where the kernel has no transparent huge pages: normal pages then.
        SystemCalls.madvise(address, size, Abi.MADV_HUGEPAGE);
        Memory memory = new Memory(address, size);
        for (long offset = 0; offset < size; offset += PAGE) {
            memory.segment.set(ValueLayout.JAVA_BYTE, offset, (byte) 0);
        }
        return memory;
    }

    /** Maps one huge page more than asked and gives back what lies before and after the aligned part. */
    private static long mapAligned(long size) {
        long mapped = SystemCalls.mmap(
                0, size + HUGE_PAGE, Abi.PROT_READ | Abi.PROT_WRITE, Abi.MAP_PRIVATE | Abi.MAP_ANONYMOUS, -1, 0);
        if (mapped < 0) {
            throw new ErrnoException(
                    "mmap(" + size + " bytes)", (int) -mapped, "needs that much free memory, or smaller buffers");
        }
        long aligned = Math.ceilDiv(mapped, HUGE_PAGE) * HUGE_PAGE;
        long before = aligned - mapped;
        if (before > 0) {
            SystemCalls.munmap(mapped, before);
        }
        SystemCalls.munmap(aligned + size, HUGE_PAGE - before);
        return aligned;
    }

    /** The first byte's address, a multiple of 2 MiB. */
    public long address() {
        return segment.address();
    }

    /** Bytes mapped, a multiple of 2 MiB. */
    public long size() {
        return segment.byteSize();
    }

    /** All of the memory, for any thread; an access after {@link #close} throws. */
    public MemorySegment segment() {
        return segment;
    }

    /** Unmaps. Nothing may use {@link #address} any more, the kernel in an unfinished system call included. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
