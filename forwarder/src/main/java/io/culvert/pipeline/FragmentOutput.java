package io.culvert.pipeline;

import io.culvert.fragment.Ipv4Fragmenter;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.PartialChecksum;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.Verdict;

/**
 * Sends an inner packet that the path does not take in fragments, each encapsulated: the receiver of the inner packet
 * reassembles, so the tunnel's other end need not. The egress stage's thread.
 */
final class FragmentOutput implements AutoCloseable {

    private static final int SCRATCH_SLOTS = 16;

    private final OuterEgress egress;
    private final SlotPool scratch = new SlotPool(SCRATCH_SLOTS);
    private final Ipv4Fragmenter fragmenter = new Ipv4Fragmenter();
    private final EncapStage encap = new EncapStage();

    FragmentOutput(OuterEgress egress) {
        this.egress = egress;
    }

    /** Most outer packets that an inner packet of that length may take. */
    static int count(int length, int innerMtu) {
        int unit = Math.max(Long.BYTES, (innerMtu - 60) & -Long.BYTES);
        return 2 + length / unit;
    }

    void send(Slot slot) {
        Tunnel tunnel = slot.tunnel();
        PartialChecksum.complete(slot);
        int mtu = slot.outerHeader().innerMtu();
        int count = fragmenter.start(slot.buffer, slot.offset, slot.length, mtu);
        // More than at ingress, if the route has changed since: for these no numbers were taken, and none may be used
        // twice.
        if (count == 0 || count > slot.segments) {
            tunnel.encapCounters().dropped(DropReason.TOO_BIG);
            return;
        }
        for (int i = 0; i < count; i++) {
            if (i % SCRATCH_SLOTS == 0) {
                egress.flush();
            }
            Slot fragment = scratch.get(i);
            fragment.received(slot.table, fragmenter.next(fragment.buffer, Slot.HEADROOM));
            fragment.tunnel = tunnel;
            fragment.fragmentOf = slot;
            fragment.isLast = i == count - 1;
            fragment.identification = slot.identification + i;
            fragment.espSequence = slot.espSequence + i;
            encap.process(fragment);
            if (fragment.verdict != Verdict.FORWARD) {
                // The route changed since the packet was found too big: the fragments already queued go their way.
                boolean isDropped = fragment.verdict == Verdict.DROP;
                tunnel.encapCounters().dropped(isDropped ? fragment.dropReason : DropReason.TOO_BIG);
                return;
            }
            egress.queue(fragment);
        }
        egress.flush();
    }

    @Override
    public void close() {
        scratch.close();
    }
}
