package io.culvert.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class MemoryTest {

    private static final long MIB = 1 << 20;
    private static final long PAGE = 4096;
    private static final int SYS_MINCORE = System.getProperty("os.arch").equals("amd64") ? 27 : 232;

    @Test
    void roundsUpToWholeHugePages() {
        try (Memory least = Memory.map(1);
                Memory exact = Memory.map(2 * MIB);
                Memory more = Memory.map(2 * MIB + 1)) {
            assertThat(least.size()).isEqualTo(2 * MIB);
            assertThat(exact.size()).isEqualTo(2 * MIB);
            assertThat(more.size()).isEqualTo(4 * MIB);
            assertThat(more.segment().byteSize()).isEqualTo(4 * MIB);
        }
    }

    @Test
    void isAlignedZeroedAndWritableToItsEnd() {
        try (Memory memory = Memory.map(6 * MIB)) {
            assertThat(memory.address() % (2 * MIB)).isZero();
            assertThat(memory.segment().address()).isEqualTo(memory.address());
            for (long at = 0; at < memory.size(); at += 8) {
                if (memory.segment().get(JAVA_LONG, at) != 0) {
                    throw new AssertionError("not zero at " + at);
                }
            }
            memory.segment().fill((byte) 0x5a);
            assertThat(memory.segment().get(JAVA_BYTE, memory.size() - 1)).isEqualTo((byte) 0x5a);
        }
    }

    @Test
    void isInMemoryBeforeItIsUsed() {
        try (Memory memory = Memory.map(8 * MIB);
                Arena call = Arena.ofConfined()) {
            MemorySegment resident = call.allocate(8 * MIB / PAGE);

            assertThat(mincore(memory.address(), 8 * MIB, resident)).isZero();
            assertThat(resident.toArray(JAVA_BYTE)).containsOnly(1);
        }
    }

    @Test
    void refusesAccessAndCloseOfWhatIsUnmapped() {
        Memory memory = Memory.map(1);
        memory.close();
        memory.close();

        assertThatThrownBy(() -> memory.segment().get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void unmapsWhatItMapped() {
        Memory memory = Memory.map(8 * MIB);
        long address = memory.address();
        memory.close();

        try (Arena call = Arena.ofConfined()) {
            assertThat(mincore(address, 8 * MIB, call.allocate(8 * MIB / PAGE))).isEqualTo(-Errno.ENOMEM);
        }
    }

    @Test
    void refusesWhatCannotBeMapped() {
        assertThatIllegalArgumentException().isThrownBy(() -> Memory.map(0));
        assertThatThrownBy(() -> Memory.map(1L << 50))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("mmap(1125899906842624 bytes): ENOMEM");
    }

    /** mincore(2): a byte for each page, 1 if it is in memory. */
    private static long mincore(long address, long size, MemorySegment resident) {
        return SystemCalls.syscall(SYS_MINCORE, address, size, resident.address());
    }
}
