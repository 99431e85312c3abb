package io.culvert.linux.tun;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.FileDescriptor;
import io.culvert.linux.SystemCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One queue of a TUN or TAP device: what the kernel routes into the interface is read here, what is written here the
 * kernel receives from the interface. Descriptors never block.
 *
 * <p>{@link #read} and {@link #write} may run at the same time in two threads.
 */
public final class TunDevice implements AutoCloseable {

    /** The reader takes packets whose L4 checksum is not filled in. Every other offload needs it. */
    public static final int TUN_F_CSUM = 1;
    /** The reader takes TCP over IPv4 super-packets. */
    public static final int TUN_F_TSO4 = 2;
    /** The reader takes TCP over IPv6 super-packets. */
    public static final int TUN_F_TSO6 = 4;
    /** The reader takes TCP super-packets with CWR set, which is for the first segment only. */
    public static final int TUN_F_TSO_ECN = 8;
    /** The reader takes UDP over IPv4 super-packets. Linux 6.2, and only together with {@link #TUN_F_USO6}. */
    public static final int TUN_F_USO4 = 0x20;
    /** The reader takes UDP over IPv6 super-packets. Linux 6.2, and only together with {@link #TUN_F_USO4}. */
    public static final int TUN_F_USO6 = 0x40;

    private static final String NODE = "/dev/net/tun";

    private final FileDescriptor descriptor;
    private final String name;

    private TunDevice(FileDescriptor descriptor, String name) {
        this.descriptor = descriptor;
        this.name = name;
    }

    /**
     * Makes the device, or attaches to a persistent one of that name, in the calling thread's network namespace. The
     * link is left as it is: a new one is down.
     *
     * @throws ErrnoException naming the device and the remedy
     */
    public static TunDevice open(TunRequest request) {
        FileDescriptor descriptor = openNode();
        try (Arena call = Arena.ofConfined()) {
            MemorySegment ifreq = InterfaceRequest.allocate(call, request.name(), request.flags());
            int result = SystemCalls.ioctl(descriptor.fd(), Abi.TUNSETIFF, ifreq.address());
            if (result < 0) {
                throw refusal(request, -result);
            }
            TunDevice device = new TunDevice(descriptor, InterfaceRequest.name(ifreq));
            if (request.persist()) {
                device.setPersistent(true);
            }
            return device;
        } catch (ErrnoException failed) {
            descriptor.close();
            throw failed;
        }
    }

    private static FileDescriptor openNode() {
        try (Arena arena = Arena.ofConfined()) {
            long path = arena.allocateFrom(NODE).address();
            int fd = SystemCalls.open(path, Abi.O_RDWR | Abi.O_NONBLOCK | Abi.O_CLOEXEC, 0);
            if (fd >= 0) {
                return new FileDescriptor(fd);
            }
            String call = "open(" + NODE + ")";
            throw switch (-fd) {
                case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO ->
                    new ErrnoException(
                            call,
                            -fd,
                            "load the driver with \"modprobe tun\", or create the node with \"mknod " + NODE
                                    + " c 10 200\"");
                case Errno.EACCES, Errno.EPERM ->
                    new ErrnoException(call, -fd, "needs read and write permission, and in a container the device");
                case Errno.EMFILE ->
                    new ErrnoException(
                            call,
                            -fd,
                            "a device takes a file descriptor each: raise the limit with LimitNOFILE= in the service's"
                                    + " unit, or with `ulimit -n` before a start by hand");
                default -> new ErrnoException(call, -fd);
            };
        }
    }

    private static ErrnoException refusal(TunRequest request, int errno) {
        String call = "ioctl(TUNSETIFF, " + request.name() + ")";
        return switch (errno) {
            case Errno.EPERM -> new ErrnoException(call, errno, "needs CAP_NET_ADMIN");
            case Errno.EBUSY -> new ErrnoException(call, errno, "another process holds it");
            case Errno.ENOTTY -> new ErrnoException(call, errno, NODE + " is not character device 10:200");
            case Errno.EINVAL ->
                new ErrnoException(
                        call,
                        errno,
                        "the name is not valid, or an interface of that name exists and is not a "
                                + (request.multiQueue() ? "multi-queue " : "single-queue ")
                                + (request.tap() ? "TAP" : "TUN") + " device: see \"ip -d link show "
                                + request.name() + "\"");
            default -> new ErrnoException(call, errno);
        };
    }

    /** The interface's name as the kernel gave it when it was opened. */
    public String name() {
        return name;
    }

    /** The descriptor, to be watched by {@link io.culvert.linux.Epoll}; -1 once closed. */
    public int fd() {
        return descriptor.fd();
    }

    /**
     * Reads one packet, with its {@link ProtocolHeader} and its {@link VnetHeader} in front if they were asked for.
     *
     * @param address where to
     * @param length how much fits there; what is longer is cut off without a sign
     * @return bytes read, or {@code -errno}: EAGAIN nothing to read, EBADFD the device was deleted
     */
    public int read(long address, int length) {
        return SystemCalls.read(descriptor.fd(), address, length);
    }

    /**
     * Writes one packet, with its {@link ProtocolHeader} and its {@link VnetHeader} in front if they were asked for. The
     * kernel's receive path runs inside the call.
     *
     * @return bytes written, or {@code -errno}: EINVAL no protocol header and not an IP packet, or a wrong header, EIO the
     *     link is down, EBADFD the device was deleted
     */
    public int write(long address, int length) {
        return SystemCalls.write(descriptor.fd(), address, length);
    }

    /**
     * Writes one packet that lies in pieces; as {@link #write} else.
     *
     * @param iovecs {@link io.culvert.linux.IoVectors#address}
     */
    public int writePieces(long iovecs, int count) {
        return SystemCalls.writev(descriptor.fd(), iovecs, count);
    }

    /**
     * Says which super-packets and unfinished checksums the reader understands. Needs a vnet header.
     *
     * @param flags an or of {@code TUN_F_} constants; 0 for plain packets only
     * @throws ErrnoException EINVAL if the kernel does not know one of them
     */
    public void setOffload(int flags) {
        ioctl("TUNSETOFFLOAD", Abi.TUNSETOFFLOAD, flags);
    }

    /** Whether the interface stays when the last descriptor is closed. */
    public void setPersistent(boolean persistent) {
        ioctl("TUNSETPERSIST", Abi.TUNSETPERSIST, persistent ? 1 : 0);
    }

    /**
     * Says whether the interface has a carrier; without one the kernel sends nothing by it. Linux 4.21.
     *
     * @throws ErrnoException EINVAL if the kernel does not know of it
     */
    public void setCarrier(boolean on) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment value = call.allocateFrom(JAVA_INT, on ? 1 : 0);
            ioctl("TUNSETCARRIER", Abi.TUNSETCARRIER, value.address());
        }
    }

    /**
     * Sets the vnet header's length for all queues of the device.
     *
     * @param bytes {@link VnetHeader#LENGTH}, which is the default, or more
     */
    public void setVnetHeaderLength(int bytes) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment value = call.allocateFrom(JAVA_INT, bytes);
            ioctl("TUNSETVNETHDRSZ", Abi.TUNSETVNETHDRSZ, value.address());
        }
    }

    /** Whether this queue of a multi-queue device gets packets to read; a detached one may still write. */
    public void setQueueAttached(boolean attached) {
        try (Arena call = Arena.ofConfined()) {
            int flag = attached ? Abi.IFF_ATTACH_QUEUE : Abi.IFF_DETACH_QUEUE;
            MemorySegment ifreq = InterfaceRequest.allocate(call, "", flag);
            ioctl("TUNSETQUEUE", Abi.TUNSETQUEUE, ifreq.address());
        }
    }

    private void ioctl(String request, long number, long argument) {
        ErrnoException.check(
                SystemCalls.ioctl(descriptor.fd(), number, argument), "ioctl(" + request + ", " + name + ")");
    }

    @Override
    public void close() {
        descriptor.close();
    }

    @Override
    public String toString() {
        return name + " (" + descriptor + ")";
    }
}
