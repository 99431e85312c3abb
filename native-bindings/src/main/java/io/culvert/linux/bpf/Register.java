package io.culvert.linux.bpf;

/**
 * The registers of the eBPF machine, 64 bits wide. R0 holds results; R1 to R5 hold a helper's arguments and are lost in a
 * call; R6 to R9 survive calls; R10 points to the end of 512 bytes of stack and cannot be written. A program starts with
 * its context in R1.
 */
public enum Register {
    R0(0),
    R1(1),
    R2(2),
    R3(3),
    R4(4),
    R5(5),
    R6(6),
    R7(7),
    R8(8),
    R9(9),
    R10(10);

    private final int number;

    Register(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
