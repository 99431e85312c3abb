package io.culvert.tunnel;

import io.culvert.wire.Ecn;
import io.culvert.wire.EthernetFlyweight;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Malformed;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The checks that a decapsulated packet must pass before it reaches the inside, the same for every mode. TUN takes any
 * nonsense, so nothing that fails one of them may be written to it.
 */
final class InnerPacket {

    private static final int IPV4_TTL_OFFSET = 8;

    private InnerPacket() {}

    /**
     * Moves the slot to the inner packet if that is sound; else drops it.
     *
     * <ol>
     *   <li>the version is what the outer header says, the header is whole, the packet is cut to its own length
     *   <li>TTL or hop limit is not 0, RFC 2003 section 3.1
     *   <li>source and destination can be on a network, and the source is the peer's to use
     *   <li>the ECN fields of both headers agree, RFC 6040 section 4.2
     * </ol>
     *
     * @param slot holds the outer packet and its tunnel
     * @param headerLength bytes from the slot's offset to the inner packet
     * @param version IP version that the outer header announces
     */
    static void accept(Slot slot, int headerLength, int version) {
        int offset = slot.offset + headerLength;
        int available = slot.length - headerLength;
        int outerEcn = slot.outerTos & 0x3;
        if (available < 1) {
            slot.drop(DropReason.INNER_MALFORMED);
        } else if ((slot.buffer.getByte(offset) & 0xf0) >> 4 != version) {
            slot.drop(DropReason.INNER_FAMILY);
        } else if (version == 4) {
            acceptIpv4(slot, offset, available, outerEcn);
        } else {
            acceptIpv6(slot, offset, available, outerEcn);
        }
    }

    private static void acceptIpv4(Slot slot, int offset, int available, int outerEcn) {
        UnsafeBuffer buffer = slot.buffer;
        if (Ipv4Flyweight.validate(buffer, offset, available) != Malformed.NONE) {
            slot.drop(DropReason.INNER_MALFORMED);
            return;
        }
        Ipv4Flyweight inner = slot.ipv4.wrap(buffer, offset);
        int source = inner.source();
        if (!inner.isChecksumValid()) {
            slot.drop(DropReason.INNER_CHECKSUM);
        } else if (buffer.getByte(offset + IPV4_TTL_OFFSET) == 0) {
            slot.drop(DropReason.INNER_TTL);
        } else if (Martians.isIpv4Source(source) || Martians.isIpv4Destination(inner.destination())) {
            slot.drop(DropReason.MARTIAN);
        } else if (!slot.tunnel().innerFilter().acceptsIpv4(source)) {
            slot.drop(DropReason.INNER_SOURCE);
        } else {
            int tos = inner.tos();
            int ecn = Ecn.decapsulate(tos & 0x3, outerEcn);
            if (ecn < 0) {
                slot.drop(DropReason.ECN);
                return;
            }
            if (ecn != (tos & 0x3)) {
                inner.putTosUpdatingChecksum((tos & ~0x3) | ecn);
            }
            moveTo(slot, offset, inner.headerLength(), inner.totalLength());
        }
    }

    private static void acceptIpv6(Slot slot, int offset, int available, int outerEcn) {
        UnsafeBuffer buffer = slot.buffer;
        if (Ipv6Flyweight.validate(buffer, offset, available) != Malformed.NONE) {
            slot.drop(DropReason.INNER_MALFORMED);
            return;
        }
        Ipv6Flyweight inner = slot.ipv6.wrap(buffer, offset);
        if (inner.hopLimit() == 0) {
            slot.drop(DropReason.INNER_TTL);
        } else if (Martians.isIpv6Source(inner.sourceHigh(), inner.sourceLow())
                || Martians.isIpv6Destination(inner.destinationHigh(), inner.destinationLow())) {
            slot.drop(DropReason.MARTIAN);
        } else if (!slot.tunnel().innerFilter().acceptsIpv6(inner.sourceHigh(), inner.sourceLow())) {
            slot.drop(DropReason.INNER_SOURCE);
        } else {
            int trafficClass = inner.trafficClass();
            int ecn = Ecn.decapsulate(trafficClass & 0x3, outerEcn);
            if (ecn < 0) {
                slot.drop(DropReason.ECN);
                return;
            }
            if (ecn != (trafficClass & 0x3)) {
                inner.trafficClass((trafficClass & ~0x3) | ecn);
            }
            moveTo(slot, offset, Ipv6Flyweight.HEADER_LENGTH, inner.totalLength());
        }
    }

    /** Gives the IP packet in the slot the outer header's DSCP; does nothing to a frame without one. */
    static void copyDscp(Slot slot) {
        if (slot.networkOffset == EthernetFlyweight.NO_IP) {
            return;
        }
        int dscp = slot.outerTos & ~Ecn.MASK;
        int ip = slot.offset + slot.networkOffset;
        if ((slot.buffer.getByte(ip) & 0xf0) == 0x40) {
            Ipv4Flyweight inner = slot.ipv4.wrap(slot.buffer, ip);
            inner.putTosUpdatingChecksum(dscp | (inner.tos() & Ecn.MASK));
        } else {
            Ipv6Flyweight inner = slot.ipv6.wrap(slot.buffer, ip);
            inner.trafficClass(dscp | (inner.trafficClass() & Ecn.MASK));
        }
    }

    private static void moveTo(Slot slot, int offset, int headerLength, int length) {
        if (PartialChecksum.isOutside(slot, offset + headerLength, offset + length)) {
            slot.drop(DropReason.INNER_MALFORMED);
            return;
        }
        slot.offset = offset;
        slot.length = length;
        slot.innerLength = length;
    }
}
