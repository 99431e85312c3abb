package io.culvert.tunnel;

import io.culvert.wire.EtherType;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.GreV1Flyweight;
import io.culvert.wire.Malformed;
import org.jspecify.annotations.Nullable;

/**
 * Takes off Generic Routing Encapsulation version 0, RFC 2784 and RFC 2890. Version 1 over IPv4 is another mode's: the version
 * decides before any tunnel is looked for.
 */
final class GreDecapsulator implements Decapsulator {

    private final Mode mode;
    private final Mode ethernetMode;
    private final Mode erspanMode;
    private final Decapsulator versionOne = new PptpDecapsulator();

    /**
     * @param mode gre by its outer IP version
     * @param ethernetMode gretap by the same
     * @param erspanMode erspan by the same
     */
    GreDecapsulator(Mode mode, Mode ethernetMode, Mode erspanMode) {
        this.mode = mode;
        this.ethernetMode = ethernetMode;
        this.erspanMode = erspanMode;
    }

    @Override
    public void decapsulate(Slot slot, TunnelTable table, int outerHeaderLength) {
        int offset = slot.offset + outerHeaderLength;
        switch (GreFlyweight.validate(slot.buffer, offset, slot.length - outerHeaderLength)) {
            case Malformed.NONE -> decapsulate(slot, table, slot.gre.wrap(slot.buffer, offset), outerHeaderLength);
            case Malformed.BAD_VERSION -> otherVersion(slot, table, outerHeaderLength);
            case Malformed.BAD_FLAGS -> slot.drop(DropReason.GRE_RESERVED);
            default -> slot.drop(DropReason.GRE_MALFORMED);
        }
    }

    private void otherVersion(Slot slot, TunnelTable table, int outerHeaderLength) {
        if (mode == Mode.GRE && GreV1Flyweight.isVersion(slot.buffer, slot.offset + outerHeaderLength)) {
            versionOne.decapsulate(slot, table, outerHeaderLength);
        } else {
            slot.drop(DropReason.GRE_VERSION);
        }
    }

    private void decapsulate(Slot slot, TunnelTable table, GreFlyweight gre, int outerHeaderLength) {
        int headers = outerHeaderLength + gre.headerLength();
        Mode received = received(gre.protocol());
        int erspanLength = received == erspanMode ? ErspanDecapsulator.headerLength(slot, gre, headers) : 0;
        if (!assign(slot, table, received, gre, erspanLength)) {
            return;
        }
        headers += Math.max(erspanLength, 0);
        int shimOffset = slot.offset + outerHeaderLength;
        if (slot.raw && !NonIpPacket.isKnown(gre.protocol())) {
            PartialChecksum.detect(slot, slot.offset + headers, slot.length - headers);
        }
        DropReason refusal = refusal(slot, slot.tunnel().spec(), gre, shimOffset);
        if (refusal != null) {
            slot.drop(refusal);
            return;
        }
        if (slot.tunnel().spec().mode().isEthernet()) {
            InnerFrame.accept(slot, headers);
            return;
        }
        Keepalive keepalive = slot.tunnel().spec().keepalive();
        switch (gre.protocol()) {
            case EtherType.IPV4 -> {
                if (keepalive == null || !KeepalivePacket.answer(slot, headers)) {
                    InnerPacket.accept(slot, headers, 4);
                }
            }
            case EtherType.IPV6 -> InnerPacket.accept(slot, headers, 6);
            case KeepalivePacket.PROTOCOL -> {
                if (keepalive != null && keepalive.interval() > 0) {
                    slot.verdict = Verdict.TAKEN;
                } else {
                    slot.drop(DropReason.GRE_PROTOCOL);
                }
            }
            case EtherType.MPLS, EtherType.MPLS_MULTICAST, EtherType.NHRP ->
                NonIpPacket.accept(slot, headers, gre.protocol());
            default -> slot.drop(DropReason.GRE_PROTOCOL);
        }
    }

    private Mode received(int protocolType) {
        return switch (protocolType) {
            case EtherType.TRANSPARENT_ETHERNET_BRIDGING -> ethernetMode;
            case EtherType.ERSPAN, EtherType.ERSPAN_III -> erspanMode;
            default -> mode;
        };
    }

    /**
     * Finds the tunnel. Where none takes frames, one of mode gre between these addresses refuses the protocol type.
     *
     * @param erspanLength bytes of the ERSPAN header, 0 if there is none, negative if it is malformed
     */
    private boolean assign(Slot slot, TunnelTable table, Mode received, GreFlyweight gre, int erspanLength) {
        long key = gre.hasKey() ? TunnelTable.key(gre.key()) : TunnelTable.NO_KEY;
        if (erspanLength < 0) {
            if (!table.assign(slot, mode, key)) {
                slot.drop(DropReason.ERSPAN_MALFORMED);
                return false;
            }
            return true;
        }
        if (table.assign(slot, received, received == erspanMode ? session(slot, erspanLength) : key)) {
            return true;
        }
        boolean isUnknown = slot.verdict == Verdict.IGNORE || slot.dropReason == DropReason.NO_TUNNEL;
        return received != mode && isUnknown && table.assign(slot, mode, key);
    }

    private static long session(Slot slot, int erspanLength) {
        return erspanLength == 0 ? TunnelTable.NO_KEY : TunnelTable.key(slot.erspan.sessionId());
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
