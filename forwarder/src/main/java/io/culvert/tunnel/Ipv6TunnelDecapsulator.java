package io.culvert.tunnel;

/** Takes off IPv4 or IPv6 in IPv6, RFC 2473. */
final class Ipv6TunnelDecapsulator implements Decapsulator {

    private final Mode mode;
    private final int innerVersion;

    /** @param mode what the packets are received as; a tunnel of mode any6 takes them too */
    Ipv6TunnelDecapsulator(Mode mode, int innerVersion) {
        this.mode = mode;
        this.innerVersion = innerVersion;
    }

    @Override
    public void decapsulate(Slot slot, TunnelTable table, int outerHeaderLength) {
        if (table.assign(slot, mode, TunnelTable.NO_KEY)) {
            if (slot.raw) {
                PartialChecksum.detect(slot, slot.offset + outerHeaderLength, slot.length - outerHeaderLength);
            }
            InnerPacket.accept(slot, outerHeaderLength, innerVersion);
        }
    }
}
