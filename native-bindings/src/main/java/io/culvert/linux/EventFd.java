package io.culvert.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;

/** Wakes a thread that waits in {@link Epoll} or {@link Poll}: readable from {@link #signal} until {@link #drain}. */
public final class EventFd implements AutoCloseable {

    private static final long ONE = Arena.global().allocateFrom(JAVA_LONG, 1).address();
    // What drain() reads is of no interest, so all threads read into the same place.
    private static final long SINK = Arena.global().allocate(JAVA_LONG).address();

    private final FileDescriptor descriptor;

    private EventFd(FileDescriptor descriptor) {
        this.descriptor = descriptor;
    }

    /** Opens one that is not signalled. */
    public static EventFd open() {
        int fd = ErrnoException.check(SystemCalls.eventfd(0, Abi.EFD_CLOEXEC | Abi.EFD_NONBLOCK), "eventfd");
        return new EventFd(new FileDescriptor(fd));
    }

    /** The descriptor, to be watched for {@link Epoll#IN}; -1 once closed. */
    public int fd() {
        return descriptor.fd();
    }

    /** Wakes the waiter. Any thread; does nothing if it is signalled already, or closed. */
    public void signal() {
        SystemCalls.write(descriptor.fd(), ONE, Long.BYTES);
    }

    /** Takes the signal back. Any thread; does nothing if it is not signalled. */
    public void drain() {
        SystemCalls.read(descriptor.fd(), SINK, Long.BYTES);
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
