package io.culvert.tunnel;

import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Ipv6Options;

/** Decapsulation of whatever outer protocol a packet has. Stateless: any worker may call it at any time. */
public final class Decapsulation {

    /** Extension headers in front of a tunnelled packet; no honest packet has more. */
    private static final int MAX_EXTENSION_HEADERS = 4;

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

    /**
     * Takes off an outer IPv6 header and its options, as {@link #decapsulate} does.
     *
     * @param slot holds a whole outer IPv6 packet whose header is valid
     */
    public static void decapsulateIpv6(Slot slot) {
        Ipv6Flyweight outer = slot.ipv6.wrap(slot.buffer, slot.offset);
        slot.outerSource = slot.table.ipv6Address(outer.sourceHigh(), outer.sourceLow());
        slot.outerDestination = slot.table.ipv6Address(outer.destinationHigh(), outer.destinationLow());
        slot.outerTos = outer.trafficClass();
        int protocol = outer.nextHeader();
        int headerLength = Ipv6Flyweight.HEADER_LENGTH;
        for (int i = 0; isOptionsHeader(protocol); i++) {
            int optionsLength =
                    Ipv6Options.validate(slot.buffer, slot.offset + headerLength, slot.length - headerLength);
            boolean isMisplaced = i > 0 && protocol == IpProtocol.HOP_BY_HOP_OPTIONS;
            if (optionsLength < 0 || isMisplaced || i == MAX_EXTENSION_HEADERS) {
                slot.drop(DropReason.OUTER_OPTIONS);
                return;
            }
            protocol = slot.buffer.getByte(slot.offset + headerLength) & 0xff;
            headerLength += optionsLength;
        }
        Decapsulator decapsulator = ModeRegistry.ipv6Decapsulator(protocol);
        if (decapsulator == null) {
            slot.verdict = Verdict.IGNORE;
            return;
        }
        decapsulator.decapsulate(slot, slot.table, headerLength);
        if (slot.verdict == Verdict.FORWARD) {
            finishIpv6(slot);
        }
    }

    private static boolean isOptionsHeader(int protocol) {
        return protocol == IpProtocol.DESTINATION_OPTIONS || protocol == IpProtocol.HOP_BY_HOP_OPTIONS;
    }

    private static void finishIpv6(Slot slot) {
        Tunnel tunnel = slot.tunnel();
        DropReason unusable = tunnel.outerHeader().unusable();
        if (unusable == DropReason.REMOTE_IS_LOCAL || unusable == DropReason.LOCAL_IS_MISSING) {
            slot.drop(unusable);
        } else if (tunnel.spec().ipv6().dscpInherit()) {
            InnerPacket.copyDscp(slot);
        }
    }
}
