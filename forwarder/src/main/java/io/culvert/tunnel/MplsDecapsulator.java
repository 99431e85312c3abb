package io.culvert.tunnel;

import io.culvert.wire.EtherType;

/** Takes off the outer header of MPLS in IP, RFC 4023. The protocol does not tell multicast: as in Linux it is unicast. */
final class MplsDecapsulator implements Decapsulator {

    private final boolean ipv6;

    /** @param ipv6 whether the outer header is IPv6 */
    MplsDecapsulator(boolean ipv6) {
        this.ipv6 = ipv6;
    }

    @Override
    public void decapsulate(Slot slot, TunnelTable table, int outerHeaderLength) {
        if (table.assignMpls(slot, ipv6)) {
            NonIpPacket.accept(slot, outerHeaderLength, EtherType.MPLS);
        }
    }
}
