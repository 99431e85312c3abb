package io.culvert.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Waits for many descriptors at once, level triggered but where {@link #EDGE} is asked for. {@link #add} and {@link #remove} are for any thread;
 * {@link #await} and what it found are for one thread at a time.
 */
public final class Epoll implements AutoCloseable {

    /** Something can be read. */
    public static final int IN = Abi.EPOLLIN;
    /** Something can be written. */
    public static final int OUT = Abi.EPOLLOUT;
    /**
     * Reports what is ready once, and again only after something happened at the descriptor: for one that stays ready, such
     * as a terminal that hung up. Or it into the events of {@link #add}.
     */
    public static final int EDGE = (int) Abi.EPOLLET;
    /** The descriptor is in error, such as a TUN device that was deleted. Reported whether asked for or not. */
    public static final int ERR = Abi.EPOLLERR;
    /** The other end hung up. Reported whether asked for or not. */
    public static final int HUP = Abi.EPOLLHUP;

    // struct epoll_event is packed on x86-64 alone.
    private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
    static final int EVENT_SIZE = PACKED ? 12 : 16;
    static final int EVENT_EVENTS = 0;
    static final int EVENT_DATA = PACKED ? 4 : 8;

    private final FileDescriptor descriptor;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment found;
    private final MemorySegment again;
    private final int capacity;

    private Epoll(FileDescriptor descriptor, int capacity) {
        this.descriptor = descriptor;
        this.capacity = capacity;
        found = arena.allocate((long) capacity * EVENT_SIZE, 8);
        again = arena.allocate(EVENT_SIZE, 8);
    }

    /**
     * Opens an instance that watches nothing yet.
     *
     * @param capacity how many events one {@link #await} returns at most, 1 or more
     */
    public static Epoll open(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("epoll capacity " + capacity + " must be at least 1");
        }
        int fd = ErrnoException.check(SystemCalls.epollCreate(Abi.EPOLL_CLOEXEC), "epoll_create1");
        return new Epoll(new FileDescriptor(fd), capacity);
    }

    /**
     * Watches {@code fd}.
     *
     * @param events {@link #IN} and {@link #OUT}, or 0 for errors only
     * @param token what {@link #token} says of this descriptor's events
     * @throws ErrnoException EEXIST if it is watched already
     */
    public void add(int fd, int events, long token) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment event = call.allocate(EVENT_SIZE, 8);
            event.set(JAVA_INT, EVENT_EVENTS, events);
            event.set(JAVA_LONG_UNALIGNED, EVENT_DATA, token);
            ErrnoException.check(
                    SystemCalls.epollControl(descriptor.fd(), Abi.EPOLL_CTL_ADD, fd, event.address()),
                    "epoll_ctl(EPOLL_CTL_ADD, fd " + fd + ")");
        }
    }

    /**
     * Has a descriptor that is watched for edges reported by the next {@link #await} if it is ready, whatever was reported
     * before. The thread that waits only; allocates nothing.
     *
     * @return 0 or {@code -errno}
     */
    public int report(int fd, int events, long token) {
        again.set(JAVA_INT, EVENT_EVENTS, events);
        again.set(JAVA_LONG_UNALIGNED, EVENT_DATA, token);
        return SystemCalls.epollControl(descriptor.fd(), Abi.EPOLL_CTL_MOD, fd, again.address());
    }

    /**
     * Watches {@code fd} no longer. Closing the descriptor does the same.
     *
     * @throws ErrnoException ENOENT if it is not watched
     */
    public void remove(int fd) {
        ErrnoException.check(
                SystemCalls.epollControl(descriptor.fd(), Abi.EPOLL_CTL_DEL, fd, 0),
                "epoll_ctl(EPOLL_CTL_DEL, fd " + fd + ")");
    }

    /**
     * Waits for events.
     *
     * @param timeoutMillis 0 to look only, -1 to wait for ever
     * @return how many events were found, 0 after the timeout, or {@code -errno}; {@code -EINTR} means to call again
     */
    public int await(int timeoutMillis) {
        return SystemCalls.epollWait(descriptor.fd(), found.address(), capacity, timeoutMillis);
    }

    /** The token of event {@code i} of the last {@link #await}. */
    public long token(int i) {
        return found.get(JAVA_LONG_UNALIGNED, (long) i * EVENT_SIZE + EVENT_DATA);
    }

    /** What happened in event {@code i} of the last {@link #await}: an or of the constants. */
    public int events(int i) {
        return found.get(JAVA_INT, (long) i * EVENT_SIZE + EVENT_EVENTS);
    }

    /** The descriptor, which another instance may watch: it is readable while an event waits. */
    public int fd() {
        return descriptor.fd();
    }

    @Override
    public void close() {
        descriptor.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
