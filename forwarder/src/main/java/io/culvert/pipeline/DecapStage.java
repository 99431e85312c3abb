package io.culvert.pipeline;

import io.culvert.tunnel.Decapsulation;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Malformed;

/**
 * The decapsulation path's process stage. What happens to an outer packet, after {@link OuterIngress} received it and
 * before {@link TunEgress} writes it:
 *
 * <ol>
 *   <li>{@link #process}: the outer header is checked, link padding behind the packet is cut off
 *   <li>{@link Decapsulation#decapsulate}: the outer protocol's class finds the tunnel, checks key, checksum and
 *       sequence number as configured, and then the inner packet: version, lengths, addresses, TTL, ECN
 *   <li>the slot's offset now is the inner packet's, and nothing was copied
 * </ol>
 */
final class DecapStage implements ProcessStage {

    private final Ipv6Flyweight outerIpv6 = new Ipv6Flyweight();
    private final Ipv4Flyweight outer = new Ipv4Flyweight();

    private final int worker = WorkerNumbers.next();

    @Override
    public void process(Slot slot) {
        slot.worker = worker;
        if (slot.length > 0 && (slot.buffer.getByte(slot.offset) & 0xf0) == 0x60) {
            processIpv6(slot);
        } else {
            processIpv4(slot);
        }
    }

    private void processIpv4(Slot slot) {
        if (Ipv4Flyweight.validate(slot.buffer, slot.offset, slot.length) != Malformed.NONE) {
            slot.drop(DropReason.OUTER_MALFORMED);
            return;
        }
        outer.wrap(slot.buffer, slot.offset);
        if (outer.isFragment()) {
            slot.drop(DropReason.OUTER_FRAGMENT);
        } else if (!slot.raw && !outer.isChecksumValid()) {
            slot.drop(DropReason.OUTER_CHECKSUM);
        } else {
            slot.length = outer.totalLength();
            Decapsulation.decapsulate(slot);
        }
    }

    private void processIpv6(Slot slot) {
        if (Ipv6Flyweight.validate(slot.buffer, slot.offset, slot.length) != Malformed.NONE) {
            slot.drop(DropReason.OUTER_MALFORMED);
            return;
        }
        slot.length = outerIpv6.wrap(slot.buffer, slot.offset).totalLength();
        Decapsulation.decapsulateIpv6(slot);
    }
}
