package io.culvert.perf.peer;

import static io.culvert.linux.bpf.SkBuff.BPF_ADJ_ROOM_MAC;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_ENCAP_L3_IPV4;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_FIXED_GSO;

import io.culvert.linux.bpf.BpfAssembler;
import io.culvert.linux.bpf.Register;
import io.culvert.linux.bpf.SkBuff;
import io.culvert.wire.IpProtocol;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/** Programs that put packets behind an outer IPv4 header and take it off again, super-packets whole. */
final class EbpfIpip {

    private static final int LINK_LENGTH = 14;
    private static final int HEADER_LENGTH = 20;
    /** Where the header is on the program's stack, from the frame pointer. */
    private static final int HEADER = -24;

    private static final int TOTAL_LENGTH = 2;
    private static final int TTL = 8;
    private static final int PROTOCOL = 9;
    private static final int CHECKSUM = 10;
    private static final int SOURCE = 12;
    private static final int DESTINATION = 16;
    private static final int VERSION_AND_TOS = 0x4500;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final int TTL_AND_PROTOCOL = 64 << 8 | IpProtocol.IPV4;
    private static final int ETHERTYPE_IPV4 = 0x0800;

    private EbpfIpip() {}

    /** An IPv4 address as a number, the first byte highest. */
    static int number(String address) {
        return ByteBuffer.wrap(InetAddress.ofLiteral(address).getAddress()).getInt();
    }

    /** For the egress: what goes to {@code inner} gets an outer header. Addresses have the first byte highest. */
    static BpfAssembler encapsulate(int outerSource, int outerDestination, int inner) {
        BpfAssembler program = new BpfAssembler();
        loadHeader(program);
        program.load32(Register.R1, Register.R10, HEADER + DESTINATION)
                .be32(Register.R1)
                .mov64(Register.R2, Integer.toUnsignedLong(inner))
                .jumpNotEqual(Register.R1, Register.R2, "next");
        adjustRoom(program, HEADER_LENGTH, BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV4);
        program.jumpNotEqual(Register.R0, 0, "drop")
                .load32(Register.R7, Register.R6, SkBuff.LEN)
                .sub(Register.R7, LINK_LENGTH);
        putHeader(program, outerSource, outerDestination);
        return finish(program.mov(Register.R1, Register.R6)
                .mov(Register.R2, LINK_LENGTH)
                .mov(Register.R3, Register.R10)
                .add(Register.R3, HEADER)
                .mov(Register.R4, HEADER_LENGTH)
                .mov(Register.R5, 0)
                .call(SkBuff.SKB_STORE_BYTES)
                .jumpNotEqual(Register.R0, 0, "drop"));
    }

    /** For the ingress: what comes to {@code outer} behind protocol 4 loses its outer header. */
    static BpfAssembler decapsulate(int outer) {
        BpfAssembler program = new BpfAssembler();
        loadHeader(program);
        program.load8(Register.R1, Register.R10, HEADER + PROTOCOL)
                .jumpNotEqual(Register.R1, IpProtocol.IPV4, "next")
                .load32(Register.R1, Register.R10, HEADER + DESTINATION)
                .be32(Register.R1)
                .mov64(Register.R2, Integer.toUnsignedLong(outer))
                .jumpNotEqual(Register.R1, Register.R2, "next");
        adjustRoom(program, -HEADER_LENGTH, BPF_F_ADJ_ROOM_FIXED_GSO);
        return finish(program.jumpNotEqual(Register.R0, 0, "drop"));
    }

    /** The first 20 bytes of an IPv4 packet to the stack; R6 is the context from then on. */
    private static void loadHeader(BpfAssembler program) {
        program.mov(Register.R6, Register.R1)
                .load32(Register.R0, Register.R6, SkBuff.PROTOCOL)
                .be16(Register.R0)
                .jumpNotEqual(Register.R0, ETHERTYPE_IPV4, "next")
                .mov(Register.R1, Register.R6)
                .mov(Register.R2, LINK_LENGTH)
                .mov(Register.R3, Register.R10)
                .add(Register.R3, HEADER)
                .mov(Register.R4, HEADER_LENGTH)
                .call(SkBuff.SKB_LOAD_BYTES)
                .jumpNotEqual(Register.R0, 0, "next");
    }

    private static void adjustRoom(BpfAssembler program, int bytes, int flags) {
        program.mov(Register.R1, Register.R6)
                .mov(Register.R2, bytes)
                .mov(Register.R3, BPF_ADJ_ROOM_MAC)
                .mov(Register.R4, flags)
                .call(SkBuff.SKB_ADJUST_ROOM);
    }

    /** Builds the outer header on the stack; R7 is its total length. */
    private static void putHeader(BpfAssembler program, int source, int destination) {
        long sum = VERSION_AND_TOS + DONT_FRAGMENT + TTL_AND_PROTOCOL;
        sum += (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff);
        store16(program, 0, VERSION_AND_TOS);
        program.mov(Register.R1, Register.R7)
                .be16(Register.R1)
                .store16(Register.R10, HEADER + TOTAL_LENGTH, Register.R1);
        store16(program, 4, 0);
        store16(program, 6, DONT_FRAGMENT);
        store16(program, TTL, TTL_AND_PROTOCOL);
        store16(program, SOURCE, source >>> 16);
        store16(program, SOURCE + 2, source & 0xffff);
        store16(program, DESTINATION, destination >>> 16);
        store16(program, DESTINATION + 2, destination & 0xffff);
        program.add(Register.R7, (int) sum);
        fold(program);
        fold(program);
        program.xor(Register.R7, 0xffff).be16(Register.R7).store16(Register.R10, HEADER + CHECKSUM, Register.R7);
    }

    private static void store16(BpfAssembler program, int offset, int value) {
        program.mov(Register.R1, value).be16(Register.R1).store16(Register.R10, HEADER + offset, Register.R1);
    }

    /** Adds the carry of a sum in R7. */
    private static void fold(BpfAssembler program) {
        program.mov(Register.R1, Register.R7)
                .shiftRight(Register.R1, 16)
                .and(Register.R7, 0xffff)
                .add(Register.R7, Register.R1);
    }

    private static BpfAssembler finish(BpfAssembler program) {
        return program.label("next")
                .mov(Register.R0, SkBuff.TCX_NEXT)
                .exit()
                .label("drop")
                .mov(Register.R0, SkBuff.TCX_DROP)
                .exit();
    }
}
