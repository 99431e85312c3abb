package io.culvert.tunnel;

import io.culvert.wire.L2tpv3Flyweight;
import io.culvert.wire.Malformed;

/**
 * Takes off the header of an L2TPv3 data message, RFC 3931: outer addresses, UDP port and session ID name the tunnel, which
 * knows the rest of the header. Linux goes by the port and session ID alone, whoever sent it.
 */
final class L2tpDecapsulator implements Decapsulator {

    private final Mode mode;

    /** @param mode l2tp by its outer IP version */
    L2tpDecapsulator(Mode mode) {
        this.mode = mode;
    }

    @Override
    public void decapsulate(Slot slot, TunnelTable table, int outerHeaderLength) {
        int offset = slot.offset + outerHeaderLength;
        int available = slot.length - outerHeaderLength;
        if (L2tpv3Flyweight.validate(slot.buffer, offset, available) != Malformed.NONE) {
            slot.drop(DropReason.L2TP_MALFORMED);
            return;
        }
        L2tpv3Flyweight l2tp = slot.l2tp.wrap(slot.buffer, offset);
        if (!assign(slot, table, l2tp.sessionId())) {
            return;
        }
        TunnelSpec spec = slot.tunnel().spec();
        int headerLength = spec.l2tp().receivedLength();
        if (available < headerLength) {
            slot.drop(DropReason.L2TP_MALFORMED);
            return;
        }
        L2tpCookie cookie = spec.l2tp().peerCookie();
        if (l2tp.cookie(cookie.length()) != cookie.value()) {
            slot.drop(DropReason.L2TP_COOKIE);
            return;
        }
        int headers = outerHeaderLength + headerLength;
        if (!readSequence(slot, spec, l2tp)) {
            return;
        }
        if (spec.isPpp()) {
            PppFrame.accept(slot, headers, slot.length - headers);
            return;
        }
        if (slot.raw) {
            PartialChecksum.detect(slot, slot.offset + headers, slot.length - headers);
        }
        InnerFrame.accept(slot, headers);
    }

    /** Finds the tunnel, or says why there is none. A control message of a known peer has no tunnel either. */
    private boolean assign(Slot slot, TunnelTable table, int sessionId) {
        if (table.assign(slot, mode, TunnelTable.sessionKey(sessionId, slot.encapPort))) {
            return true;
        }
        if (slot.verdict == Verdict.DROP && slot.dropReason == DropReason.KEY_MISMATCH) {
            slot.drop(sessionId == L2tpv3Flyweight.CONTROL ? DropReason.L2TP_CONTROL : DropReason.L2TP_SESSION);
        }
        return false;
    }

    /** Whether the sequence number, if one is required, is there; numbers that are not required are not looked at. */
    private static boolean readSequence(Slot slot, TunnelSpec spec, L2tpv3Flyweight l2tp) {
        if (!spec.iseq()) {
            return true;
        }
        int cookieLength = spec.l2tp().peerCookie().length();
        if (!l2tp.hasSequence(cookieLength)) {
            slot.drop(DropReason.SEQ_MISSING);
            return false;
        }
        slot.sequence = l2tp.sequence(cookieLength);
        slot.sequenceChecked = true;
        return true;
    }
}
