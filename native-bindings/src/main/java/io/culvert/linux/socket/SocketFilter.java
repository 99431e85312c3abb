package io.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.SystemCalls;
import io.culvert.linux.socket.Structs.SockFilter;
import io.culvert.linux.socket.Structs.SockFprog;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A classic BPF program that decides in the kernel which packets a socket receives. It has one register: loads fill it,
 * jumps compare it as an unsigned number. A load beyond the packet's end refuses the packet.
 *
 * <pre>{@code
 * SocketFilter ipipFromPeer = SocketFilter.builder()
 *         .loadByte(SocketFilter.NETWORK + 9)
 *         .jumpIfNotEqual(4, "refuse")
 *         .loadWord(SocketFilter.NETWORK + 12)
 *         .jumpIfNotEqual(peer, "refuse")
 *         .accept()
 *         .label("refuse")
 *         .refuse()
 *         .build();
 * }</pre>
 */
public final class SocketFilter {

    /** Added to an offset: count from the network header instead of from where the socket's data begins. */
    public static final int NETWORK = Abi.SKF_NET_OFF;

    private final List<Instruction> program;

    private SocketFilter(List<Instruction> program) {
        this.program = program;
    }

    /** Starts an empty program. */
    public static Builder builder() {
        return new Builder();
    }

    /** A program that refuses everything. */
    public static SocketFilter refuseAll() {
        return builder().refuse().build();
    }

    /** How many instructions it has. */
    public int length() {
        return program.size();
    }

