package io.culvert.perf.micro;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.culvert.linux.Errno;
import io.culvert.linux.EventFd;
import io.culvert.linux.SystemCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a call out of Java costs, step by step: into a function that does nothing, into the kernel's cheapest call, and
 * into a read that finds nothing, with errno, as the packet path makes it.
 */
@SuppressWarnings("restricted")
public class NativeCallBenchmark extends MicroBenchmark {

    private static final MethodHandle LABS = downcall("labs", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    private static final MethodHandle GETPPID = downcall("getppid", FunctionDescriptor.of(JAVA_INT));

    private final EventFd empty = EventFd.open();
    private final long destination = Arena.global().allocate(JAVA_LONG).address();

    @Setup
    public void check() {
        int result = readNothing();
        if (result != -Errno.EAGAIN) {
            throw new IllegalStateException("read on an empty eventfd returned " + result + ", not -EAGAIN");
        }
    }

    @TearDown
    public void close() {
        empty.close();
    }

    /** labs(3): no system call, so only the way out of Java and back. */
    @Benchmark
    public long callFunction() throws Throwable {
        return (long) LABS.invokeExact(destination);
    }

    /** getppid(2): the least that entering the kernel costs; unlike getpid(2), no libc ever kept its answer. */
    @Benchmark
    public int callKernel() throws Throwable {
        return (int) GETPPID.invokeExact();
    }

    /** read(2) as the ingress stages call it, of a descriptor that has nothing. */
    @Benchmark
    public int readNothing() {
        return SystemCalls.read(empty.fd(), destination, Long.BYTES);
    }

    private static MethodHandle downcall(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }
}
