package io.culvert.tunnel;

/** Takes off IPv4 in IPv4, RFC 2003. */
final class IpipDecapsulator implements Decapsulator {

    @Override
    public void decapsulate(Slot slot, TunnelTable table, int outerHeaderLength) {
        if (table.assign(slot, Mode.IPIP, TunnelTable.NO_KEY)) {
            if (slot.raw) {
                PartialChecksum.detect(slot, slot.offset + outerHeaderLength, slot.length - outerHeaderLength);
            }
            InnerPacket.accept(slot, outerHeaderLength, 4);
        }
    }
}
