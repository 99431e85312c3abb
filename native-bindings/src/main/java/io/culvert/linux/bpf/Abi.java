package io.culvert.linux.bpf;

/** Numbers of the kernel's interface that this package uses, under their C names. A test compares each with the headers. */
final class Abi {

    static final int BPF_MAP_CREATE = 0;
    static final int BPF_MAP_LOOKUP_ELEM = 1;
    static final int BPF_MAP_UPDATE_ELEM = 2;
    static final int BPF_MAP_DELETE_ELEM = 3;
    static final int BPF_PROG_LOAD = 5;
    static final int BPF_LINK_CREATE = 28;

    static final int BPF_PROG_TYPE_SCHED_CLS = 3;
    static final int BPF_MAP_TYPE_HASH = 1;
    static final int BPF_MAP_TYPE_ARRAY = 2;
    static final int BPF_ANY = 0;
    static final int BPF_OBJ_NAME_LEN = 16;

    static final int BPF_LD = 0x00;
    static final int BPF_LDX = 0x01;
    static final int BPF_ST = 0x02;
    static final int BPF_STX = 0x03;
    static final int BPF_ALU = 0x04;
    static final int BPF_JMP = 0x05;
    static final int BPF_ALU64 = 0x07;

    static final int BPF_B = 0x10;
    static final int BPF_H = 0x08;
    static final int BPF_W = 0x00;
    static final int BPF_DW = 0x18;
    static final int BPF_IMM = 0x00;
    static final int BPF_MEM = 0x60;
    static final int BPF_ATOMIC = 0xc0;

    static final int BPF_K = 0x00;
    static final int BPF_X = 0x08;
    static final int BPF_ADD = 0x00;
    static final int BPF_SUB = 0x10;
    static final int BPF_OR = 0x40;
    static final int BPF_AND = 0x50;
    static final int BPF_LSH = 0x60;
    static final int BPF_RSH = 0x70;
    static final int BPF_XOR = 0xa0;
    static final int BPF_MOV = 0xb0;
    static final int BPF_END = 0xd0;
    static final int BPF_TO_BE = 0x08;

    static final int BPF_JA = 0x00;
    static final int BPF_JEQ = 0x10;
    static final int BPF_JGT = 0x20;
    static final int BPF_JGE = 0x30;
    static final int BPF_JSET = 0x40;
    static final int BPF_JNE = 0x50;
    static final int BPF_JLT = 0xa0;
    static final int BPF_JLE = 0xb0;
    static final int BPF_CALL = 0x80;
    static final int BPF_EXIT = 0x90;

    static final int BPF_PSEUDO_MAP_FD = 1;

    private Abi() {}
}
