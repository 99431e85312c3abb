package io.culvert.offload;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.linux.socket.PacketSocket;
import io.culvert.linux.tun.VnetHeader;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Ipv6Options;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * An encapsulated TCP super-packet of two segments from the loopback address to itself. Its TTL of 1 and what its headers
 * say tell it from others.
 *
 * @param outerLength of the outer header with its options, bytes: one of {@link #IPV4}, {@link #IPV6} and {@link
 *     #LIMITED_IPV6}
 * @param innerIpv6 the inner IP version
 */
record SelfTestPacket(int outerLength, boolean innerIpv6) {

    static final int IPV4 = Ipv4Flyweight.MIN_HEADER_LENGTH;
    static final int IPV6 = Ipv6Flyweight.HEADER_LENGTH;
    /** With a tunnel encapsulation limit; RFC 2473 section 4.1.1. */
    static final int LIMITED_IPV6 = Ipv6Flyweight.HEADER_LENGTH + Ipv6Options.LIMIT_HEADER_LENGTH;

    static final int LINK_LENGTH = 14;
    static final int TTL = 1;
    private static final int ADDRESS = 0x7f00_0001;
    private static final int OUTER = VnetHeader.LENGTH + LINK_LENGTH;
    private static final int TCP_LENGTH = 20;
    private static final int SEGMENT = 100;
    private static final int PAYLOAD = 2 * SEGMENT;
    private static final int TCP_CHECKSUM_OFFSET = 16;

    /** Of the longest, with link and virtio-net header. */
    static final int MAX_LENGTH = OUTER + LIMITED_IPV6 + Ipv6Flyweight.HEADER_LENGTH + TCP_LENGTH + PAYLOAD;

    boolean outerIpv6() {
        return outerLength >= IPV6;
    }

    int etherType() {
        return outerIpv6() ? PacketSocket.ETH_P_IPV6 : PacketSocket.ETH_P_IP;
    }

    /** With link and virtio-net header. */
    int length() {
        return tcp() + TCP_LENGTH + PAYLOAD;
    }

    private int protocol() {
        return innerIpv6 ? IpProtocol.IPV6 : IpProtocol.IPV4;
    }

    private int outerProtocol() {
        return outerLength == LIMITED_IPV6 ? IpProtocol.DESTINATION_OPTIONS : protocol();
    }

    private int inner() {
        return OUTER + outerLength;
    }

    private int tcp() {
        return inner() + (innerIpv6 ? Ipv6Flyweight.HEADER_LENGTH : Ipv4Flyweight.MIN_HEADER_LENGTH);
    }

    /** Whether a received frame, without virtio-net header, is this packet or a segment of it. */
    boolean isIn(UnsafeBuffer frame) {
        int outerProtocol = frame.getByte(LINK_LENGTH + (outerIpv6() ? 6 : 9)) & 0xff;
        int innerVersion = frame.getByte(LINK_LENGTH + outerLength) >> 4;
        return (frame.getShort(LINK_LENGTH - Short.BYTES, BIG_ENDIAN) & 0xffff) == etherType()
                && outerProtocol == outerProtocol()
                && innerVersion == (innerIpv6 ? 6 : 4);
    }

    /** Writes it with link and virtio-net header into cleared memory. */
    void write(MemorySegment packet) {
        UnsafeBuffer buffer = new UnsafeBuffer(packet.address(), length());
        int tcp = tcp();
        VnetHeader.flags(packet, 0, VnetHeader.NEEDS_CSUM);
        VnetHeader.gsoType(packet, 0, innerIpv6 ? VnetHeader.GSO_TCPV6 : VnetHeader.GSO_TCPV4);
        VnetHeader.gsoSize(packet, 0, SEGMENT);
        VnetHeader.headerLength(packet, 0, tcp + TCP_LENGTH - VnetHeader.LENGTH);
        VnetHeader.checksumStart(packet, 0, tcp - VnetHeader.LENGTH);
        VnetHeader.checksumOffset(packet, 0, TCP_CHECKSUM_OFFSET);
        buffer.putShort(OUTER - Short.BYTES, (short) etherType(), BIG_ENDIAN);
        if (outerLength == LIMITED_IPV6) {
            int options = OUTER + Ipv6Flyweight.HEADER_LENGTH;
            writeIpv6(buffer, OUTER, IpProtocol.DESTINATION_OPTIONS, length());
            buffer.putByte(options, (byte) protocol());
            // PadN over the rest.
            buffer.putByte(options + 2, (byte) 1);
            buffer.putByte(options + 3, (byte) 4);
        } else {
            writeIp(buffer, OUTER, outerIpv6(), protocol(), length());
        }
        writeIp(buffer, inner(), innerIpv6, IpProtocol.TCP, length());
        int tcpLength = length() - tcp;
        long pseudoHeader = innerIpv6
                ? new Ipv6Flyweight().wrap(buffer, inner()).pseudoHeader(IpProtocol.TCP, tcpLength)
                : InternetChecksum.pseudoHeaderIpv4(ADDRESS, ADDRESS, IpProtocol.TCP, tcpLength);
        buffer.putByte(tcp + 12, (byte) ((TCP_LENGTH / Integer.BYTES) << 4));
        buffer.putShort(tcp + TCP_CHECKSUM_OFFSET, (short) InternetChecksum.fold(pseudoHeader), BIG_ENDIAN);
    }

    /** A header from and to the loopback address of a packet that ends at that offset. */
    private static void writeIp(UnsafeBuffer buffer, int offset, boolean ipv6, int protocol, int end) {
        if (ipv6) {
            writeIpv6(buffer, offset, protocol, end);
            return;
        }
        buffer.putByte(offset, (byte) 0x45);
        new Ipv4Flyweight()
                .wrap(buffer, offset)
                .totalLength(end - offset)
                .ttl(TTL)
                .protocol(protocol)
                .source(ADDRESS)
                .destination(ADDRESS)
                .updateChecksum();
    }

    private static void writeIpv6(UnsafeBuffer buffer, int offset, int nextHeader, int end) {
        new Ipv6Flyweight()
                .wrap(buffer, offset)
                .flowLabel(0)
                .payloadLength(end - offset - Ipv6Flyweight.HEADER_LENGTH)
                .nextHeader(nextHeader)
                .hopLimit(TTL)
                .source(0, 1)
                .destination(0, 1);
    }
}
