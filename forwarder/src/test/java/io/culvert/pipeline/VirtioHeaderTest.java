package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.tun.VnetHeader;
import io.culvert.testing.SeededCases;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.SlotMemory;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The header as native-bindings reads and writes it. */
final class VirtioHeaderTest {

    private static final int FRAME = Slot.HEADROOM;
    private static final int TRANSPORT = FRAME + 20;

    private final SlotMemory memory = new SlotMemory();

    private static Slot tcp(Slot slot, int dataOffset) {
        slot.buffer.putByte(TRANSPORT + 12, (byte) (dataOffset << 4 | 0xf));
        slot.checksumPartial = true;
        slot.checksumStart = TRANSPORT;
        slot.checksumOffset = 16;
        return slot;
    }

    private static MemorySegment header(Slot slot, int frame) {
        return MemorySegment.ofArray(SlotMemory.bytes(slot, frame - VirtioHeader.LENGTH, VirtioHeader.LENGTH));
    }

    private static boolean isTouchedOutside(Slot slot, int frame) {
        return !SlotMemory.isUntouched(slot, frame - VirtioHeader.LENGTH);
    }

    @Test
    void saysNothingOfAFinishedPacket() {
        Slot slot = memory.slot(new byte[60]);
        VirtioHeader.store(slot, FRAME);

        assertThat(SlotMemory.bytes(slot, FRAME - VirtioHeader.LENGTH, VirtioHeader.LENGTH))
                .containsOnly(0);
        assertThat(isTouchedOutside(slot, FRAME)).isFalse();
    }

    @Test
    void saysWhatChecksumIsLeft() {
        Slot slot = tcp(memory.slot(new byte[60]), 5);
        VirtioHeader.store(slot, FRAME - 14);
        MemorySegment header = header(slot, FRAME - 14);

        assertThat(VnetHeader.flags(header, 0)).isEqualTo(VnetHeader.NEEDS_CSUM);
        assertThat(VnetHeader.gsoType(header, 0)).isEqualTo(VnetHeader.GSO_NONE);
        assertThat(VnetHeader.headerLength(header, 0)).isZero();
        assertThat(VnetHeader.gsoSize(header, 0)).isZero();
        assertThat(VnetHeader.checksumStart(header, 0)).isEqualTo(34);
        assertThat(VnetHeader.checksumOffset(header, 0)).isEqualTo(16);
        assertThat(isTouchedOutside(slot, FRAME - 14)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1, 5, 40", "4, 8, 52", "0x81, 15, 80", "5, 15, 28"})
    void saysHowASuperPacketIsCut(String type, int dataOffset, int headersLength) {
        Slot slot = tcp(memory.slot(new byte[100]), dataOffset);
        slot.gsoType = Integer.decode(type);
        slot.gsoSize = 1448;
        VirtioHeader.store(slot, FRAME);
        MemorySegment header = header(slot, FRAME);

        assertThat(VnetHeader.flags(header, 0)).isEqualTo(VnetHeader.NEEDS_CSUM);
        assertThat(VnetHeader.gsoType(header, 0)).isEqualTo(Integer.decode(type));
        assertThat(VnetHeader.headerLength(header, 0)).isEqualTo(headersLength);
        assertThat(VnetHeader.gsoSize(header, 0)).isEqualTo(1448);
        assertThat(VnetHeader.checksumStart(header, 0)).isEqualTo(20);
        assertThat(VnetHeader.checksumOffset(header, 0)).isEqualTo(16);
    }

    @Test
    void readsWhatTheKernelSays() {
        Slot slot = memory.slot(new byte[60]);
        byte[] bytes = new byte[VirtioHeader.LENGTH];
        MemorySegment header = MemorySegment.ofArray(bytes);
        VnetHeader.flags(header, 0, VnetHeader.NEEDS_CSUM | VnetHeader.DATA_VALID);
        VnetHeader.gsoType(header, 0, VnetHeader.GSO_TCPV4 | VnetHeader.GSO_ECN);
        VnetHeader.headerLength(header, 0, 54);
        VnetHeader.gsoSize(header, 0, 0xfffe);
        VnetHeader.checksumStart(header, 0, 0xff00);
        VnetHeader.checksumOffset(header, 0, 0x8001);
        slot.buffer.putBytes(FRAME - VirtioHeader.LENGTH, bytes);
        VirtioHeader.load(slot, FRAME - VirtioHeader.LENGTH);

        assertThat(slot.checksumPartial).isTrue();
        assertThat(slot.checksumStart).isEqualTo(FRAME + 0xff00);
        assertThat(slot.checksumOffset).isEqualTo(0x8001);
        assertThat(slot.gsoType).isEqualTo(0x81);
        assertThat(slot.gsoSize).isEqualTo(0xfffe);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, VnetHeader.DATA_VALID, 4, 0xfe})
    void takesNoOtherFlagForAPartialChecksum(int flags) {
        Slot slot = memory.slot(new byte[60]);
        slot.buffer.setMemory(FRAME - VirtioHeader.LENGTH, VirtioHeader.LENGTH, (byte) 0);
        slot.buffer.putByte(FRAME - VirtioHeader.LENGTH, (byte) flags);
        VirtioHeader.load(slot, FRAME - VirtioHeader.LENGTH);

        assertThat(slot.checksumPartial).isFalse();
    }

    @Test
    void readsBackWhatItWroteThoughTheFrameMoves() {
        SeededCases.check(2_000, random -> {
            Slot slot = tcp(memory.slot(new byte[100]), random.nextInt(16));
            slot.checksumPartial = random.nextBoolean();
            slot.gsoType = slot.checksumPartial && random.nextBoolean() ? VnetHeader.GSO_TCPV4 : 0;
            slot.gsoSize = slot.gsoType == 0 ? 0 : random.nextInt(0x10000);
            int gsoType = slot.gsoType;
            int gsoSize = slot.gsoSize;
            boolean partial = slot.checksumPartial;
            int frame = FRAME - random.nextInt(100);
            VirtioHeader.store(slot, frame);
            slot.checksumStart = 0;
            VirtioHeader.load(slot, frame - VirtioHeader.LENGTH);

            assertThat(slot.checksumPartial).isEqualTo(partial);
            assertThat(slot.checksumStart).isEqualTo(partial ? TRANSPORT : frame);
            assertThat(slot.checksumOffset).isEqualTo(partial ? 16 : 0);
            assertThat(slot.gsoType).isEqualTo(gsoType);
            assertThat(slot.gsoSize).isEqualTo(gsoSize);
        });
    }
}
