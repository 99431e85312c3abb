package io.culvert.linux.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes eBPF instructions, in the order of the calls. Arithmetic and comparisons are of 64 bits, comparisons unsigned;
 * immediate values of 32 bits are sign-extended. Loads clear the register's upper bits.
 *
 * <pre>
 * byte   0        1           2      4
 *        opcode   src | dst   jump   immediate       src in the upper, dst in the lower four bits;
 *                             or                     a 64-bit immediate takes two instructions
 *                             memory offset
 * </pre>
 */
public final class BpfAssembler {

    private static final int INSTRUCTION_LENGTH = 8;
    private static final int JUMP_OFFSET = 2;

    private final Map<String, Integer> labels = new HashMap<>();
    private final List<Jump> jumps = new ArrayList<>();
    private ByteBuffer code = ByteBuffer.allocate(64 * INSTRUCTION_LENGTH).order(ByteOrder.nativeOrder());

    public BpfAssembler mov(Register to, Register from) {
        return arithmetic(Abi.BPF_MOV, to, from);
    }

    public BpfAssembler mov(Register to, int value) {
        return arithmetic(Abi.BPF_MOV, to, value);
    }

    public BpfAssembler mov64(Register to, long value) {
        return wide(to, 0, value);
    }

    /** Loads a map, for MAP_LOOKUP_ELEM. The map must stay open until the program is loaded. */
    public BpfAssembler loadMap(Register to, BpfMap map) {
        return wide(to, Abi.BPF_PSEUDO_MAP_FD, map.fd());
    }

    public BpfAssembler add(Register to, Register value) {
        return arithmetic(Abi.BPF_ADD, to, value);
    }

    public BpfAssembler add(Register to, int value) {
        return arithmetic(Abi.BPF_ADD, to, value);
    }

    public BpfAssembler sub(Register from, Register value) {
        return arithmetic(Abi.BPF_SUB, from, value);
    }

    public BpfAssembler sub(Register from, int value) {
        return arithmetic(Abi.BPF_SUB, from, value);
    }

    public BpfAssembler and(Register to, Register value) {
        return arithmetic(Abi.BPF_AND, to, value);
    }

    public BpfAssembler and(Register to, int value) {
        return arithmetic(Abi.BPF_AND, to, value);
    }

    public BpfAssembler or(Register to, Register value) {
        return arithmetic(Abi.BPF_OR, to, value);
    }

    public BpfAssembler or(Register to, int value) {
        return arithmetic(Abi.BPF_OR, to, value);
    }

    public BpfAssembler xor(Register to, Register value) {
        return arithmetic(Abi.BPF_XOR, to, value);
    }

    public BpfAssembler xor(Register to, int value) {
        return arithmetic(Abi.BPF_XOR, to, value);
    }

    public BpfAssembler shiftLeft(Register to, int bits) {
        return arithmetic(Abi.BPF_LSH, to, bits);
    }

    /** Shifts zeros in from the left. */
    public BpfAssembler shiftRight(Register to, int bits) {
        return arithmetic(Abi.BPF_RSH, to, bits);
    }

    /** Turns the lower 16 bits from network to host order or back, and clears the others. */
    public BpfAssembler be16(Register register) {
        return emit(Abi.BPF_ALU | Abi.BPF_END | Abi.BPF_TO_BE, register.number(), 0, 0, 16);
    }

    /** Turns the lower 32 bits from network to host order or back, and clears the others. */
    public BpfAssembler be32(Register register) {
        return emit(Abi.BPF_ALU | Abi.BPF_END | Abi.BPF_TO_BE, register.number(), 0, 0, 32);
    }

    public BpfAssembler load8(Register to, Register base, int offset) {
        return load(Abi.BPF_B, to, base, offset);
    }

    public BpfAssembler load16(Register to, Register base, int offset) {
        return load(Abi.BPF_H, to, base, offset);
    }

    public BpfAssembler load32(Register to, Register base, int offset) {
        return load(Abi.BPF_W, to, base, offset);
    }

    public BpfAssembler load64(Register to, Register base, int offset) {
        return load(Abi.BPF_DW, to, base, offset);
    }

    public BpfAssembler store8(Register base, int offset, Register value) {
        return store(Abi.BPF_B, base, offset, value);
    }

    public BpfAssembler store16(Register base, int offset, Register value) {
        return store(Abi.BPF_H, base, offset, value);
    }

    public BpfAssembler store32(Register base, int offset, Register value) {
        return store(Abi.BPF_W, base, offset, value);
    }

    public BpfAssembler store64(Register base, int offset, Register value) {
        return store(Abi.BPF_DW, base, offset, value);
    }

    public BpfAssembler store8(Register base, int offset, int value) {
        return store(Abi.BPF_B, base, offset, value);
    }

    public BpfAssembler store16(Register base, int offset, int value) {
        return store(Abi.BPF_H, base, offset, value);
    }

    public BpfAssembler store32(Register base, int offset, int value) {
        return store(Abi.BPF_W, base, offset, value);
    }

    public BpfAssembler store64(Register base, int offset, int value) {
        return store(Abi.BPF_DW, base, offset, value);
    }

    /** Adds to 64 bits in memory, atomically. */
    public BpfAssembler atomicAdd64(Register base, int offset, Register value) {
        int opcode = Abi.BPF_STX | Abi.BPF_ATOMIC | Abi.BPF_DW;
        return emit(opcode, base.number(), value.number(), offset, Abi.BPF_ADD);
    }

    /** Names the next instruction as a target of jumps before it. */
    public BpfAssembler label(String name) {
        if (labels.put(name, instructions()) != null) {
            throw new IllegalStateException("label '" + name + "' stands twice");
        }
        return this;
    }

