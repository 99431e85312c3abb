package io.culvert.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * System calls as libc has them. Each returns what the call returned if that is not negative, else {@code -errno}; none
 * throws. Pointers are addresses in a {@code long}: the caller owns the memory and keeps it alive for the call.
 *
 * <p>Any thread may call; each thread has its own errno segment, made at its first call.
 *
 * <p>The JDK cuts a slice, an object of 40 bytes, from that segment for each call. The optimizing compiler removes it if it inlines
 * all that touches it. Options of the JVM see to that ({@code quiet} keeps the JVM from printing them):
 *
 * <ul>
 *   <li>{@code -XX:CompileCommand=dontinline,io.culvert.linux.SystemCalls::*} compiles every call by itself, as the compiler gives
 *       up half-way in a large method;
 *   <li>{@code inline} for {@code AbstractMemorySegmentImpl::*} and {@code SharedUtils::checkNative}: the latter has 38 bytes, where
 *       only 35 are inlined if the JVM has not counted yet how often a call is made. Compiled without them a call makes the object
 *       for ever;
 *   <li>{@code CompileThresholdScaling} of 0.05 for this class: until a call is compiled, after some hundred times, it makes the object too.
 * </ul>
 */
@SuppressWarnings("restricted")
public final class SystemCalls {

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final ThreadLocal<MemorySegment> CAPTURED =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

