package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.esp.EspOutcome;
import io.culvert.esp.SecurityAssociation;
import io.culvert.wire.EspFlyweight;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Malformed;

/**
 * Takes off ESP in tunnel mode, RFC 4303: SPI and outer addresses name the security association, which checks and decrypts;
 * the replay window is moved by {@link Slot#judgeReplay}.
 */
final class EspDecapsulator implements Decapsulator {

    private final Mode mode;

    /** @param mode what the packets are received as */
    EspDecapsulator(Mode mode) {
        this.mode = mode;
    }

    @Override
    public void decapsulate(Slot slot, TunnelTable table, int outerHeaderLength) {
        int offset = slot.offset + outerHeaderLength;
        int length = slot.length - outerHeaderLength;
        // What is encrypted has no checksum to finish and cannot have been merged.
        boolean unfinished = slot.checksumPartial || slot.gsoType != 0;
        if (unfinished || EspFlyweight.validate(slot.buffer, offset, length) != Malformed.NONE) {
            slot.drop(DropReason.ESP_MALFORMED);
            return;
        }
        int spi = slot.buffer.getInt(offset, BIG_ENDIAN);
        if (!table.assign(slot, mode, TunnelTable.key(spi))) {
            if (slot.verdict == Verdict.DROP && slot.dropReason == DropReason.KEY_MISMATCH) {
                slot.drop(DropReason.ESP_NO_SA);
            }
            return;
        }
        SecurityAssociation association = slot.tunnel().associations().inbound(spi);
        if (association == null) {
            slot.drop(DropReason.ESP_NO_SA);
            return;
        }
        slot.espSequence = association.extend(slot.buffer.getInt(offset + EspFlyweight.SEQUENCE_OFFSET, BIG_ENDIAN));
        EspOutcome outcome = association.open(slot.buffer, offset, length, slot.espSequence, slot.worker);
        switch (outcome) {
            case MALFORMED -> slot.drop(DropReason.ESP_MALFORMED);
            case EXPIRED -> slot.drop(DropReason.SA_EXPIRED);
            case REPLAYED -> slot.drop(DropReason.ESP_REPLAY);
            case FORGED -> slot.drop(DropReason.ESP_AUTH);
            case BAD_PADDING -> slot.drop(DropReason.ESP_PADDING);
            case OPENED -> accept(slot, association, offset, length);
        }
        if (outcome != EspOutcome.MALFORMED && outcome != EspOutcome.EXPIRED) {
            slot.association = association;
        }
    }

    private static void accept(Slot slot, SecurityAssociation association, int offset, int length) {
        int version;
        switch (association.nextHeader(slot.buffer, offset, length)) {
            case IpProtocol.IPV4 -> version = 4;
            case IpProtocol.IPV6 -> version = 6;
            case IpProtocol.NO_NEXT_HEADER -> {
                slot.drop(DropReason.ESP_DUMMY);
                return;
            }
            default -> {
                slot.drop(DropReason.ESP_PROTOCOL);
                return;
            }
        }
        int headers = offset - slot.offset + association.spec().transform().headerLength();
        slot.length = headers + association.innerLength(slot.buffer, offset, length);
        InnerPacket.accept(slot, headers, version);
    }
}
