package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.tunnel.UdpEncap.Kind;
import io.culvert.wire.GueHeader;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.UdpFlyweight;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** A mode's shim behind a UDP header: foo over UDP, or Generic UDP Encapsulation. */
final class UdpEncapsulator implements Encapsulator {

    private static final int LENGTH_OFFSET = 4;

    /** Of IPv4: source and destination. */
    private static final int ADDRESSES_LENGTH = 8;

    private final UdpEncap encap;
    private final Encapsulator carried;
    private final int prefix;

    /** @param carried what stands behind UDP */
    UdpEncapsulator(UdpEncap encap, Encapsulator carried) {
        this.encap = encap;
        this.carried = carried;
        prefix = UdpFlyweight.HEADER_LENGTH + (encap.kind() == Kind.GUE ? GueHeader.LENGTH : 0);
    }

    @Override
    public int shimLength() {
        return prefix + carried.shimLength();
    }

    @Override
    public boolean carries(int innerVersion) {
        return carried.carries(innerVersion);
    }

    @Override
    public int protocol(int innerVersion) {
        return IpProtocol.UDP;
    }

    @Override
    public void putTemplate(MutableDirectBuffer buffer, int offset) {
        new UdpFlyweight().wrap(buffer, offset).sourcePort(encap.sport()).destinationPort(encap.dport());
        carried.putTemplate(buffer, offset + prefix);
    }

    @Override
    public void fixUp(Slot slot, int shimOffset, int innerVersion) {
        carried.fixUp(slot, shimOffset + prefix, innerVersion);
        if (encap.kind() == Kind.GUE) {
            GueHeader.put(slot.buffer, shimOffset + UdpFlyweight.HEADER_LENGTH, carried.protocol(innerVersion));
        }
        // Of a super-packet it may be more than the field takes: each of its segments gets its own.
        int length = slot.offset + slot.length - shimOffset;
        if (encap.sport() == 0) {
            int inner = shimOffset + shimLength();
            int port = FlowHash.port(slot.buffer, inner, length - shimLength(), innerVersion);
            slot.buffer.putShort(shimOffset, (short) port, BIG_ENDIAN);
        }
        slot.buffer.putShort(shimOffset + LENGTH_OFFSET, (short) length, BIG_ENDIAN);
        if (encap.csum() && slot.gsoType == 0) {
            putChecksum(slot.buffer, shimOffset, length, GreChecksum.sum(slot, shimOffset));
        }
    }

    @Override
    public boolean isNumbered() {
        return carried.isNumbered();
    }

    @Override
    public void putSequence(MutableDirectBuffer buffer, int shimOffset, int sequence) {
        int at = shimOffset + prefix;
        int before = InternetChecksum.fold(InternetChecksum.sum(buffer, at, carried.shimLength(), 0));
        carried.putSequence(buffer, at, sequence);
        if (encap.csum()) {
            int after = InternetChecksum.fold(InternetChecksum.sum(buffer, at, carried.shimLength(), 0));
            int checksum = buffer.getShort(shimOffset + UdpFlyweight.CHECKSUM_OFFSET, BIG_ENDIAN) & 0xffff;
            storeChecksum(buffer, shimOffset, InternetChecksum.update(checksum, before, after));
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
        carried.fixUpSegment(headers, shimOffset + prefix, sequence, length - prefix, checksumStart, checksumField);
        headers.putShort(shimOffset + LENGTH_OFFSET, (short) length, BIG_ENDIAN);
        if (encap.csum()) {
            headers.putShort(shimOffset + UdpFlyweight.CHECKSUM_OFFSET, (short) 0);
            putChecksum(
                    headers,
                    shimOffset,
                    length,
                    GreChecksum.sumPartial(headers, shimOffset, checksumStart, checksumField));
        }
    }

    /** RFC 768: over a pseudo-header of the outer addresses too, which end where the UDP header starts. */
    private static void putChecksum(MutableDirectBuffer buffer, int shimOffset, int length, long sum) {
        long all = InternetChecksum.sum(
                buffer, shimOffset - ADDRESSES_LENGTH, ADDRESSES_LENGTH, sum + IpProtocol.UDP + length);
        storeChecksum(buffer, shimOffset, ~InternetChecksum.fold(all) & 0xffff);
    }

    /** RFC 768: a field of 0 means that there is no checksum, so a checksum of 0 is sent in its other form. */
    private static void storeChecksum(MutableDirectBuffer buffer, int shimOffset, int checksum) {
        int field = checksum == 0 ? 0xffff : checksum;
        buffer.putShort(shimOffset + UdpFlyweight.CHECKSUM_OFFSET, (short) field, BIG_ENDIAN);
    }

    @Override
    public boolean isQuotedBy(DirectBuffer quote, int shimOffset, int available) {
        int source = quote.getShort(shimOffset, BIG_ENDIAN) & 0xffff;
        int destination = quote.getShort(shimOffset + Short.BYTES, BIG_ENDIAN) & 0xffff;
        return destination == encap.dport() && (encap.sport() == 0 || source == encap.sport());
    }

    @Override
    public boolean segmentsAlike() {
        return !encap.csum() && carried.segmentsAlike();
    }
}
