package io.culvert.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.FileDescriptor;
import io.culvert.linux.SystemCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A NETLINK_ROUTE socket in the network namespace of the thread that opens it, with the memory that it sends from and
 * receives into.
 */
final class NetlinkSocket implements AutoCloseable {

    /** {@code struct sockaddr_nl}: u16 family, u16 padding, u32 port, u32 groups. The kernel's port is 0. */
    static final int ADDRESS_LENGTH = 12;

    static final int PORT = 4;
    static final int GROUPS = 8;

    /** The kernel fills datagrams of a dump up to 32 KiB, or one message where that is longer. */
    private static final int RECEIVE_CAPACITY = 64 * 1024;

    private static final int SEND_CAPACITY = 1024;

    /** The kernel answers within the call that asks, so this is long. */
    private static final long ANSWER_SECONDS = 5;

    private final Arena arena = Arena.ofShared();
    private final NetlinkBuffer request = new NetlinkBuffer(arena.allocate(SEND_CAPACITY, Long.BYTES));
    private final MemorySegment received = arena.allocate(RECEIVE_CAPACITY, Long.BYTES);
    private final MemorySegment sender = arena.allocate(ADDRESS_LENGTH, Long.BYTES);
    private final MemorySegment option = arena.allocate(16, Long.BYTES);
    private final FileDescriptor descriptor;

    /**
     * @param flags 0 or SOCK_NONBLOCK
     * @param groups RTMGRP_* to subscribe to
     */
    NetlinkSocket(int flags, int groups) {
        int fd = SystemCalls.socket(Abi.AF_NETLINK, Abi.SOCK_RAW | Abi.SOCK_CLOEXEC | flags, Abi.NETLINK_ROUTE);
        if (fd < 0) {
            arena.close();
            throw new ErrnoException("socket(AF_NETLINK)", -fd, "a service needs RestrictAddressFamilies=AF_NETLINK");
        }
        descriptor = new FileDescriptor(fd);
        // Refinements: what an older kernel does not know of, it does without.
        setOption(Abi.SOL_NETLINK, Abi.NETLINK_CAP_ACK, 1);
        setOption(Abi.SOL_NETLINK, Abi.NETLINK_EXT_ACK, 1);
        setOption(Abi.SOL_NETLINK, Abi.NETLINK_GET_STRICT_CHK, 1);
        setAnswerTimeout();
        sender.fill((byte) 0);
        sender.set(JAVA_SHORT, 0, (short) Abi.AF_NETLINK);
        sender.set(JAVA_INT, GROUPS, groups);
        int bound = SystemCalls.bind(fd, sender.address(), ADDRESS_LENGTH);
        if (bound < 0) {
            close();
            throw new ErrnoException("bind(AF_NETLINK)", -bound);
        }
    }

    /** Sets the receive buffer to {@code bytes}, beyond net.core.rmem_max if the process may. */
    void setReceiveBuffer(int bytes) {
        if (setOption(Abi.SOL_SOCKET, Abi.SO_RCVBUFFORCE, bytes) < 0) {
            setOption(Abi.SOL_SOCKET, Abi.SO_RCVBUF, bytes);
        }
    }

    int fd() {
        return descriptor.fd();
    }

    NetlinkBuffer request() {
        return request;
    }

    /** Sends the request. Returns what send(2) does. */
    int send() {
        return SystemCalls.sendto(descriptor.fd(), request.address(), request.length(), 0, 0, 0);
    }

    /**
     * Receives one datagram from the kernel; what other processes send is skipped.
     *
     * @return its length, 0 if it did not fit and is lost, or {@code -errno}
     */
    int receive() {
        while (true) {
            option.set(JAVA_INT, 0, ADDRESS_LENGTH);
            int length = SystemCalls.recvfrom(
                    descriptor.fd(),
                    received.address(),
                    RECEIVE_CAPACITY,
                    Abi.MSG_TRUNC,
                    sender.address(),
                    option.address());
            if (length == -Errno.EINTR) {
                continue;
            }
            if (length < 0) {
                return length;
            }
            if (sender.get(JAVA_INT, PORT) == 0) {
                return length > RECEIVE_CAPACITY ? 0 : length;
            }
        }
    }

    /** The datagram that was received last. */
    MessageReader messages(int length) {
        return new MessageReader(received.asSlice(0, length));
    }

    private int setOption(int level, int name, int value) {
        option.set(JAVA_INT, 0, value);
        return SystemCalls.setsockopt(descriptor.fd(), level, name, option.address(), Integer.BYTES);
    }

    private void setAnswerTimeout() {
        option.set(JAVA_LONG, 0, ANSWER_SECONDS);
        option.set(JAVA_LONG, Long.BYTES, 0);
        SystemCalls.setsockopt(descriptor.fd(), Abi.SOL_SOCKET, Abi.SO_RCVTIMEO, option.address(), 2 * Long.BYTES);
    }

    @Override
    public void close() {
        descriptor.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
