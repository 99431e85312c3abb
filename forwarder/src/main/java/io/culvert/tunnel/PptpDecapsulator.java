package io.culvert.tunnel;

import io.culvert.wire.EtherType;
import io.culvert.wire.GreV1Flyweight;
import io.culvert.wire.Malformed;

/** Takes off Generic Routing Encapsulation version 1, RFC 2637 section 4: outer addresses and call ID name the tunnel. */
final class PptpDecapsulator implements Decapsulator {

    @Override
    public void decapsulate(Slot slot, TunnelTable table, int outerHeaderLength) {
        if (!table.hasEndpoints(slot, Mode.PPTP)) {
            slot.drop(DropReason.GRE_VERSION);
            return;
        }
        int offset = slot.offset + outerHeaderLength;
        switch (GreV1Flyweight.validate(slot.buffer, offset, slot.length - outerHeaderLength)) {
            case Malformed.NONE -> decapsulate(slot, table, slot.greV1.wrap(slot.buffer, offset), outerHeaderLength);
            case Malformed.BAD_FLAGS -> slot.drop(DropReason.GRE_RESERVED);
            default -> slot.drop(DropReason.GRE_MALFORMED);
        }
    }

    private static void decapsulate(Slot slot, TunnelTable table, GreV1Flyweight gre, int outerHeaderLength) {
        if (!table.assign(slot, Mode.PPTP, TunnelTable.key(gre.callId()))) {
            if (slot.verdict == Verdict.DROP && slot.dropReason == DropReason.KEY_MISMATCH) {
                slot.drop(DropReason.PPTP_CALL);
            }
            return;
        }
        if (gre.protocol() != EtherType.PPP) {
            slot.drop(DropReason.GRE_PROTOCOL);
        } else if (gre.hasSequence()) {
            slot.sequence = gre.sequence();
            slot.sequenceChecked = true;
            PppFrame.accept(slot, outerHeaderLength + gre.headerLength(), gre.payloadLength());
        } else if (gre.hasAcknowledgment() && gre.payloadLength() == 0) {
            // What it acknowledges is of no use: nothing is kept to be sent again, and no window holds anything back.
            slot.verdict = Verdict.TAKEN;
        } else {
            slot.drop(DropReason.SEQ_MISSING);
        }
    }
}
