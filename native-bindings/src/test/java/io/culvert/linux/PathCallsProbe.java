package io.culvert.linux;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;

/** Prepares the packet path's system calls in a fresh JVM, and prints a line for each one that allocates all the same. */
final class PathCallsProbe {

    private static final int COUNTED = 10;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private PathCallsProbe() {}

    /** Takes no argument. */
    public static void main(String[] arguments) {
        useHeapSegments();
        PathCalls.prepare(THREADS::getCurrentThreadAllocatedBytes);

        for (PathCalls.Call call : PathCalls.Call.values()) {
            report(call);
        }
    }

    /** Segments of other kinds: what the JVM has counted then tells the compiler nothing about those of system calls. */
    private static void useHeapSegments() {
        MemorySegment bytes = MemorySegment.ofArray(new byte[64]);
        MemorySegment longs = MemorySegment.ofArray(new long[8]);
        for (int i = 0; i < 200; i++) {
            bytes.asSlice(i % 8, ValueLayout.JAVA_BYTE).set(ValueLayout.JAVA_BYTE, 0, (byte) i);
            longs.asSlice(8, ValueLayout.JAVA_LONG).set(ValueLayout.JAVA_LONG, 0, i);
        }
    }

    private static void report(PathCalls.Call call) {
        call.make(); // the enumeration's own
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < COUNTED; i++) {
            call.make();
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        if (allocated > 0) {
            System.out.println(call + ": " + (double) allocated / COUNTED + " bytes a call");
        }
    }
}
