package io.culvert.pipeline;

import io.culvert.tunnel.Counters;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * The decapsulation path's egress stage: judges sequence numbers, which need the order of arrival, merges what can be
 * merged, writes inner packets into the TUN devices, and counts.
 */
final class TunEgress implements EgressStage, AutoCloseable {

    private final PathCounters counters;
    private final PathErrors errors;
    private final Coalescer coalescer = new Coalescer();
    private final InnerOutput output = new InnerOutput();
    private final OuterReply reply = new OuterReply();

    /** @param errors gets unexpected exceptions */
    TunEgress(PathCounters counters, PathErrors errors) {
        this.counters = counters;
        this.errors = errors;
    }

    @Override
    public void send(Slot slot) {
        if (slot.verdict == Verdict.IGNORE) {
            return;
        }
        counters.received();
        slot.judgeReplay();
        if (slot.verdict == Verdict.DROP) {
            Counters own = slot.tunnel == null ? counters.withoutTunnel() : slot.tunnel.decapCounters();
            own.dropped(slot.dropReason);
        } else if (slot.verdict == Verdict.ANSWER || slot.verdict == Verdict.TAKEN) {
            answer(slot);
        } else if (slot.sequenceChecked && !isInSequence(slot)) {
            slot.tunnel().decapCounters().dropped(DropReason.SEQ_LATE);
        } else {
            coalescer.add(slot);
            if (coalescer.isFull()) {
                flush();
            }
        }
    }

    private boolean isInSequence(Slot slot) {
        Tunnel tunnel = slot.tunnel();
        boolean isAccepted = tunnel.acceptSequence(slot.sequence);
        if (tunnel.call().mustAcknowledge()) {
            reply.acknowledge(tunnel);
        }
        return isAccepted;
    }

    /** A keepalive: the peer's goes back, this end's own has come back. An acknowledgment has been read. */
    private void answer(Slot slot) {
        Tunnel tunnel = slot.tunnel();
        DropReason refusal = null;
        if (slot.verdict == Verdict.TAKEN) {
            tunnel.keepalives().returned();
        } else {
            refusal = reply.send(slot);
        }
        if (refusal == null) {
            tunnel.decapCounters().answered();
        } else {
            tunnel.decapCounters().dropped(refusal);
        }
    }

    @Override
    public void failed(Slot slot) {
        Counters own = slot.tunnel == null ? counters.withoutTunnel() : slot.tunnel.decapCounters();
        own.dropped(DropReason.INTERNAL);
    }

    @Override
    public void flush() {
        for (int i = 0; i < coalescer.count(); i++) {
            MergedPacket packet = coalescer.get(i);
            count(packet, write(packet));
        }
        coalescer.clear();
    }

    private @Nullable DropReason write(MergedPacket packet) {
        try {
            return output.write(packet);
        } catch (RuntimeException e) {
            errors.record(e);
            return DropReason.INTERNAL;
        }
    }

    private static void count(MergedPacket packet, @Nullable DropReason refusal) {
        Counters own = packet.part(0).tunnel().decapCounters();
        for (int i = 0; i < packet.count(); i++) {
            if (refusal == null) {
                own.forwarded(packet.part(i).innerLength);
            } else {
                own.dropped(refusal);
            }
        }
    }

    @Override
    public void close() {
        reply.close();
    }
}
