package io.culvert.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Which processors the calling thread may run on. Processors count from 0, as in {@code /proc/cpuinfo}. */
public final class Cpu {

    /** Bytes of a mask that holds every processor of the largest kernels (NR_CPUS 8192); a shorter one can fail. */
    private static final int MASK_BYTES = 8192 / Byte.SIZE;

    private static final int CALLING_THREAD = 0;
    static final long SYS_GETTID = System.getProperty("os.arch").equals("aarch64") ? 178 : 186;

    private Cpu() {}

    /**
     * Binds the calling thread to one processor.
     *
     * @throws ErrnoException if the thread may not run there
     */
    public static void pin(int cpu) {
        pin(new int[] {cpu});
    }

    /**
     * Binds the calling thread to some processors. Those that it may not use are left out, as long as one remains.
     *
     * @throws ErrnoException if the thread may run on none of them
     * @throws IllegalArgumentException if the array is empty or a number is beyond what Linux can have
     */
    public static void pin(int[] cpus) {
        if (cpus.length == 0) {
            throw new IllegalArgumentException("no processor to bind to");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, Long.BYTES);
            for (int cpu : cpus) {
                if (cpu < 0 || cpu >= MASK_BYTES * Byte.SIZE) {
                    throw new IllegalArgumentException("no processor has the number " + cpu);
                }
                long at = cpu / Byte.SIZE;
                mask.set(JAVA_BYTE, at, (byte) (mask.get(JAVA_BYTE, at) | 1 << cpu % Byte.SIZE));
            }
            int result = SystemCalls.schedSetAffinity(CALLING_THREAD, MASK_BYTES, mask.address());
            if (result < 0) {
                throw new ErrnoException(
                        "sched_setaffinity(" + Arrays.toString(cpus) + ")",
                        -result,
                        "this thread may run on processors " + Arrays.toString(allowed())
                                + "; see taskset -p, AllowedCPUs= and CPUAffinity=");
            }
        }
    }

    /** The processors that the calling thread may run on, ascending. */
    public static int[] allowed() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, Long.BYTES);
            ErrnoException.check(
                    SystemCalls.schedGetAffinity(CALLING_THREAD, MASK_BYTES, mask.address()), "sched_getaffinity");
            int[] cpus = new int[MASK_BYTES * Byte.SIZE];
            int count = 0;
            for (int cpu = 0; cpu < cpus.length; cpu++) {
                if ((mask.get(JAVA_BYTE, cpu / Byte.SIZE) & 1 << cpu % Byte.SIZE) != 0) {
                    cpus[count++] = cpu;
                }
            }
            return Arrays.copyOf(cpus, count);
        }
    }

    /** The kernel's number of the calling thread, as {@code top -H} and {@code /proc/PID/task} show it. */
    public static int threadId() {
        return (int) SystemCalls.syscall(SYS_GETTID, 0, 0, 0);
    }
}
