package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.culvert.tunnel.Slot;
import org.junit.jupiter.api.Test;

final class SlotPoolTest {

    @Test
    void givesSlotsMemoryOfTheirOwn() {
        try (SlotPool pool = new SlotPool(4)) {
            for (int i = 0; i < 4; i++) {
                Slot slot = pool.get(i);
                assertThat(slot.buffer.addressOffset()).isEqualTo(slot.address);
                assertThat(slot.buffer.capacity()).isEqualTo(Slot.STRIDE);
                assertThat((slot.address + Slot.HEADROOM) % 64).isZero();
                slot.buffer.setMemory(0, Slot.STRIDE, (byte) i);
            }
            for (int i = 0; i < 4; i++) {
                assertThat(pool.get(i).buffer.getByte(0)).isEqualTo((byte) i);
                assertThat(pool.get(i).buffer.getByte(Slot.STRIDE - 1)).isEqualTo((byte) i);
            }
        }
    }

    /** A received super-packet fits behind the headroom. */
    @Test
    void hasRoomForTheLargestPacket() {
        assertThat(Slot.STRIDE - Slot.HEADROOM).isGreaterThanOrEqualTo(Slot.MAX_PACKET);
    }

    @Test
    void goesRoundWithTheSequence() {
        try (SlotPool pool = new SlotPool(4)) {
            assertThat(pool.get(4)).isSameAs(pool.get(0));
            assertThat(pool.get(0x1_0000_0003L)).isSameAs(pool.get(3));
            Slots window = new Slots(pool);
            window.base(6);
            assertThat(window.get(0)).isSameAs(pool.get(2));
            assertThat(window.get(3)).isSameAs(pool.get(1));
        }
    }

    @Test
    void refusesACapacityThatTheRingCannotHave() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SlotPool(3))
                .withMessage("3 slots are not a power of two");
    }
}
