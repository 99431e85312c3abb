package io.culvert.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Runs code without privileges, within a process that has them. */
public final class Capabilities {

    private static final long SYS_CAPSET = System.getProperty("os.arch").equals("aarch64") ? 91 : 126;
    private static final int LINUX_CAPABILITY_VERSION_3 = 0x20080522;

    private Capabilities() {}

    /** What {@code code} throws in a thread that has no capabilities. */
    public static Throwable thrownWithoutAny(ThrowingCallable code) {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            try {
                dropAll();
                thrown.complete(Assertions.catchThrowable(code));
            } catch (ErrnoException e) {
                thrown.completeExceptionally(e);
            }
        });
        return thrown.join();
    }

    /** capset(2) with empty sets; like all credentials they are the thread's own. */
    private static void dropAll() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(8, Integer.BYTES);
            header.set(JAVA_INT, 0, LINUX_CAPABILITY_VERSION_3);
            MemorySegment none = arena.allocate(24, Integer.BYTES);
            ErrnoException.check(
                    (int) SystemCalls.syscall(SYS_CAPSET, header.address(), none.address(), 0), "capset(none)");
        }
    }
}
