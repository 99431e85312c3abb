package io.culvert.linux;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.function.IntSupplier;

/** Prepares the packet path's system calls in a fresh JVM, and prints a line for each one that allocates all the same. */
final class PathCallsProbe {

    private static final int COUNTED = 10;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private PathCallsProbe() {}

    /** Takes no argument. */
    public static void main(String[] arguments) {
        useHeapSegments();
        PathCalls.prepare(THREADS::getCurrentThreadAllocatedBytes);

        report("epoll_wait", () -> SystemCalls.epollWait(-1, 0, 1, 0));
        report("poll", () -> SystemCalls.poll(0, 0, 0));
        report("read", () -> SystemCalls.read(-1, 0, 0));
        report("write", () -> SystemCalls.write(-1, 0, 0));
        report("writev", () -> SystemCalls.writev(-1, 0, 0));
        report("recvfrom", () -> SystemCalls.recvfrom(-1, 0, 0, 0, 0, 0));
        report("recvmmsg", () -> SystemCalls.recvmmsg(-1, 0, 0, 0));
        report("sendmmsg", () -> SystemCalls.sendmmsg(-1, 0, 0, 0));
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

    private static void report(String name, IntSupplier call) {
        call.getAsInt(); // the lambda expression's own
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < COUNTED; i++) {
            call.getAsInt();
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        if (allocated > 0) {
            System.out.println(name + ": " + (double) allocated / COUNTED + " bytes a call");
        }
    }
}
