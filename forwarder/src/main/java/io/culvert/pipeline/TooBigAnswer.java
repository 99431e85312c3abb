package io.culvert.pipeline;

import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;

final class TooBigAnswer {
    void answer(Slot slot, int innerMtu) {
        slot.drop(DropReason.TOO_BIG);
    }
}