    public BpfAssembler jump(String label) {
        return jump(Abi.BPF_JA, Register.R0, 0, label);
    }

    public BpfAssembler jumpEqual(Register left, Register right, String label) {
        return jump(Abi.BPF_JEQ, left, right, label);
    }

    public BpfAssembler jumpEqual(Register left, int right, String label) {
        return jump(Abi.BPF_JEQ, left, right, label);
    }

    public BpfAssembler jumpNotEqual(Register left, Register right, String label) {
        return jump(Abi.BPF_JNE, left, right, label);
    }

    public BpfAssembler jumpNotEqual(Register left, int right, String label) {
        return jump(Abi.BPF_JNE, left, right, label);
    }

    public BpfAssembler jumpGreater(Register left, Register right, String label) {
        return jump(Abi.BPF_JGT, left, right, label);
    }

    public BpfAssembler jumpGreater(Register left, int right, String label) {
        return jump(Abi.BPF_JGT, left, right, label);
    }

    public BpfAssembler jumpGreaterOrEqual(Register left, Register right, String label) {
        return jump(Abi.BPF_JGE, left, right, label);
    }

    public BpfAssembler jumpGreaterOrEqual(Register left, int right, String label) {
        return jump(Abi.BPF_JGE, left, right, label);
    }

    public BpfAssembler jumpLess(Register left, Register right, String label) {
        return jump(Abi.BPF_JLT, left, right, label);
    }

    public BpfAssembler jumpLess(Register left, int right, String label) {
        return jump(Abi.BPF_JLT, left, right, label);
    }

    public BpfAssembler jumpLessOrEqual(Register left, Register right, String label) {
        return jump(Abi.BPF_JLE, left, right, label);
    }

    public BpfAssembler jumpLessOrEqual(Register left, int right, String label) {
        return jump(Abi.BPF_JLE, left, right, label);
    }

    /** Jumps if a bit of the mask is set in the register. */
    public BpfAssembler jumpAnySet(Register register, int mask, String label) {
        return jump(Abi.BPF_JSET, register, mask, label);
    }

    /** Calls a helper function, such as {@link SkBuff#SKB_LOAD_BYTES}. */
    public BpfAssembler call(int helper) {
        return emit(Abi.BPF_JMP | Abi.BPF_CALL, 0, 0, 0, helper);
    }

    /** Ends the program; R0 is its verdict. */
    public BpfAssembler exit() {
        return emit(Abi.BPF_JMP | Abi.BPF_EXIT, 0, 0, 0, 0);
    }

    /**
     * The instructions, in the host's byte order.
     *
     * @throws IllegalStateException if a jump's label is missing or too far away
     */
    public byte[] assemble() {
        for (Jump jump : jumps) {
            Integer target = labels.get(jump.label);
            if (target == null) {
                throw new IllegalStateException("label '" + jump.label + "' is missing");
            }
            int distance = target - jump.instruction - 1;
            if (distance != (short) distance) {
                throw new IllegalStateException("label '" + jump.label + "' is " + distance + " instructions away");
            }
            code.putShort(jump.instruction * INSTRUCTION_LENGTH + JUMP_OFFSET, (short) distance);
        }
        return Arrays.copyOf(code.array(), code.position());
    }

    private int instructions() {
        return code.position() / INSTRUCTION_LENGTH;
    }

    private BpfAssembler arithmetic(int operation, Register to, Register value) {
        return emit(Abi.BPF_ALU64 | Abi.BPF_X | operation, to.number(), value.number(), 0, 0);
    }

    private BpfAssembler arithmetic(int operation, Register to, int value) {
        return emit(Abi.BPF_ALU64 | Abi.BPF_K | operation, to.number(), 0, 0, value);
    }

    private BpfAssembler wide(Register to, int kind, long value) {
        emit(Abi.BPF_LD | Abi.BPF_DW | Abi.BPF_IMM, to.number(), kind, 0, (int) value);
        return emit(0, 0, 0, 0, (int) (value >>> 32));
    }

    private BpfAssembler load(int size, Register to, Register base, int offset) {
        return emit(Abi.BPF_LDX | Abi.BPF_MEM | size, to.number(), base.number(), offset, 0);
    }

    private BpfAssembler store(int size, Register base, int offset, Register value) {
        return emit(Abi.BPF_STX | Abi.BPF_MEM | size, base.number(), value.number(), offset, 0);
    }

    private BpfAssembler store(int size, Register base, int offset, int value) {
        return emit(Abi.BPF_ST | Abi.BPF_MEM | size, base.number(), 0, offset, value);
    }

    private BpfAssembler jump(int condition, Register left, Register right, String label) {
        jumps.add(new Jump(instructions(), label));
        return emit(Abi.BPF_JMP | Abi.BPF_X | condition, left.number(), right.number(), 0, 0);
    }

    private BpfAssembler jump(int condition, Register left, int right, String label) {
        jumps.add(new Jump(instructions(), label));
        return emit(Abi.BPF_JMP | Abi.BPF_K | condition, left.number(), 0, 0, right);
    }

    private BpfAssembler emit(int opcode, int destination, int source, int offset, int immediate) {
        if (offset != (short) offset) {
            throw new IllegalArgumentException("memory offset " + offset + " has more than 16 bits");
        }
        if (code.remaining() < INSTRUCTION_LENGTH) {
            code = ByteBuffer.allocate(2 * code.capacity()).order(code.order()).put(code.flip());
        }
        code.put((byte) opcode)
                .put((byte) (source << 4 | destination))
                .putShort((short) offset)
                .putInt(immediate);
        return this;
    }

    private record Jump(int instruction, String label) {}
}