    private static final MethodHandle OPEN = variadic("open", 2, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = fixed("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle READ = fixed("read", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle WRITE = fixed("write", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle READV = fixed("readv", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle WRITEV = fixed("writev", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle IOCTL = variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FCNTL = variadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle SOCKET = fixed("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = fixed("bind", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle CONNECT = fixed("connect", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle GETSOCKNAME = fixed("getsockname", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SETSOCKOPT =
            fixed("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle GETSOCKOPT =
            fixed("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SENDTO =
            fixed("sendto", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECVFROM =
            fixed("recvfrom", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle RECVMSG = fixed("recvmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SENDMMSG = fixed("sendmmsg", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle RECVMMSG =
            fixed("recvmmsg", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle EPOLL_CREATE1 = fixed("epoll_create1", JAVA_INT, JAVA_INT);
    private static final MethodHandle EPOLL_CTL = fixed("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle EPOLL_WAIT =
            fixed("epoll_wait", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle POLL = fixed("poll", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle EVENTFD = fixed("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle MMAP =
            fixed("mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle MUNMAP = fixed("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MADVISE = fixed("madvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SETNS = fixed("setns", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SCHED_SETAFFINITY =
            fixed("sched_setaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SCHED_GETAFFINITY =
            fixed("sched_getaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SYSCALL3 =
            variadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private SystemCalls() {}

    /** open(2); {@code path} is the address of a zero-terminated string. */
    public static int open(long path, int flags, int mode) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) OPEN.invokeExact(captured, path, flags, mode), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** close(2). */
    public static int close(int fd) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) CLOSE.invokeExact(captured, fd), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** read(2). */
    public static int read(int fd, long address, int length) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((long) READ.invokeExact(captured, fd, address, (long) length), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** write(2). */
    public static int write(int fd, long address, int length) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((long) WRITE.invokeExact(captured, fd, address, (long) length), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** readv(2); {@code iovecs} is an array of {@code struct iovec}. */
    public static int readv(int fd, long iovecs, int count) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((long) READV.invokeExact(captured, fd, iovecs, count), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** writev(2); {@code iovecs} is an array of {@code struct iovec}. */
    public static int writev(int fd, long iovecs, int count) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((long) WRITEV.invokeExact(captured, fd, iovecs, count), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** ioctl(2) with a pointer or number as argument. */
    public static int ioctl(int fd, long request, long argument) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) IOCTL.invokeExact(captured, fd, request, argument), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** fcntl(2) with a number as argument. */
    public static int fcntl(int fd, int command, long argument) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) FCNTL.invokeExact(captured, fd, command, argument), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** socket(2). */
    public static int socket(int domain, int type, int protocol) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) SOCKET.invokeExact(captured, domain, type, protocol), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** bind(2). */
    public static int bind(int fd, long socketAddress, int length) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) BIND.invokeExact(captured, fd, socketAddress, length), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** connect(2). */
    public static int connect(int fd, long socketAddress, int length) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) CONNECT.invokeExact(captured, fd, socketAddress, length), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** getsockname(2); {@code length} is the address of a {@code socklen_t}. */
    public static int getsockname(int fd, long socketAddress, long length) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) GETSOCKNAME.invokeExact(captured, fd, socketAddress, length), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** setsockopt(2). */
    public static int setsockopt(int fd, int level, int name, long value, int length) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) SETSOCKOPT.invokeExact(captured, fd, level, name, value, length), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** getsockopt(2); {@code length} is the address of a {@code socklen_t}. */
    public static int getsockopt(int fd, int level, int name, long value, long length) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) GETSOCKOPT.invokeExact(captured, fd, level, name, value, length), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** sendto(2); {@code socketAddress} may be 0. */
    public static int sendto(int fd, long address, int length, int flags, long socketAddress, int addressLength) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked(
                    (long) SENDTO.invokeExact(
                            captured, fd, address, (long) length, flags, socketAddress, addressLength),
                    captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** recvfrom(2); {@code socketAddress} and {@code addressLength} may be 0. */
    public static int recvfrom(int fd, long address, int length, int flags, long socketAddress, long addressLength) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked(
                    (long) RECVFROM.invokeExact(
                            captured, fd, address, (long) length, flags, socketAddress, addressLength),
                    captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** recvmsg(2); {@code message} is a {@code struct msghdr}. */
    public static int recvmsg(int fd, long message, int flags) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((long) RECVMSG.invokeExact(captured, fd, message, flags), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** sendmmsg(2); {@code messages} is an array of {@code struct mmsghdr}. Returns how many were sent. */
    public static int sendmmsg(int fd, long messages, int count, int flags) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) SENDMMSG.invokeExact(captured, fd, messages, count, flags), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** recvmmsg(2) without a timeout; {@code messages} is an array of {@code struct mmsghdr}. */
    public static int recvmmsg(int fd, long messages, int count, int flags) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) RECVMMSG.invokeExact(captured, fd, messages, count, flags, 0L), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** epoll_create1(2). */
    public static int epollCreate(int flags) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) EPOLL_CREATE1.invokeExact(captured, flags), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** epoll_ctl(2). */
    public static int epollControl(int epoll, int operation, int fd, long event) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) EPOLL_CTL.invokeExact(captured, epoll, operation, fd, event), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** epoll_wait(2); {@code timeoutMillis} -1 waits for ever. */
    public static int epollWait(int epoll, long events, int capacity, int timeoutMillis) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) EPOLL_WAIT.invokeExact(captured, epoll, events, capacity, timeoutMillis), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** poll(2); {@code descriptors} is an array of {@code struct pollfd}. */
    public static int poll(long descriptors, int count, int timeoutMillis) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) POLL.invokeExact(captured, descriptors, (long) count, timeoutMillis), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** eventfd(2). */
    public static int eventfd(int initial, int flags) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) EVENTFD.invokeExact(captured, initial, flags), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** mmap(2). User addresses are positive, so a negative result is {@code -errno}. */
    public static long mmap(long address, long length, int protection, int flags, int fd, long offset) {
        try {
            MemorySegment captured = CAPTURED.get();
            long mapped = (long) MMAP.invokeExact(captured, address, length, protection, flags, fd, offset);
            return mapped == -1 ? -errno(captured) : mapped;
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** munmap(2). */
    public static int munmap(long address, long length) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) MUNMAP.invokeExact(captured, address, length), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** madvise(2). */
    public static int madvise(long address, long length, int advice) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) MADVISE.invokeExact(captured, address, length, advice), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** setns(2): moves the calling thread only. */
    public static int setns(int fd, int namespaceType) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) SETNS.invokeExact(captured, fd, namespaceType), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** sched_setaffinity(2); {@code thread} 0 is the calling thread. */
    public static int schedSetAffinity(int thread, long maskBytes, long mask) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) SCHED_SETAFFINITY.invokeExact(captured, thread, maskBytes, mask), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** sched_getaffinity(2); {@code thread} 0 is the calling thread. */
    public static int schedGetAffinity(int thread, long maskBytes, long mask) {
        try {
            MemorySegment captured = CAPTURED.get();
            return checked((int) SCHED_GETAFFINITY.invokeExact(captured, thread, maskBytes, mask), captured);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** syscall(2) with three arguments, for calls that libc does not wrap, such as bpf(2) and gettid(2). */
    public static long syscall(long number, long first, long second, long third) {
        try {
            MemorySegment captured = CAPTURED.get();
            long result = (long) SYSCALL3.invokeExact(captured, number, first, second, third);
            return result < 0 ? -errno(captured) : result;
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    private static int checked(long result, MemorySegment captured) {
        return result >= 0 ? (int) result : -errno(captured);
    }

    private static int errno(MemorySegment captured) {
        return (int) ERRNO.get(captured, 0L);
    }

    private static MethodHandle fixed(String name, MemoryLayout result, MemoryLayout... arguments) {
        return downcall(name, FunctionDescriptor.of(result, arguments), Linker.Option.captureCallState("errno"));
    }

    private static MethodHandle variadic(
            String name, int firstVariadic, MemoryLayout result, MemoryLayout... arguments) {
        return downcall(
                name,
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(firstVariadic));
    }

    private static MethodHandle downcall(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        MemorySegment function = LINKER.defaultLookup().findOrThrow(name);
        return LINKER.downcallHandle(function, descriptor, options);
    }

    private static AssertionError impossible(Throwable cause) {
        return new AssertionError("a native call does not throw", cause);
    }
}
