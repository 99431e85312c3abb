package io.culvert.linux.bpf;

import static io.culvert.linux.bpf.Register.R0;
import static io.culvert.linux.bpf.Register.R1;
import static io.culvert.linux.bpf.Register.R10;
import static io.culvert.linux.bpf.Register.R2;
import static io.culvert.linux.bpf.Register.R6;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.linux.AbiProbe;
import io.culvert.linux.AbiRow;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class BpfAssemblerTest {

    private static final String HEADER = "linux/bpf.h";

    @Test
    void assemblesArithmeticAsTheHeadersDo() {
        List<AbiRow> rows = new ArrayList<>();
        rows.add(same("BPF_ALU64|BPF_MOV|BPF_X, 1, 2, 0, 0", code().mov(R1, R2)));
        rows.add(same("BPF_ALU64|BPF_MOV|BPF_K, 6, 0, 0, -1", code().mov(R6, -1)));
        rows.add(same("BPF_ALU64|BPF_ADD|BPF_X, 1, 2, 0, 0", code().add(R1, R2)));
        rows.add(same("BPF_ALU64|BPF_ADD|BPF_K, 1, 0, 0, 7", code().add(R1, 7)));
        rows.add(same("BPF_ALU64|BPF_SUB|BPF_X, 1, 2, 0, 0", code().sub(R1, R2)));
        rows.add(same("BPF_ALU64|BPF_SUB|BPF_K, 1, 0, 0, 7", code().sub(R1, 7)));
        rows.add(same("BPF_ALU64|BPF_AND|BPF_X, 1, 2, 0, 0", code().and(R1, R2)));
        rows.add(same("BPF_ALU64|BPF_AND|BPF_K, 1, 0, 0, 7", code().and(R1, 7)));
        rows.add(same("BPF_ALU64|BPF_OR|BPF_X, 1, 2, 0, 0", code().or(R1, R2)));
        rows.add(same("BPF_ALU64|BPF_OR|BPF_K, 1, 0, 0, 7", code().or(R1, 7)));
        rows.add(same("BPF_ALU64|BPF_XOR|BPF_X, 1, 2, 0, 0", code().xor(R1, R2)));
        rows.add(same("BPF_ALU64|BPF_XOR|BPF_K, 1, 0, 0, 7", code().xor(R1, 7)));
        rows.add(same("BPF_ALU64|BPF_LSH|BPF_K, 1, 0, 0, 7", code().shiftLeft(R1, 7)));
        rows.add(same("BPF_ALU64|BPF_RSH|BPF_K, 1, 0, 0, 7", code().shiftRight(R1, 7)));
        rows.add(same("BPF_ALU|BPF_END|BPF_TO_BE, 1, 0, 0, 16", code().be16(R1)));
        rows.add(same("BPF_ALU|BPF_END|BPF_TO_BE, 1, 0, 0, 32", code().be32(R1)));
        AbiProbe.verify(rows);
    }

    @Test
    void assemblesMemoryAccessAsTheHeadersDo() {
        List<AbiRow> rows = new ArrayList<>();
        rows.add(same("BPF_LDX|BPF_MEM|BPF_B, 1, 2, 3, 0", code().load8(R1, R2, 3)));
        rows.add(same("BPF_LDX|BPF_MEM|BPF_H, 1, 2, 3, 0", code().load16(R1, R2, 3)));
        rows.add(same("BPF_LDX|BPF_MEM|BPF_W, 1, 2, 3, 0", code().load32(R1, R2, 3)));
        rows.add(same("BPF_LDX|BPF_MEM|BPF_DW, 1, 10, -8, 0", code().load64(R1, R10, -8)));
        rows.add(same("BPF_STX|BPF_MEM|BPF_B, 10, 1, -8, 0", code().store8(R10, -8, R1)));
        rows.add(same("BPF_STX|BPF_MEM|BPF_H, 10, 1, -8, 0", code().store16(R10, -8, R1)));
        rows.add(same("BPF_STX|BPF_MEM|BPF_W, 10, 1, -8, 0", code().store32(R10, -8, R1)));
        rows.add(same("BPF_STX|BPF_MEM|BPF_DW, 10, 1, -8, 0", code().store64(R10, -8, R1)));
        rows.add(same("BPF_ST|BPF_MEM|BPF_B, 10, 0, -8, 5", code().store8(R10, -8, 5)));
        rows.add(same("BPF_ST|BPF_MEM|BPF_H, 10, 0, -8, 5", code().store16(R10, -8, 5)));
        rows.add(same("BPF_ST|BPF_MEM|BPF_W, 10, 0, -8, 5", code().store32(R10, -8, 5)));
        rows.add(same("BPF_ST|BPF_MEM|BPF_DW, 10, 0, -8, 5", code().store64(R10, -8, 5)));
        rows.add(same("BPF_STX|BPF_ATOMIC|BPF_DW, 1, 2, 8, BPF_ADD", code().atomicAdd64(R1, 8, R2)));
        AbiProbe.verify(rows);
    }

    @Test
    void assemblesJumpsAsTheHeadersDo() {
        List<AbiRow> rows = new ArrayList<>();
        rows.add(same("BPF_JMP|BPF_JA, 0, 0, 0, 0", code().jump("l").label("l")));
        rows.add(same(
                "BPF_JMP|BPF_JEQ|BPF_X, 1, 2, 0, 0",
                code().jumpEqual(R1, R2, "l").label("l")));
        rows.add(same(
                "BPF_JMP|BPF_JEQ|BPF_K, 1, 0, 0, 7",
                code().jumpEqual(R1, 7, "l").label("l")));
        rows.add(same(
                "BPF_JMP|BPF_JNE|BPF_X, 1, 2, 0, 0",
                code().jumpNotEqual(R1, R2, "l").label("l")));
        rows.add(same(
                "BPF_JMP|BPF_JNE|BPF_K, 1, 0, 0, 7",
                code().jumpNotEqual(R1, 7, "l").label("l")));
        rows.add(same(
                "BPF_JMP|BPF_JGT|BPF_X, 1, 2, 0, 0",
                code().jumpGreater(R1, R2, "l").label("l")));
        rows.add(same(
                "BPF_JMP|BPF_JGT|BPF_K, 1, 0, 0, 7",
                code().jumpGreater(R1, 7, "l").label("l")));
        rows.add(same(
                "BPF_JMP|BPF_JGE|BPF_X, 1, 2, 0, 0",
                code().jumpGreaterOrEqual(R1, R2, "l").label("l")));
        rows.add(same(
                "BPF_JMP|BPF_JGE|BPF_K, 1, 0, 0, 7",
                code().jumpGreaterOrEqual(R1, 7, "l").label("l")));
        rows.add(same(
                "BPF_JMP|BPF_JLT|BPF_X, 1, 2, 0, 0",
                code().jumpLess(R1, R2, "l").label("l")));
        rows.add(same(
                "BPF_JMP|BPF_JLT|BPF_K, 1, 0, 0, 7", code().jumpLess(R1, 7, "l").label("l")));
        rows.add(same(
                "BPF_JMP|BPF_JLE|BPF_X, 1, 2, 0, 0",
                code().jumpLessOrEqual(R1, R2, "l").label("l")));
        rows.add(same(
                "BPF_JMP|BPF_JLE|BPF_K, 1, 0, 0, 7",
                code().jumpLessOrEqual(R1, 7, "l").label("l")));
        rows.add(same(
                "BPF_JMP|BPF_JSET|BPF_K, 1, 0, 0, 7",
                code().jumpAnySet(R1, 7, "l").label("l")));
        rows.add(same("BPF_JMP|BPF_CALL, 0, 0, 0, BPF_FUNC_skb_load_bytes", code().call(SkBuff.SKB_LOAD_BYTES)));
        rows.add(same("BPF_JMP|BPF_EXIT, 0, 0, 0, 0", code().exit()));
        AbiProbe.verify(rows);
    }

    @Test
    void assemblesWideImmediatesInTwo() {
        String bytes =
                HexFormat.of().formatHex(code().mov64(R1, 0x1122334455667788L).assemble());

        assertThat(bytes).isEqualTo("18010000" + "88776655" + "00000000" + "44332211");
    }

    @Test
    void jumpsOverWhatLiesBetween() {
        String bytes = HexFormat.of()
                .formatHex(code().label("back")
                        .jumpEqual(R0, 0, "forth")
                        .mov(R0, 1)
                        .jump("back")
                        .label("forth")
                        .exit()
                        .assemble());

        assertThat(bytes).isEqualTo("1500020000000000" + "b700000001000000" + "0500fdff00000000" + "9500000000000000");
    }

    @Test
    void growsBeyondItsFirstBuffer() {
        BpfAssembler code = code();
        for (int i = 0; i < 1000; i++) {
            code.mov(R0, i);
        }

        byte[] bytes = code.assemble();

        assertThat(bytes).hasSize(8000);
        ByteBuffer instructions = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        for (int i = 0; i < 1000; i++) {
            assertThat(instructions.getInt(8 * i + 4)).isEqualTo(i);
        }
    }

    @Test
    void refusesLabelsThatAreMissingTwiceOrFar() {
        assertThatThrownBy(() -> code().jump("drop").assemble())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'drop' is missing");
        assertThatThrownBy(() -> code().label("drop").label("drop")).hasMessageContaining("'drop' stands twice");
        BpfAssembler far = code().jump("end");
        for (int i = 0; i < 40_000; i++) {
            far.mov(R0, i);
        }
        assertThatThrownBy(() -> far.label("end").assemble()).hasMessageContaining("40000 instructions away");
    }

    @Test
    void refusesOffsetsThatDoNotFit() {
        assertThatThrownBy(() -> code().load8(R1, R2, 0x8000)).isInstanceOf(IllegalArgumentException.class);
    }

    /** The compiler's {@code struct bpf_insn} against our eight bytes, both read as one number. */
    private static AbiRow same(String instruction, BpfAssembler assembler) {
        long ours = ByteBuffer.wrap(assembler.assemble())
                .order(ByteOrder.nativeOrder())
                .getLong();
        String expression = "((union { struct bpf_insn insn; long long number; }) {{" + instruction + "}}).number";
        return new AbiRow(instruction, expression, List.of(HEADER), ours);
    }

    private static BpfAssembler code() {
        return new BpfAssembler();
    }
}
