package io.culvert.tunnel;

/** Refuses MPLS in IPv4, RFC 4023: a TUN device takes IP packets only. */
final class MplsDecapsulator implements Decapsulator {

    @Override
    public void decapsulate(Slot slot, TunnelTable table, int outerHeaderLength) {
        if (table.assign(slot, Mode.SIT, TunnelTable.NO_KEY)) {
            slot.drop(DropReason.PAYLOAD_MPLS);
        }
    }
}
