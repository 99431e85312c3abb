package io.culvert.linux.bpf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.FileDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A traffic control program in the kernel (BPF_PROG_TYPE_SCHED_CLS). A link keeps it alive when it is closed. */
public final class BpfProgram implements AutoCloseable {

    /** {@code union bpf_attr} of BPF_PROG_LOAD. */
    static final int PROG_TYPE = 0;

    static final int INSN_CNT = 4;
    static final int INSNS = 8;
    static final int LICENSE = 16;
    static final int LOG_LEVEL = 24;
    static final int LOG_SIZE = 28;
    static final int LOG_BUF = 32;
    static final int PROG_NAME = 48;
    static final int EXPECTED_ATTACH_TYPE = 68;

    private static final int INSTRUCTION_LENGTH = 8;
    private static final int LOG_CAPACITY = 1 << 20;

    /** Not one of the licenses that open the kernel's GPL-only helpers; none of {@link SkBuff}'s is. */
    private static final String DECLARED_LICENSE = "Apache-2.0";

    private final String name;
    private final FileDescriptor descriptor;

    private BpfProgram(String name, int fd) {
        this.name = name;
        this.descriptor = new FileDescriptor(fd);
    }

    /**
     * Has the kernel verify a program and compile it.
     *
     * @param name of letters, digits, underscores and dots, for bpftool; 15 characters count
     * @param attachType where it will be attached: {@link TcxLink#INGRESS} or {@link TcxLink#EGRESS}
     * @throws ErrnoException if the kernel refuses it: with the verifier's log if the program is at fault
     */
    public static BpfProgram load(String name, BpfAssembler assembler, int attachType) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = attributes(arena, name, assembler.assemble(), attachType);
            int fd = BpfCall.bpf(Abi.BPF_PROG_LOAD, attributes);
            if (fd < 0) {
                throw failure(arena, name, attributes, -fd);
            }
            return new BpfProgram(name, fd);
        }
    }

    private static MemorySegment attributes(Arena arena, String name, byte[] code, int attachType) {
        MemorySegment attributes = BpfCall.attributes(arena);
        MemorySegment instructions = arena.allocate(code.length, Long.BYTES).copyFrom(MemorySegment.ofArray(code));
        byte[] shortName = BpfCall.name(name);
        attributes.set(JAVA_INT, PROG_TYPE, Abi.BPF_PROG_TYPE_SCHED_CLS);
        attributes.set(JAVA_INT, INSN_CNT, code.length / INSTRUCTION_LENGTH);
        attributes.set(JAVA_LONG, INSNS, instructions.address());
        attributes.set(JAVA_LONG, LICENSE, arena.allocateFrom(DECLARED_LICENSE).address());
        MemorySegment.copy(shortName, 0, attributes, JAVA_BYTE, PROG_NAME, shortName.length);
        attributes.set(JAVA_INT, EXPECTED_ATTACH_TYPE, attachType);
        return attributes;
    }

    /** Loads once more to get the verifier's log, which the good case does without. */
    private static ErrnoException failure(Arena arena, String name, MemorySegment attributes, int errno) {
        String call = "bpf(BPF_PROG_LOAD, " + name + ")";
        String remedy = BpfCall.remedy(errno);
        if (!remedy.isEmpty()) {
            return new ErrnoException(call, errno, remedy);
        }
        MemorySegment log = arena.allocate(LOG_CAPACITY);
        attributes.set(JAVA_INT, LOG_LEVEL, 1);
        attributes.set(JAVA_INT, LOG_SIZE, LOG_CAPACITY);
        attributes.set(JAVA_LONG, LOG_BUF, log.address());
        int again = BpfCall.bpf(Abi.BPF_PROG_LOAD, attributes);
        if (again >= 0) {
            new FileDescriptor(again).close();
            return new ErrnoException(call, errno, "accepted when tried once more");
        }
        String text = log.getString(0).strip();
        if (text.isEmpty()) {
            return new ErrnoException(
                    call, errno, "the kernel does not know this kind of program: tcx needs Linux 6.6");
        }
        return new ErrnoException(call, errno, "the verifier refuses the program:\n" + text);
    }

    String name() {
        return name;
    }

    int fd() {
        return descriptor.fd();
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
