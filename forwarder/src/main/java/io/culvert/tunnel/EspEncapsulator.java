package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.esp.EspTransform;
import io.culvert.esp.SecurityAssociation;
import io.culvert.wire.IpProtocol;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/** ESP in tunnel mode, RFC 4303: the shim is ESP header and initialization vector, the trailer goes behind the packet. */
final class EspEncapsulator implements Encapsulator {

    /** How many packets back one is still taken for recent. */
    private static final int RECENT = 1 << 16;

    private static final int VERSION_4 = 0x40;

    /** Checksum's place in a UDP header, by which a partial checksum is known as UDP's. */
    private final @Nullable SecurityAssociation association;

    private final EspTransform transform;

    /** @param association what protects the packets; null drops them all */
    EspEncapsulator(@Nullable SecurityAssociation association) {
        this.association = association;
        // Without one, room is left for whichever comes: this one's packets grow most.
        transform = association == null
                ? EspTransform.AES_CBC_HMAC_SHA256
                : association.spec().transform();
    }

    @Override
    public int shimLength() {
        return transform.headerLength();
    }

    @Override
    public boolean carries(int innerVersion) {
        return true;
    }

    @Override
    public int protocol(int innerVersion) {
        return Mode.VTI.protocol();
    }

    @Override
    public void putTemplate(MutableDirectBuffer buffer, int offset) {}

    @Override
    public void fixUp(Slot slot, int shimOffset, int innerVersion) {
        if (slot.gsoType != 0) {
            return;
        }
        PartialChecksum.complete(slot);
        int innerLength = slot.offset + slot.length - shimOffset - transform.headerLength();
        slot.length += transform.trailerLength(innerLength);
        seal(slot.buffer, shimOffset, innerLength, slot, 0);
    }

    @Override
    public int trailerLength(int innerLength) {
        return transform.trailerLength(innerLength);
    }

    @Override
    public int innerMtu(int available) {
        return transform.innerMtu(available);
    }

    @Override
    public boolean seals() {
        return true;
    }

    @Override
    public void seal(MutableDirectBuffer buffer, int shimOffset, int innerLength, Slot slot, int segment) {
        if (association == null) {
            slot.drop(DropReason.ESP_NO_SA);
        } else if (slot.espSequence == SecurityAssociation.NONE) {
            slot.drop(DropReason.SA_EXPIRED);
        } else if (slot.espSequence < SecurityAssociation.NONE) {
            slot.drop(DropReason.ESP_SEQUENCE);
        } else {
            boolean isIpv4 = (buffer.getByte(shimOffset + transform.headerLength()) & 0xf0) == VERSION_4;
            int nextHeader = isIpv4 ? IpProtocol.IPV4 : IpProtocol.IPV6;
            long sequence = slot.espSequence + segment;
            if (!association.seal(buffer, shimOffset, innerLength, nextHeader, sequence, slot.worker)) {
                slot.drop(DropReason.INTERNAL);
            }
        }
    }

    @Override
    public void fixUpSegment(
            MutableDirectBuffer headers,
            int shimOffset,
            int sequence,
            int length,
            int checksumStart,
            int checksumField) {}

    /** A number that was sent not long ago: nobody who does not see the packets can name one. */
    @Override
    public boolean isQuotedBy(DirectBuffer quote, int shimOffset, int available) {
        if (association == null
                || quote.getInt(shimOffset, BIG_ENDIAN) != association.spec().spi()) {
            return false;
        }
        int age = (int) association.lastSequence() - quote.getInt(shimOffset + Integer.BYTES, BIG_ENDIAN);
        return age >= 0 && age < RECENT;
    }

    @Override
    public boolean segmentsAlike() {
        return false;
    }
}
