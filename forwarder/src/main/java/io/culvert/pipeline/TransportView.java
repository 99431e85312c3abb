package io.culvert.pipeline;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.tunnel.Slot;
import io.culvert.wire.EthernetFlyweight;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.TcpFlyweight;
import io.culvert.wire.UdpFlyweight;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Where an inner packet's TCP or UDP header and payload are, and what flow it belongs to. It knows plain headers only:
 * whole packets without IP options or extension headers, in a frame without padding. Offsets count from the slot's buffer. One thread.
 */
final class TransportView {

    private static final int IPV4_FRAGMENT_BITS = 0x3fff;
    private static final int IPV4_FRAGMENT = 6;
    private static final int IPV4_TOTAL_LENGTH = 2;
    private static final int IPV4_PROTOCOL = 9;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV6_PAYLOAD_LENGTH = 4;
    private static final int IPV6_NEXT_HEADER = 6;
    private static final int IPV6_SOURCE = 8;
    private static final int TCP_DATA_OFFSET = 12;
    private static final int UDP_LENGTH = 4;

    private UnsafeBuffer buffer = new UnsafeBuffer(new byte[0]);
    private int link;
    private int ip;
    private int transport;
    private int payload;
    private int end;
    private boolean ipv4;
    private boolean tcp;

    /** Looks at a slot's packet, which has passed the checks of decapsulation; false if it is none that this view knows. */
    boolean wrap(Slot slot) {
        buffer = slot.buffer;
        link = slot.offset;
        ip = link + slot.networkOffset;
        end = link + slot.length;
        if (ip != link && (slot.networkOffset == EthernetFlyweight.NO_IP || !isSoundInFrame())) {
            return false;
        }
        ipv4 = (buffer.getByte(ip) & 0xf0) == 0x40;
        if (ipv4 && (buffer.getByte(ip) != 0x45 || hasFragmentBits())) {
            return false;
        }
        transport = ip + (ipv4 ? Ipv4Flyweight.MIN_HEADER_LENGTH : Ipv6Flyweight.HEADER_LENGTH);
        int protocol = buffer.getByte(ip + (ipv4 ? IPV4_PROTOCOL : IPV6_NEXT_HEADER));
        tcp = protocol == IpProtocol.TCP;
        return tcp ? wrapTcp() : protocol == IpProtocol.UDP && wrapUdp();
    }

    /** Decapsulation has not judged what is in a frame: whether the IP packet fills it and has a right checksum. */
    private boolean isSoundInFrame() {
        if ((buffer.getByte(ip) & 0xf0) == 0x40) {
            int length = buffer.getShort(ip + IPV4_TOTAL_LENGTH, BIG_ENDIAN) & 0xffff;
            return length == end - ip && InternetChecksum.isValid(buffer, ip, Ipv4Flyweight.MIN_HEADER_LENGTH, 0);
        }
        int length = buffer.getShort(ip + IPV6_PAYLOAD_LENGTH, BIG_ENDIAN) & 0xffff;
        return length == end - ip - Ipv6Flyweight.HEADER_LENGTH;
    }

    private boolean hasFragmentBits() {
        return (buffer.getShort(ip + IPV4_FRAGMENT, BIG_ENDIAN) & IPV4_FRAGMENT_BITS) != 0;
    }

    private boolean wrapTcp() {
        if (end - transport < TcpFlyweight.MIN_HEADER_LENGTH) {
            return false;
        }
        int length = (buffer.getByte(transport + TCP_DATA_OFFSET) >> 4 & 0xf) * Integer.BYTES;
        payload = transport + length;
        return length >= TcpFlyweight.MIN_HEADER_LENGTH && payload <= end;
    }

    private boolean wrapUdp() {
        payload = transport + UdpFlyweight.HEADER_LENGTH;
        return payload <= end && (buffer.getShort(transport + UDP_LENGTH, BIG_ENDIAN) & 0xffff) == end - transport;
    }

    /** Whether both packets have the same addresses, those of a frame too, protocol and ports. */
    boolean isSameFlow(TransportView other) {
        return ports() == other.ports()
                && ipv4 == other.ipv4
                && tcp == other.tcp
                && isSameLink(other)
                && isEqual(other, addresses(), other.addresses(), transport - addresses());
    }

    private boolean isSameLink(TransportView other) {
        if (ip - link != other.ip - other.link) {
            return false;
        }
        for (int i = 0; i < ip - link; i += Short.BYTES) {
            if (buffer.getShort(link + i) != other.buffer.getShort(other.link + i)) {
                return false;
            }
        }
        return true;
    }

    private int addresses() {
        return ip + (ipv4 ? IPV4_SOURCE : IPV6_SOURCE);
    }

    /** Whether so many bytes, a multiple of 4, are the same at those offsets. */
    boolean isEqual(TransportView other, int offset, int otherOffset, int length) {
        for (int i = 0; i < length; i += Integer.BYTES) {
            if (buffer.getInt(offset + i) != other.buffer.getInt(otherOffset + i)) {
                return false;
            }
        }
        return true;
    }

    /** The sum of the pseudo-header of a packet with these addresses and that many bytes behind its IP header. */
    long pseudoHeader(int length) {
        int protocol = tcp ? IpProtocol.TCP : IpProtocol.UDP;
        return InternetChecksum.sum(buffer, addresses(), transport - addresses(), (long) protocol + length);
    }

    /** Whether the checksum of the slot, which is this view's, is right, or is left to be finished where it belongs. */
    boolean isChecksumSound(Slot slot) {
        if (slot.checksumPartial) {
            return slot.checksumStart == transport && slot.checksumOffset == checksumOffset();
        }
        int length = end - transport;
        return InternetChecksum.isValid(buffer, transport, length, pseudoHeader(length));
    }

    /** Bytes from the start of the TCP or UDP header to its checksum. */
    int checksumOffset() {
        return tcp ? TcpFlyweight.CHECKSUM_OFFSET : UdpFlyweight.CHECKSUM_OFFSET;
    }

    private int ports() {
        return buffer.getInt(transport);
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    /** Where the packet or frame starts. */
    int link() {
        return link;
    }

    boolean isIpv4() {
        return ipv4;
    }

    boolean isTcp() {
        return tcp;
    }

    int ip() {
        return ip;
    }

    int transport() {
        return transport;
    }

    int payload() {
        return payload;
    }

    int payloadLength() {
        return end - payload;
    }
}
