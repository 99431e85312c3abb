package io.culvert.linux.bpf;

import static io.culvert.linux.bpf.Register.R0;
import static io.culvert.linux.bpf.Register.R1;
import static io.culvert.linux.bpf.Register.R10;
import static io.culvert.linux.bpf.Register.R2;
import static io.culvert.linux.bpf.Register.R3;
import static io.culvert.linux.bpf.Register.R6;
import static io.culvert.linux.bpf.Register.R7;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.Privileges;
import io.culvert.linux.RequiresRoot;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

@RequiresRoot
class BpfProgramTest {

    @Test
    void passesTheVerifierOn() {
        Throwable thrown =
                catchThrowable(() -> BpfProgram.load("reads_r7", new BpfAssembler().mov(R0, R7), TcxLink.EGRESS));

        assertThat(thrown)
                .isInstanceOf(ErrnoException.class)
                .hasMessageContainingAll("bpf(BPF_PROG_LOAD, reads_r7)", "the verifier refuses the program");
    }

    /** The kernel's disassembly of what it walked through before it met the mistake at the end. */
    @Test
    void meansWhatTheKernelReads() {
        BpfAssembler code = new BpfAssembler()
                .mov(R6, R1)
                .load32(R2, R6, SkBuff.GSO_SIZE)
                .mov64(R3, 0x1122334455667788L)
                .add(R2, R3)
                .sub(R2, 5)
                .and(R2, 0xff)
                .or(R2, 0x10)
                .xor(R2, R3)
                .shiftLeft(R2, 4)
                .shiftRight(R2, 3)
                .be16(R2)
                .be32(R3)
                .store64(R10, -8, R2)
                .store32(R10, -16, 7)
                .load8(R2, R10, -8)
                .load16(R2, R10, -8)
                .load64(R2, R10, -8)
                .mov(R0, R7)
                .exit();

        Throwable thrown = catchThrowable(() -> BpfProgram.load("disassembled", code, TcxLink.EGRESS));

        assertThat(thrown)
                .hasMessageContainingAll(
                        "r6 = r1",
                        "r2 = *(u32 *)(r6 +176)",
                        "r3 = 0x1122334455667788",
                        "r2 += r3",
                        "r2 -= 5",
                        "r2 &= 255",
                        "r2 |= 16",
                        "r2 ^= r3",
                        "r2 <<= 4",
                        "r2 >>= 3",
                        "r2 = be16 r2",
                        "r3 = be32 r3",
                        "*(u64 *)(r10 -8) = r2",
                        "*(u32 *)(r10 -16) = 7",
                        "r2 = *(u8 *)(r10 -8)",
                        "r2 = *(u16 *)(r10 -8)",
                        "r2 = *(u64 *)(r10 -8)",
                        "R7 !read_ok");
    }

    @Test
    void namesThePrivilegeThatIsMissing() {
        BpfAssembler pass = new BpfAssembler().mov(R0, SkBuff.TCX_NEXT).exit();

        Callable<BpfProgram> load = () -> BpfProgram.load("pass", pass, TcxLink.EGRESS);

        // CAP_SYS_ADMIN stands in for the other two.
        assertThatThrownBy(() -> Privileges.without(
                        Privileges.CAP_SYS_ADMIN, () -> Privileges.without(Privileges.CAP_NET_ADMIN, load)))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContainingAll("EPERM", "needs CAP_BPF and CAP_NET_ADMIN");
    }
}
