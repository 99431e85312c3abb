package io.culvert.tunnel;

/** Decapsulation of whatever outer protocol a packet has. Stateless: any worker may call it at any time. */
public final class Decapsulation {

    private Decapsulation() {}

    /**
     * Takes off the outer header of a packet: the slot then holds the inner packet and its tunnel, or the reason why it is
     * dropped.
     *
     * @param slot holds a whole outer IPv4 packet whose header is valid
     */
    public static void decapsulate(Slot slot) {
        slot.ipv4.wrap(slot.buffer, slot.offset);
        slot.outerSource = slot.ipv4.source();
        slot.outerDestination = slot.ipv4.destination();
        slot.outerTos = slot.ipv4.tos();
        Decapsulator decapsulator = ModeRegistry.decapsulator(slot.ipv4.protocol());
        if (decapsulator == null) {
            slot.verdict = Verdict.IGNORE;
        } else {
            decapsulator.decapsulate(slot, slot.table, slot.ipv4.headerLength());
        }
    }
}
