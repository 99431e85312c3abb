package io.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.FileDescriptor;
import io.culvert.linux.SystemCalls;
import io.culvert.linux.socket.Structs.SockaddrIn;
import io.culvert.linux.socket.Structs.SockaddrIn6;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteOrder;

/** What the sockets of all families share: one descriptor, options, batches. Errors name the call and the option. */
final class SocketHandle implements AutoCloseable {

    private static final ValueLayout.OfShort BIG_ENDIAN_SHORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    private final FileDescriptor descriptor;

    private SocketHandle(FileDescriptor descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Opens a socket that does not block and that child processes do not inherit.
     *
     * @param what the family and protocol, for the error
     */
    static SocketHandle open(int domain, int type, int protocol, String what) {
        int fd = SystemCalls.socket(domain, type | Abi.SOCK_NONBLOCK | Abi.SOCK_CLOEXEC, protocol);
        if (fd == -Errno.EPERM || fd == -Errno.EACCES) {
            throw new ErrnoException("socket(" + what + ")", -fd, "needs CAP_NET_RAW");
        }
        return new SocketHandle(new FileDescriptor(ErrnoException.check(fd, "socket(" + what + ")")));
    }

    int fd() {
        return descriptor.fd();
    }

    int send(MessageBatch batch, int first, int count) {
        return SystemCalls.sendmmsg(descriptor.fd(), batch.address(first, count), count, Abi.MSG_DONTWAIT);
    }

    int receive(MessageBatch batch, int first, int count) {
        return SystemCalls.recvmmsg(descriptor.fd(), batch.address(first, count), count, Abi.MSG_DONTWAIT);
    }

    void setOption(int level, int option, String name, int value) {
        ErrnoException.check(trySetOption(level, option, value), "setsockopt(" + name + ", " + value + ")");
    }

    void setOption(int level, int option, String name, boolean on) {
        setOption(level, option, name, on ? 1 : 0);
    }

    /** Sets an option whose value is a structure. */
    void setOption(int level, int option, String what, MemorySegment value) {
        ErrnoException.check(
                SystemCalls.setsockopt(descriptor.fd(), level, option, value.address(), (int) value.byteSize()),
                "setsockopt(" + what + ")");
    }

    private int trySetOption(int level, int option, int value) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment memory = call.allocateFrom(JAVA_INT, value);
            return SystemCalls.setsockopt(descriptor.fd(), level, option, memory.address(), Integer.BYTES);
        }
    }

    /** Reads an option into {@code target}, whose size is what the kernel may write. */
    void readOption(int level, int option, String name, MemorySegment target) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment length = call.allocateFrom(JAVA_INT, (int) target.byteSize());
            ErrnoException.check(
                    SystemCalls.getsockopt(descriptor.fd(), level, option, target.address(), length.address()),
                    "getsockopt(" + name + ")");
        }
    }

    int setReceiveBuffer(int bytes) {
        return setBuffer(Abi.SO_RCVBUFFORCE, Abi.SO_RCVBUF, "SO_RCVBUF", bytes);
    }

    int setSendBuffer(int bytes) {
        return setBuffer(Abi.SO_SNDBUFFORCE, Abi.SO_SNDBUF, "SO_SNDBUF", bytes);
    }

    /** The forced option passes over net.core.rmem_max and wmem_max, but needs CAP_NET_ADMIN. */
    private int setBuffer(int forced, int plain, String name, int bytes) {
        if (trySetOption(Abi.SOL_SOCKET, forced, bytes) < 0) {
            setOption(Abi.SOL_SOCKET, plain, name, bytes);
        }
        try (Arena call = Arena.ofConfined()) {
            MemorySegment given = call.allocate(JAVA_INT);
            readOption(Abi.SOL_SOCKET, plain, name, given);
            return given.get(JAVA_INT, 0);
        }
    }

    void bindToDevice(String interfaceName) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment name = call.allocateFrom(interfaceName);
            ErrnoException.check(
                    SystemCalls.setsockopt(descriptor.fd(), Abi.SOL_SOCKET, Abi.SO_BINDTODEVICE, name.address(), (int)
                            name.byteSize()),
                    "setsockopt(SO_BINDTODEVICE, " + interfaceName + ")");
        }
    }

    void bind(InetAddress address, int port) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment name = socketAddress(call, address, port);
            bind(name, address.getHostAddress() + (port == 0 ? "" : " port " + port));
        }
    }

    void bind(MemorySegment socketAddress, String what) {
        ErrnoException.check(
                SystemCalls.bind(descriptor.fd(), socketAddress.address(), (int) socketAddress.byteSize()),
                "bind(" + what + ")");
    }

    private static MemorySegment socketAddress(Arena arena, InetAddress address, int port) {
        if (address instanceof Inet6Address inet6) {
            MemorySegment name = arena.allocate(SockaddrIn6.SIZE, 8);
            name.set(JAVA_SHORT, SockaddrIn6.FAMILY, (short) Abi.AF_INET6);
            name.set(BIG_ENDIAN_SHORT, SockaddrIn6.PORT, (short) port);
            MemorySegment.copy(address.getAddress(), 0, name, ValueLayout.JAVA_BYTE, SockaddrIn6.ADDR, 16);
            name.set(JAVA_INT, SockaddrIn6.SCOPE_ID, inet6.getScopeId());
            return name;
        }
        MemorySegment name = arena.allocate(SockaddrIn.SIZE, 8);
        name.set(JAVA_SHORT, SockaddrIn.FAMILY, (short) Abi.AF_INET);
        name.set(BIG_ENDIAN_SHORT, SockaddrIn.PORT, (short) port);
        MemorySegment.copy(address.getAddress(), 0, name, ValueLayout.JAVA_BYTE, SockaddrIn.ADDR, 4);
        return name;
    }

    /** The local UDP port, IPv4 or IPv6. */
    int localPort() {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment name = call.allocate(SockaddrIn6.SIZE, 8);
            MemorySegment length = call.allocateFrom(JAVA_INT, SockaddrIn6.SIZE);
            ErrnoException.check(
                    SystemCalls.getsockname(descriptor.fd(), name.address(), length.address()), "getsockname");
            return name.get(BIG_ENDIAN_SHORT, SockaddrIn.PORT) & 0xffff;
        }
    }

    /** Packets that did not fit into the receive buffer, since the socket was opened. */
    long receiveDrops() {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment counters = call.allocate(JAVA_INT, Abi.SK_MEMINFO_DROPS + 1);
            readOption(Abi.SOL_SOCKET, Abi.SO_MEMINFO, "SO_MEMINFO", counters);
            return Integer.toUnsignedLong(counters.getAtIndex(JAVA_INT, Abi.SK_MEMINFO_DROPS));
        }
    }

    /** Throws away what is in the error queue, where nothing is copied to: the count is all that is wanted. */
    int drainErrors() {
        int drained = 0;
        while (SystemCalls.recvfrom(descriptor.fd(), 0, 0, Abi.MSG_ERRQUEUE | Abi.MSG_DONTWAIT, 0, 0) >= 0) {
            drained++;
        }
        return drained;
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
