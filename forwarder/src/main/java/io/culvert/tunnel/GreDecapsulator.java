package io.culvert.tunnel;

import io.culvert.wire.EtherType;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.Malformed;
import org.jspecify.annotations.Nullable;

/** Takes off Generic Routing Encapsulation version 0, RFC 2784 and RFC 2890. */
final class GreDecapsulator implements Decapsulator {

    private final Mode mode;
    private final Mode ethernetMode;

    /**
     * @param mode gre by its outer IP version
     * @param ethernetMode gretap by the same
     */
    GreDecapsulator(Mode mode, Mode ethernetMode) {
        this.mode = mode;
        this.ethernetMode = ethernetMode;
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
        if (!assign(slot, table, gre.protocol(), key)) {
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
        if (slot.tunnel().spec().mode().isEthernet()) {
            InnerFrame.accept(slot, outerHeaderLength + shimLength);
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

    /** Finds the tunnel. Where none takes frames, one of mode gre between these addresses refuses the protocol type. */
    private boolean assign(Slot slot, TunnelTable table, int protocolType, long key) {
        if (protocolType != EtherType.TRANSPARENT_ETHERNET_BRIDGING) {
            return table.assign(slot, mode, key);
        }
        if (table.assign(slot, ethernetMode, key)) {
            return true;
        }
        boolean isUnknown = slot.verdict == Verdict.IGNORE || slot.dropReason == DropReason.NO_TUNNEL;
        return isUnknown && table.assign(slot, mode, key);
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
