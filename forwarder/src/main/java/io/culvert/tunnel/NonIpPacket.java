package io.culvert.tunnel;

import io.culvert.wire.EtherType;
import io.culvert.wire.EthernetFlyweight;
import io.culvert.wire.MplsLabelStack;
import org.jspecify.annotations.Nullable;

/**
 * Packets that are neither IP nor a frame: MPLS, RFC 3032, and NHRP, RFC 2332. What is in them is for those who take them;
 * they have no ECN field to take over.
 */
public final class NonIpPacket {

    /** Of NHRP, RFC 2332 section 5.2.1: the fixed part that every packet begins with. */
    private static final int NHRP_FIXED_LENGTH = 20;

    private NonIpPacket() {}

    /** Whether that is a protocol that a tunnel may carry besides IP. */
    static boolean isKnown(int etherType) {
        return isMpls(etherType) || etherType == EtherType.NHRP;
    }

    static boolean isMpls(int etherType) {
        return etherType == EtherType.MPLS || etherType == EtherType.MPLS_MULTICAST;
    }

    /**
     * What is wrong with a slot's packet, in either direction; null if nothing is.
     *
     * @param offset where the packet is
     * @param available bytes of it
     */
    public static @Nullable DropReason refusal(Slot slot, int etherType, int offset, int available) {
        DropReason malformed = isMpls(etherType) ? DropReason.MPLS_MALFORMED : DropReason.NHRP_MALFORMED;
        int least = isMpls(etherType) ? MplsLabelStack.ENTRY_LENGTH : NHRP_FIXED_LENGTH;
        // Nobody makes a super-packet of these, or leaves a checksum outside of them to be finished.
        boolean isUnsound = slot.gsoType != 0 || PartialChecksum.isOutside(slot, offset + least, offset + available);
        if (available < least || isUnsound) {
            return malformed;
        }
        // RFC 3032 section 2.4.2: such a packet has come to its end.
        return isMpls(etherType) && MplsLabelStack.ttl(slot.buffer, offset) == 0 ? DropReason.INNER_TTL : null;
    }

    /**
     * Moves the slot to the packet if that is sound and its tunnel's device takes it; else drops it.
     *
     * @param slot holds the outer packet and its tunnel
     * @param headerLength bytes from the slot's offset to the packet
     */
    static void accept(Slot slot, int headerLength, int etherType) {
        int offset = slot.offset + headerLength;
        int length = slot.length - headerLength;
        DropReason refusal = refusal(slot, etherType, offset, length);
        if (refusal != null) {
            slot.drop(refusal);
        } else if (!slot.tunnel().device().namesProtocols()) {
            slot.drop(DropReason.DEVICE_IP_ONLY);
        } else if (!slot.tunnel().innerFilter().acceptsAny()) {
            // Who sent it cannot be read.
            slot.drop(DropReason.INNER_SOURCE);
        } else {
            slot.etherType = etherType;
            slot.networkOffset = EthernetFlyweight.NO_IP;
            slot.offset = offset;
            slot.length = length;
            slot.innerLength = length;
        }
    }
}
