package io.culvert.pipeline;

import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;

final class FragmentOutput {
    FragmentOutput(OuterEgress egress) {}

    void send(Slot slot) {
        slot.tunnel().encapCounters().dropped(DropReason.TOO_BIG);
    }
}
