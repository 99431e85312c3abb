package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.tunnel.UdpEncap.Kind;
import io.culvert.wire.GueHeader;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.L2tpUdpHeader;
import io.culvert.wire.UdpFlyweight;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** A mode's shim behind a UDP header: foo over UDP, Generic UDP Encapsulation, or L2TPv3 over UDP. */
final class UdpEncapsulator implements Encapsulator {

    private static final int LENGTH_OFFSET = 4;

    /** Where the outer addresses are in an IPv4 and an IPv6 header: the source, and the destination behind it. */
    private static final int IPV4_ADDRESSES = 12;

    private static final int IPV4_ADDRESSES_LENGTH = 8;
    private static final int IPV6_ADDRESSES = 8;
    private static final int IPV6_ADDRESSES_LENGTH = 32;

    private final UdpEncap encap;
    private final Encapsulator carried;
    private final boolean ipv6;
    private final int ipLength;
    private final int prefix;

    /**
     * @param carried what stands behind UDP
     * @param ipv6 whether the outer header is IPv6
     */
    UdpEncapsulator(UdpEncap encap, Encapsulator carried, boolean ipv6) {
        this(encap, carried, ipv6, ipv6 ? Ipv6Flyweight.HEADER_LENGTH : Ipv4Flyweight.MIN_HEADER_LENGTH);
    }

    private UdpEncapsulator(UdpEncap encap, Encapsulator carried, boolean ipv6, int ipLength) {
        this.encap = encap;
        this.carried = carried;
        this.ipv6 = ipv6;
        this.ipLength = ipLength;
        prefix = UdpFlyweight.HEADER_LENGTH + encap.headerLength();
    }

    @Override
    public Encapsulator behind(int length) {
        return new UdpEncapsulator(encap, carried, ipv6, length);
    }

    @Override
    public int shimLength() {
        return prefix + carried.shimLength();
    }

    @Override
    public int innerMtu(int available) {
        return carried.innerMtu(available - prefix);
    }

    @Override
    public boolean truncates() {
        return carried.truncates();
    }

    @Override
    public boolean carries(int innerVersion) {
        return carried.carries(innerVersion);
    }

    @Override
    public boolean carriesType(int etherType) {
        return carried.carriesType(etherType);
    }

    /** Of GUE only, whose header says what follows, may the quote end before that. */
    @Override
    public boolean quotesIp(DirectBuffer quote, int shimOffset, int protocol) {
        int said = encap.kind() == Kind.GUE
                ? GueHeader.protocol(quote, shimOffset + UdpFlyweight.HEADER_LENGTH)
                : IpProtocol.UDP;
        return carried.quotesIp(quote, shimOffset + prefix, said);
    }

    @Override
    public int protocol(int innerVersion) {
        return IpProtocol.UDP;
    }

    @Override
    public void putTemplate(MutableDirectBuffer buffer, int offset) {
        new UdpFlyweight().wrap(buffer, offset).sourcePort(encap.sport()).destinationPort(encap.dport());
        if (encap.kind() == Kind.L2TP) {
            L2tpUdpHeader.put(buffer, offset + UdpFlyweight.HEADER_LENGTH);
        }
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
            int port = slot.etherType != 0
                    ? FlowHash.port(slot.buffer, inner, length - shimLength(), slot.etherType)
                    : FlowHash.port(slot.buffer, inner, length - shimLength(), slot.networkOffset, innerVersion);
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

    /** RFC 768, RFC 8200 section 8.1: over a pseudo-header of the outer addresses too. */
    private void putChecksum(MutableDirectBuffer buffer, int shimOffset, int length, long sum) {
        int addresses = shimOffset - ipLength + (ipv6 ? IPV6_ADDRESSES : IPV4_ADDRESSES);
        long all = InternetChecksum.sum(
                buffer, addresses, ipv6 ? IPV6_ADDRESSES_LENGTH : IPV4_ADDRESSES_LENGTH, sum + IpProtocol.UDP + length);
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
