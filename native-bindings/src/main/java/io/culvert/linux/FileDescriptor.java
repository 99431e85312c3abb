package io.culvert.linux;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * One open file descriptor and the right to close it. Closing again does nothing, so the number, which the kernel may
 * have given to another file by then, is never closed twice.
 *
 * <p>Close it when no thread is inside a system call on it any more.
 */
public final class FileDescriptor implements AutoCloseable {

    private static final int CLOSED = -1;

    private final AtomicInteger fd;

    /** Takes over {@code fd}. */
    public FileDescriptor(int fd) {
        this.fd = new AtomicInteger(fd);
    }

    /** The number, or -1 once closed: a system call on that returns {@code -EBADF}. */
    public int fd() {
        return fd.getPlain();
    }

    @Override
    public void close() {
        int open = fd.getAndSet(CLOSED);
        if (open != CLOSED) {
            SystemCalls.close(open);
        }
    }

    @Override
    public String toString() {
        return "fd " + fd.get();
    }
}
