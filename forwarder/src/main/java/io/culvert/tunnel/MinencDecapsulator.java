package io.culvert.tunnel;

import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Malformed;
import io.culvert.wire.MinimalEncapsulationFlyweight;

/** Takes off minimal encapsulation, RFC 2004: puts the original addresses back and moves the header over the shim. */
final class MinencDecapsulator implements Decapsulator {

    @Override
    public void decapsulate(Slot slot, TunnelTable table, int outerHeaderLength) {
        int offset = slot.offset + outerHeaderLength;
        if (MinimalEncapsulationFlyweight.validate(slot.buffer, offset, slot.length - outerHeaderLength)
                != Malformed.NONE) {
            slot.drop(DropReason.MINENC_MALFORMED);
            return;
        }
        if (!table.assign(slot, Mode.MINENC, TunnelTable.NO_KEY)) {
            return;
        }
        MinimalEncapsulationFlyweight shim = slot.minimal.wrap(slot.buffer, offset);
        if (!shim.isChecksumValid()) {
            slot.drop(DropReason.MINENC_CHECKSUM);
            return;
        }
        int shimLength = shim.headerLength();
        int protocol = shim.protocol();
        int destination = shim.originalDestination();
        int source = shim.hasSource() ? shim.originalSource() : slot.outerSource;
        // Towards higher addresses from the end, so that the header may move onto itself.
        for (int i = outerHeaderLength - Integer.BYTES; i >= 0; i -= Integer.BYTES) {
            slot.buffer.putInt(slot.offset + shimLength + i, slot.buffer.getInt(slot.offset + i));
        }
        Ipv4Flyweight inner = slot.innerIpv4.wrap(slot.buffer, slot.offset + shimLength);
        inner.totalLength(slot.length - shimLength)
                .protocol(protocol)
                .source(source)
                .destination(destination)
                .updateChecksum();
        if (slot.raw) {
            PartialChecksum.detect(slot, slot.offset + shimLength, slot.length - shimLength);
        }
        InnerPacket.accept(slot, shimLength, 4);
    }
}
