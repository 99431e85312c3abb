package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.EtherType;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/** Generic Routing Encapsulation version 0, RFC 2784, with key and sequence number, RFC 2890. */
final class GreEncapsulator implements Encapsulator {

    private static final int CHECKSUM_OFFSET = 4;

    private final int flags;
    private final int headerLength;
    private final boolean ethernet;
    private final @Nullable Integer key;

    GreEncapsulator(TunnelSpec spec) {
        key = spec.okey();
        ethernet = spec.mode().isEthernet();
        flags = (spec.ocsum() ? GreFlyweight.CHECKSUM_PRESENT : 0)
                | (key != null ? GreFlyweight.KEY_PRESENT : 0)
                | (spec.oseq() ? GreFlyweight.SEQUENCE_PRESENT : 0);
        headerLength = GreFlyweight.headerLength(flags);
    }

    @Override
    public int shimLength() {
        return headerLength;
    }

    @Override
    public boolean carries(int innerVersion) {
        return true;
    }

    @Override
    public boolean carriesType(int etherType) {
        return !ethernet && NonIpPacket.isKnown(etherType);
    }

    @Override
    public boolean quotesIp(DirectBuffer quote, int shimOffset, int protocol) {
        return !NonIpPacket.isKnown(quote.getShort(shimOffset + 2, BIG_ENDIAN) & 0xffff);
    }

    @Override
    public int protocol(int innerVersion) {
        return IpProtocol.GRE;
    }

    @Override
    public void putTemplate(MutableDirectBuffer buffer, int offset) {
        buffer.putShort(offset, (short) flags, BIG_ENDIAN);
        if (key != null) {
            buffer.putInt(offset + GreFlyweight.keyOffset(flags), key, BIG_ENDIAN);
        }
    }

    @Override
    public void fixUp(Slot slot, int shimOffset, int innerVersion) {
        slot.buffer.putShort(shimOffset + 2, (short) protocolType(slot, innerVersion), BIG_ENDIAN);
        if ((flags & GreFlyweight.CHECKSUM_PRESENT) != 0 && slot.gsoType == 0) {
            int checksum = GreChecksum.compute(slot, shimOffset);
            slot.buffer.putShort(shimOffset + CHECKSUM_OFFSET, (short) checksum, BIG_ENDIAN);
        }
    }

    private int protocolType(Slot slot, int innerVersion) {
        if (ethernet) {
            return EtherType.TRANSPARENT_ETHERNET_BRIDGING;
        }
        return switch (innerVersion) {
            case 4 -> EtherType.IPV4;
            case 6 -> EtherType.IPV6;
            default -> slot.etherType;
        };
    }

    @Override
    public boolean isNumbered() {
        return (flags & GreFlyweight.SEQUENCE_PRESENT) != 0;
    }

    /** The template's number is 0, so the checksum was computed with that. */
    @Override
    public void putSequence(MutableDirectBuffer buffer, int shimOffset, int sequence) {
        buffer.putInt(shimOffset + GreFlyweight.sequenceOffset(flags), sequence, BIG_ENDIAN);
        if ((flags & GreFlyweight.CHECKSUM_PRESENT) != 0) {
            int field = shimOffset + CHECKSUM_OFFSET;
            int checksum = buffer.getShort(field, BIG_ENDIAN) & 0xffff;
            checksum = InternetChecksum.update(checksum, 0, sequence >>> Short.SIZE);
            checksum = InternetChecksum.update(checksum, 0, sequence & 0xffff);
            buffer.putShort(field, (short) checksum, BIG_ENDIAN);
        }
    }

    @Override
    public void fixUpSegment(
            MutableDirectBuffer headers,
            int shimOffset,
            int sequence,
            int length,
            int checksumStart,
            int checksumField) {
        if (isNumbered()) {
            headers.putInt(shimOffset + GreFlyweight.sequenceOffset(flags), sequence, BIG_ENDIAN);
        }
        if ((flags & GreFlyweight.CHECKSUM_PRESENT) != 0) {
            headers.putShort(shimOffset + CHECKSUM_OFFSET, (short) 0);
            int checksum = GreChecksum.computePartial(headers, shimOffset, checksumStart, checksumField);
            headers.putShort(shimOffset + CHECKSUM_OFFSET, (short) checksum, BIG_ENDIAN);
        }
    }

    /** The key is behind the checksum, and may be cut off then. */
    @Override
    public boolean isQuotedBy(DirectBuffer quote, int shimOffset, int available) {
        if (quote.getShort(shimOffset, BIG_ENDIAN) != (short) flags) {
            return false;
        }
        int keyOffset = GreFlyweight.keyOffset(flags);
        return key == null
                || available < keyOffset + Integer.BYTES
                || quote.getInt(shimOffset + keyOffset, BIG_ENDIAN) == key;
    }

    @Override
    public boolean segmentsAlike() {
        return (flags & (GreFlyweight.SEQUENCE_PRESENT | GreFlyweight.CHECKSUM_PRESENT)) == 0;
    }
}
