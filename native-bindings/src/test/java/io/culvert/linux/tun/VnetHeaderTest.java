package io.culvert.linux.tun;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Where each field is, AbiProbe asks the headers; here, that accessors use their own field and no other's bytes. */
class VnetHeaderTest {

    private static final int AT = 3;
    private final MemorySegment memory = MemorySegment.ofArray(new byte[AT + VnetHeader.LENGTH + 1]);

    @Test
    void keepsEachFieldApart() {
        VnetHeader.flags(memory, AT, 0xf1);
        VnetHeader.gsoType(memory, AT, VnetHeader.GSO_TCPV4 | VnetHeader.GSO_ECN);
        VnetHeader.headerLength(memory, AT, 0xf002);
        VnetHeader.gsoSize(memory, AT, 0xf003);
        VnetHeader.checksumStart(memory, AT, 0xf004);
        VnetHeader.checksumOffset(memory, AT, 0xf005);

        assertThat(VnetHeader.flags(memory, AT)).isEqualTo(0xf1);
        assertThat(VnetHeader.gsoType(memory, AT)).isEqualTo(0x81);
        assertThat(VnetHeader.headerLength(memory, AT)).isEqualTo(0xf002);
        assertThat(VnetHeader.gsoSize(memory, AT)).isEqualTo(0xf003);
        assertThat(VnetHeader.checksumStart(memory, AT)).isEqualTo(0xf004);
        assertThat(VnetHeader.checksumOffset(memory, AT)).isEqualTo(0xf005);
        assertThat(memory.get(JAVA_BYTE, AT - 1)).isZero();
        assertThat(memory.get(JAVA_BYTE, AT + VnetHeader.LENGTH)).isZero();
    }

    @Test
    void clearsTheHeaderAndNoMore() {
        memory.fill((byte) 0x77);

        VnetHeader.clear(memory, AT);

        assertThat(memory.toArray(JAVA_BYTE)).containsExactly(0x77, 0x77, 0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77);
    }
}
