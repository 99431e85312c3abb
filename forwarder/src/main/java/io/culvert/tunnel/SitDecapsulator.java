package io.culvert.tunnel;

/** Takes off IPv6 in IPv4, RFC 4213. */
final class SitDecapsulator implements Decapsulator {

    @Override
    public void decapsulate(Slot slot, TunnelTable table, int outerHeaderLength) {
        if (table.assign(slot, Mode.SIT, TunnelTable.NO_KEY)) {
            if (slot.raw) {
                PartialChecksum.detect(slot, slot.offset + outerHeaderLength, slot.length - outerHeaderLength);
            }
            InnerPacket.accept(slot, outerHeaderLength, 6);
        }
    }
}
