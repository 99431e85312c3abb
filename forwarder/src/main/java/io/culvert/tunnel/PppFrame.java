package io.culvert.tunnel;

import io.culvert.wire.AsyncHdlc;
import io.culvert.wire.EtherType;
import io.culvert.wire.EthernetFlyweight;

/**
 * The checks that a decapsulated PPP frame must pass before it reaches the inside: only that it is whole and of a length that
 * can be, for it is the business of the program that has the pty to know what is in it.
 */
final class PppFrame {

    /** A protocol in one byte, and one byte of it. */
    private static final int MIN_LENGTH = 2;

    private PppFrame() {}

    /**
     * Moves the slot to the frame if that is sound; else drops it. Address and control, ff 03, may be there or not, as the
     * peer has it: pppd takes both.
     *
     * @param headerLength bytes from the slot's offset to the frame
     * @param length bytes of the frame, which are there
     */
    static void accept(Slot slot, int headerLength, int length) {
        // No device behind a pty finishes a checksum or cuts a super-packet.
        if (length < MIN_LENGTH || slot.checksumPartial || slot.gsoType != 0) {
            slot.drop(DropReason.FRAME_MALFORMED);
        } else if (length > AsyncHdlc.MAX_FRAME) {
            slot.drop(DropReason.FRAME_TOO_LONG);
        } else {
            slot.etherType = EtherType.PPP;
            slot.networkOffset = EthernetFlyweight.NO_IP;
            slot.offset += headerLength;
            slot.length = length;
            slot.innerLength = length;
        }
    }
}
