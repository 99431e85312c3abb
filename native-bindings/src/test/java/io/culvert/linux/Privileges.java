package io.culvert.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Runs code with less power than root has. */
public final class Privileges {

    public static final int CAP_NET_ADMIN = 12;
    public static final int CAP_NET_RAW = 13;
    public static final int CAP_SYS_ADMIN = 21;
    public static final int CAP_BPF = 39;

    private static final boolean X86 = System.getProperty("os.arch").equals("amd64");
    private static final int SYS_CAPGET = X86 ? 125 : 90;
    private static final int SYS_CAPSET = X86 ? 126 : 91;
    private static final int VERSION_3 = 0x20080522;

    private Privileges() {}

    /** Runs {@code work} in a thread of its own, in this thread's namespaces, without one capability. */
    public static <T> T without(int capability, Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                drop(capability);
                result.complete(work.call());
            } catch (Throwable t) {
                result.completeExceptionally(t);
            }
        });
        thread.start();
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw e;
        }
    }

    /** Linux gives each thread capabilities of its own; the data is twice effective, permitted and inheritable words. */
    private static void drop(int capability) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment header = call.allocateFrom(JAVA_INT, VERSION_3, 0);
            MemorySegment data = call.allocate(JAVA_INT, 6);
            check(SystemCalls.syscall(SYS_CAPGET, header.address(), data.address(), 0), "capget");
            long effective = capability / Integer.SIZE * 3L;
            int others = ~(1 << capability % Integer.SIZE);
            data.setAtIndex(JAVA_INT, effective, data.getAtIndex(JAVA_INT, effective) & others);
            check(SystemCalls.syscall(SYS_CAPSET, header.address(), data.address(), 0), "capset");
        }
    }

    private static void check(long result, String call) {
        ErrnoException.check((int) result, call);
    }
}
