package io.culvert.linux.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.FileDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A program attached to a device's ingress or egress (tcx, Linux 6.6), after those that are there. Closing detaches it, and
 * so does the end of the process, however it ends.
 */
public final class TcxLink implements AutoCloseable {

    /** Attach type: packets that the device received, before the IP stack sees them (BPF_TCX_INGRESS). */
    public static final int INGRESS = 46;

    /** Attach type: packets that the device is about to send, before its queueing discipline (BPF_TCX_EGRESS). */
    public static final int EGRESS = 47;

    /** {@code union bpf_attr} of BPF_LINK_CREATE. */
    static final int PROG_FD = 0;

    static final int TARGET_IFINDEX = 4;
    static final int ATTACH_TYPE = 8;

    /** Every network namespace has the loopback device under this number. */
    private static final int LOOPBACK_INDEX = 1;

    private final FileDescriptor descriptor;

    private TcxLink(int fd) {
        this.descriptor = new FileDescriptor(fd);
    }

    /**
     * Attaches a program; packets pass through it from then on.
     *
     * @param index the device, in the calling thread's network namespace
     * @param attachType {@link #INGRESS} or {@link #EGRESS}
     * @throws ErrnoException if the kernel refuses, with what it lacks
     */
    public static TcxLink attach(BpfProgram program, int index, int attachType) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = BpfCall.attributes(arena);
            attributes.set(JAVA_INT, PROG_FD, program.fd());
            attributes.set(JAVA_INT, TARGET_IFINDEX, index);
            attributes.set(JAVA_INT, ATTACH_TYPE, attachType);
            int fd = BpfCall.bpf(Abi.BPF_LINK_CREATE, attributes);
            if (fd < 0) {
                String call = "bpf(BPF_LINK_CREATE, " + program.name() + " to the " + side(attachType) + " of device "
                        + index + ")";
                throw new ErrnoException(call, -fd, remedy(-fd));
            }
            return new TcxLink(fd);
        }
    }

    /**
     * Whether this kernel has tcx and lets this process use it, found out by attaching a program that does nothing to the
     * loopback device and detaching it.
     */
    public static boolean isSupported() {
        BpfAssembler doNothing =
                new BpfAssembler().mov(Register.R0, SkBuff.TCX_NEXT).exit();
        try (BpfProgram program = BpfProgram.load("probe", doNothing, EGRESS)) {
            attach(program, LOOPBACK_INDEX, EGRESS).close();
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    private static String side(int attachType) {
        return attachType == INGRESS ? "ingress" : "egress";
    }

    private static String remedy(int errno) {
        return switch (errno) {
            case Errno.EINVAL -> "tcx needs Linux 6.6 with CONFIG_NET_XGRESS";
            case Errno.ENODEV -> "no such device in this network namespace";
            case Errno.EBADF -> "the program is closed";
            default -> BpfCall.remedy(errno);
        };
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
