package io.culvert.tunnel;

import io.culvert.wire.EtherType;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.Malformed;
import org.jspecify.annotations.Nullable;

/** Takes off Generic Routing Encapsulation version 0, RFC 2784 and RFC 2890. */
final class GreDecapsulator implements Decapsulator {

    private final Mode mode;

    /** @param mode gre by its outer IP version */
    GreDecapsulator(Mode mode) {
        this.mode = mode;
    }

    @Override
    public void decapsulate(Slot slot, TunnelTable table, int outerHeaderLength) {
        int offset = slot.offset + outerHeaderLength;
        switch (GreFlyweight.validate(slot.buffer, offset, slot.length - outerHeaderLength)) {
            case Malformed.NONE -> decapsulate(slot, table, slot.gre.wrap(slot.buffer, offset), outerHeaderLength);
            case Malformed.BAD_VERSION -> slot.drop(DropReason.GRE_VERSION);
            case Malformed.BAD_FLAGS -> slot.drop(DropReason.GRE_RESERVED);
            default -> slot.drop(DropReason.GRE_MALFORMED);
        }
    }

    private void decapsulate(Slot slot, TunnelTable table, GreFlyweight gre, int outerHeaderLength) {
        long key = gre.hasKey() ? TunnelTable.key(gre.key()) : TunnelTable.NO_KEY;
        if (!table.assign(slot, mode, key)) {
            return;
        }
        int shimOffset = slot.offset + outerHeaderLength;
        int shimLength = gre.headerLength();
        if (slot.raw) {
            int headers = outerHeaderLength + shimLength;
            PartialChecksum.detect(slot, slot.offset + headers, slot.length - headers);
        }
        DropReason refusal = refusal(slot, slot.tunnel().spec(), gre, shimOffset);
        if (refusal != null) {
            slot.drop(refusal);
            return;
        }
        int innerVersion;
        switch (gre.protocol()) {
            case EtherType.IPV4 -> innerVersion = 4;
            case EtherType.IPV6 -> innerVersion = 6;
            default -> {
                slot.drop(DropReason.GRE_PROTOCOL);
                return;
            }
        }
        InnerPacket.accept(slot, outerHeaderLength + shimLength, innerVersion);
    }

    private static @Nullable DropReason refusal(Slot slot, TunnelSpec spec, GreFlyweight gre, int shimOffset) {
        if (gre.hasChecksum() && !spec.icsum()) {
            return DropReason.CSUM_UNEXPECTED;
        }
        if (!gre.hasChecksum() && spec.icsum()) {
            return DropReason.CSUM_MISSING;
        }
        if (gre.hasChecksum() && !GreChecksum.verify(slot, shimOffset)) {
            return DropReason.CSUM_BAD;
        }
        if (spec.iseq()) {
            if (!gre.hasSequence()) {
                return DropReason.SEQ_MISSING;
            }
            slot.sequence = gre.sequence();
            slot.sequenceChecked = true;
        }
        return null;
    }
}