    /**
     * Makes socket {@code fd} receive only what the program accepts, in place of an earlier program. What is in its
     * receive buffer stays there.
     */
    public void attach(int fd) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment code = call.allocate((long) program.size() * SockFilter.SIZE, 8);
            for (int i = 0; i < program.size(); i++) {
                program.get(i).write(code, (long) i * SockFilter.SIZE);
            }
            MemorySegment fprog = call.allocate(SockFprog.SIZE, 8);
            fprog.set(JAVA_SHORT, SockFprog.LEN, (short) program.size());
            fprog.set(JAVA_LONG, SockFprog.FILTER, code.address());
            ErrnoException.check(
                    SystemCalls.setsockopt(fd, Abi.SOL_SOCKET, Abi.SO_ATTACH_FILTER, fprog.address(), SockFprog.SIZE),
                    "setsockopt(SO_ATTACH_FILTER, " + program.size() + " instructions)");
        }
    }

    /**
     * Makes socket {@code fd} receive everything again.
     *
     * @throws ErrnoException ENOENT if it has no program
     */
    public static void detach(int fd) {
        try (Arena call = Arena.ofConfined()) {
            // The kernel wants a number here, as for every option, and does not look at it.
            MemorySegment unused = call.allocate(JAVA_INT);
            ErrnoException.check(
                    SystemCalls.setsockopt(fd, Abi.SOL_SOCKET, Abi.SO_DETACH_FILTER, unused.address(), Integer.BYTES),
                    "setsockopt(SO_DETACH_FILTER)");
        }
    }

    /** {@code struct sock_filter}. */
    private record Instruction(int code, int jumpTrue, int jumpFalse, int operand) {

        void write(MemorySegment target, long at) {
            target.set(JAVA_SHORT, at + SockFilter.CODE, (short) code);
            target.set(JAVA_BYTE, at + SockFilter.JT, (byte) jumpTrue);
            target.set(JAVA_BYTE, at + SockFilter.JF, (byte) jumpFalse);
            target.set(JAVA_INT, at + SockFilter.K, operand);
        }
    }

    /** Puts a program together, in order. Labels stand after the jumps to them: classic BPF has no loops. */
    public static final class Builder {

        /** An instruction whose jump targets are still names; null goes on to the next instruction. */
        private record Draft(
                int code,
                int operand,
                @Nullable String ifTrue,
                @Nullable String ifFalse) {}

        private final List<Draft> drafts = new ArrayList<>();
        private final Map<String, Integer> labels = new HashMap<>();

        private Builder() {}

        /** Loads the byte at {@code offset}. */
        public Builder loadByte(int offset) {
            return add(Abi.BPF_LD | Abi.BPF_B | Abi.BPF_ABS, offset);
        }

        /** Loads the big-endian 16-bit number at {@code offset}. */
        public Builder loadHalf(int offset) {
            return add(Abi.BPF_LD | Abi.BPF_H | Abi.BPF_ABS, offset);
        }

        /** Loads the big-endian 32-bit number at {@code offset}. */
        public Builder loadWord(int offset) {
            return add(Abi.BPF_LD | Abi.BPF_W | Abi.BPF_ABS, offset);
        }

        /** Loads into the index register the length of the IPv4 header at {@code offset}, in bytes. */
        public Builder indexByIpv4HeaderLength(int offset) {
            return add(Abi.BPF_LDX | Abi.BPF_B | Abi.BPF_MSH, offset);
        }

        /** Loads the big-endian 16-bit number at {@code offset} plus the index register. */
        public Builder loadHalfIndexed(int offset) {
            return add(Abi.BPF_LD | Abi.BPF_H | Abi.BPF_IND, offset);
        }

        /** Loads whom the frame was for: one of {@link PacketSocket}'s packet types. */
        public Builder loadPacketType() {
            return loadWord(Abi.SKF_AD_OFF + Abi.SKF_AD_PKTTYPE);
        }

        /** Loads the index of the interface. */
        public Builder loadInterface() {
            return loadWord(Abi.SKF_AD_OFF + Abi.SKF_AD_IFINDEX);
        }

        /** Loads the interface's hardware type, such as 1 for Ethernet. */
        public Builder loadHardwareType() {
            return loadWord(Abi.SKF_AD_OFF + Abi.SKF_AD_HATYPE);
        }

        /** Loads the EtherType, that of the packet inside a VLAN tag. */
        public Builder loadEtherType() {
            return loadWord(Abi.SKF_AD_OFF + Abi.SKF_AD_PROTOCOL);
        }

        /** Keeps the bits in {@code mask}. */
        public Builder and(int mask) {
            return add(Abi.BPF_ALU | Abi.BPF_AND | Abi.BPF_K, mask);
        }

        /** Goes to {@code label} if the register is {@code value}. */
        public Builder jumpIfEqual(int value, String label) {
            return jump(Abi.BPF_JEQ, value, label, null);
        }

        /** Goes to {@code label} if the register is not {@code value}. */
        public Builder jumpIfNotEqual(int value, String label) {
            return jump(Abi.BPF_JEQ, value, null, label);
        }

        /** Goes to {@code label} if the register has one of the bits in {@code mask}. */
        public Builder jumpIfAnySet(int mask, String label) {
            return jump(Abi.BPF_JSET, mask, label, null);
        }

        /** Goes to {@code label} if the register has none of the bits in {@code mask}. */
        public Builder jumpIfNoneSet(int mask, String label) {
            return jump(Abi.BPF_JSET, mask, null, label);
        }

        /** Goes to {@code label} if the register is greater than {@code value}, both unsigned. */
        public Builder jumpIfGreater(int value, String label) {
            return jump(Abi.BPF_JGT, value, label, null);
        }

        /** Goes to {@code label}. */
        public Builder jump(String label) {
            drafts.add(new Draft(Abi.BPF_JMP | Abi.BPF_JA, 0, label, null));
            return this;
        }

        /** Names the next instruction. */
        public Builder label(String label) {
            if (labels.put(label, drafts.size()) != null) {
                throw new IllegalArgumentException("label \"" + label + "\" stands twice");
            }
            return this;
        }

        /** The socket receives the packet whole. */
        public Builder accept() {
            return add(Abi.BPF_RET | Abi.BPF_K, -1);
        }

        /** The socket does not receive the packet. */
        public Builder refuse() {
            return add(Abi.BPF_RET | Abi.BPF_K, 0);
        }

        private Builder add(int code, int operand) {
            drafts.add(new Draft(code, operand, null, null));
            return this;
        }

        private Builder jump(int comparison, int value, @Nullable String ifTrue, @Nullable String ifFalse) {
            drafts.add(new Draft(Abi.BPF_JMP | comparison | Abi.BPF_K, value, ifTrue, ifFalse));
            return this;
        }

        /**
         * Resolves the labels.
         *
         * @throws IllegalStateException if a label is missing, stands before its jump, or is farther than a conditional
         *     jump reaches, which is 255 instructions; or if the program is empty or longer than 4096 instructions
         */
        public SocketFilter build() {
            if (drafts.isEmpty() || drafts.size() > Abi.BPF_MAXINSNS) {
                throw new IllegalStateException("a filter has 1 to 4096 instructions, not " + drafts.size());
            }
            List<Instruction> program = new ArrayList<>(drafts.size());
            for (int i = 0; i < drafts.size(); i++) {
                program.add(resolve(drafts.get(i), i));
            }
            return new SocketFilter(List.copyOf(program));
        }

        private Instruction resolve(Draft draft, int position) {
            if (draft.code() == (Abi.BPF_JMP | Abi.BPF_JA)) {
                return new Instruction(draft.code(), 0, 0, distance(draft.ifTrue(), position, Integer.MAX_VALUE));
            }
            return new Instruction(
                    draft.code(),
                    distance(draft.ifTrue(), position, 255),
                    distance(draft.ifFalse(), position, 255),
                    draft.operand());
        }

        private int distance(@Nullable String label, int position, int reach) {
            if (label == null) {
                return 0;
            }
            Integer target = labels.get(label);
            if (target == null || target >= drafts.size()) {
                throw new IllegalStateException("label \"" + label + "\" names no instruction");
            }
            int distance = target - position - 1;
            if (distance < 0 || distance > reach) {
                throw new IllegalStateException("label \"" + label + "\" is " + distance
                        + " instructions after its jump, which reaches 0 to " + reach);
            }
            return distance;
        }
    }
}
