package io.culvert.tunnel;

import io.culvert.wire.Ecn;
import io.culvert.wire.EthernetFlyweight;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Malformed;

/**
 * The checks that a decapsulated Ethernet frame must pass before it reaches the inside. A network of frames carries more
 * than IP, and what its hosts do with a frame is theirs to check: so the only ones are those of the frame itself, and
 * that the ECN fields of an IP packet in it and of the outer header agree.
 */
final class InnerFrame {

    private InnerFrame() {}

    /**
     * Moves the slot to the inner frame if that is sound; else drops it.
     *
     * @param slot holds the outer packet and its tunnel
     * @param headerLength bytes from the slot's offset to the frame
     */
    static void accept(Slot slot, int headerLength) {
        int offset = slot.offset + headerLength;
        int length = slot.length - headerLength;
        if (EthernetFlyweight.validate(slot.buffer, offset, length) != Malformed.NONE) {
            slot.drop(DropReason.FRAME_MALFORMED);
        } else if (PartialChecksum.isOutside(slot, offset + EthernetFlyweight.HEADER_LENGTH, offset + length)) {
            slot.drop(DropReason.FRAME_MALFORMED);
        } else {
            slot.networkOffset = EthernetFlyweight.ipOffset(slot.buffer, offset, length);
            if (slot.networkOffset != EthernetFlyweight.NO_IP && !takeOverEcn(slot, offset + slot.networkOffset)) {
                slot.drop(DropReason.ECN);
                return;
            }
            slot.offset = offset;
            slot.length = length;
            slot.innerLength = length;
        }
    }

    /** RFC 6040 section 4.2; false if the packet must be dropped. */
    private static boolean takeOverEcn(Slot slot, int ip) {
        boolean ipv4 = (slot.buffer.getByte(ip) & 0xf0) == 0x40;
        Ipv4Flyweight innerIpv4 = slot.innerIpv4.wrap(slot.buffer, ip);
        Ipv6Flyweight innerIpv6 = slot.ipv6.wrap(slot.buffer, ip);
        int tos = ipv4 ? innerIpv4.tos() : innerIpv6.trafficClass();
        int ecn = Ecn.decapsulate(tos & Ecn.MASK, slot.outerTos & Ecn.MASK);
        if (ecn >= 0 && ecn != (tos & Ecn.MASK)) {
            int changed = (tos & ~Ecn.MASK) | ecn;
            if (ipv4) {
                innerIpv4.putTosUpdatingChecksum(changed);
            } else {
                innerIpv6.trafficClass(changed);
            }
        }
        return ecn >= 0;
    }
}
