package io.culvert.linux.bpf;

import io.culvert.linux.Errno;
import io.culvert.linux.SystemCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** bpf(2), and what went wrong with it. */
final class BpfCall {

    /** {@code union bpf_attr} of Linux 6.6 and a little more; the kernel wants what it does not know to be 0. */
    static final int ATTRIBUTE_LENGTH = 128;

    static final long SYS_BPF = System.getProperty("os.arch").equals("aarch64") ? 280 : 321;
    private static final int ENOSYS = 38;

    private BpfCall() {}

    /** Zeroed memory for a command's attributes. */
    static MemorySegment attributes(Arena arena) {
        return arena.allocate(ATTRIBUTE_LENGTH, Long.BYTES);
    }

    /** Returns what bpf(2) does, or {@code -errno}. */
    static int bpf(int command, MemorySegment attributes) {
        return (int) SystemCalls.syscall(SYS_BPF, command, attributes.address(), ATTRIBUTE_LENGTH);
    }

    /** A name as the kernel takes it: cut to 15 characters. */
    static byte[] name(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        return Arrays.copyOf(bytes, Math.min(bytes.length, Abi.BPF_OBJ_NAME_LEN - 1));
    }

    /** What the user can do about an error that any command can meet, empty if it is not one of those. */
    static String remedy(int errno) {
        return switch (errno) {
            case Errno.EPERM ->
                "needs CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN; kernels before 5.11 also count it against"
                        + " LimitMEMLOCK";
            case ENOSYS -> "the kernel has no bpf(2): needs CONFIG_BPF_SYSCALL";
            default -> "";
        };
    }
}
