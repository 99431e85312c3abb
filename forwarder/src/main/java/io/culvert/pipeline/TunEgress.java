package io.culvert.pipeline;

import io.culvert.tunnel.Counters;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * The decapsulation path's egress stage: judges sequence numbers, which need the order of arrival, writes inner packets
 * into the TUN devices, and counts.
 */
final class TunEgress implements EgressStage {

    private final PathCounters counters;

    TunEgress(PathCounters counters) {
        this.counters = counters;
    }

    @Override
    public void send(Slot slot) {
        if (slot.verdict == Verdict.IGNORE) {
            return;
        }
        counters.received();
        Counters own = slot.tunnel == null ? counters.withoutTunnel() : slot.tunnel.decapCounters();
        DropReason refusal = slot.verdict == Verdict.DROP ? slot.dropReason : deliver(slot);
        if (refusal == null) {
            own.forwarded(slot.innerLength);
        } else {
            own.dropped(refusal);
        }
    }

    @Override
    public void failed(Slot slot) {
        Counters own = slot.tunnel == null ? counters.withoutTunnel() : slot.tunnel.decapCounters();
        own.dropped(DropReason.INTERNAL);
    }

    private static @Nullable DropReason deliver(Slot slot) {
        if (slot.sequenceChecked && !slot.tunnel().sequenceWindow().accept(slot.sequence)) {
            return DropReason.SEQ_LATE;
        }
        return InnerOutput.write(slot);
    }

    @Override
    public void flush() {
        // A write carries one packet, so nothing is ever queued.
    }
}
