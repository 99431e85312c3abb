package io.culvert.pipeline;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.linux.tun.VnetHeader;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Slot;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.TcpFlyweight;
import io.culvert.wire.UdpFlyweight;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Cuts an encapsulated super-packet into outer packets: for each segment the headers are copied and changed, the payload
 * stays in its slot. The inner layer 4 checksum of each segment is left partial. One thread.
 */
final class Segmenter {

    /** Most bytes of inner IP and layer 4 headers, extension headers and options included. */
    static final int MAX_INNER_HEADERS = 160;

    private static final Slot NONE = new Slot(new UnsafeBuffer(new byte[0]), 0);

    private static final int IPV4_TOTAL_LENGTH = 2;
    private static final int IPV4_IDENTIFICATION = 4;
    private static final int IPV4_CHECKSUM = 10;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV6_PAYLOAD_LENGTH = 4;
    private static final int IPV6_HEADER_LENGTH = 40;
    private static final int IPV6_SOURCE = 8;
    private static final int TCP_SEQUENCE = 4;
    private static final int TCP_FLAGS = 13;
    private static final int TCP_FIN_PSH = 0x09;
    private static final int TCP_CWR = 0x80;
    private static final int UDP_LENGTH = 4;

    private Slot slot = NONE;
    private int inner;
    private int headersEnd;
    private int payload;
    private boolean ipv4;
    private boolean tcp;
    private long pseudoHeader;

    /** Into how many segments a received super-packet will be cut; 1 if its headers make no sense. */
    static int count(Slot slot) {
        int bytes = slot.offset + slot.length - VirtioHeader.headersEnd(slot);
        return slot.gsoSize == 0 ? 1 : Math.max(1, (bytes + slot.gsoSize - 1) / slot.gsoSize);
    }

    /** Whether an inner super-packet's headers lie where they can; only then may it be encapsulated. */
    static boolean isSound(Slot slot) {
        boolean udp = slot.gsoType == VnetHeader.GSO_UDP_L4;
        return slot.checksumPartial
                && slot.gsoSize > 0
                && slot.checksumOffset == (udp ? UdpFlyweight.CHECKSUM_OFFSET : TcpFlyweight.CHECKSUM_OFFSET)
                && slot.checksumStart > slot.offset + slot.networkOffset
                && VirtioHeader.headersEnd(slot) - slot.checksumStart
                        >= (udp ? UdpFlyweight.HEADER_LENGTH : TcpFlyweight.MIN_HEADER_LENGTH)
                && VirtioHeader.headersEnd(slot) <= slot.offset + Math.min(slot.length, MAX_INNER_HEADERS);
    }

    /** Length in bytes of the inner packet or frame that each full segment of an inner super-packet will be. */
    static int segmentLength(Slot slot) {
        return VirtioHeader.headersEnd(slot) - slot.offset + slot.gsoSize;
    }

    /** Takes a super-packet whose outer header is in place. */
    void start(Slot superPacket) {
        slot = superPacket;
        UnsafeBuffer buffer = slot.buffer;
        inner = slot.offset + slot.outerHeader().length() + slot.networkOffset;
        headersEnd = VirtioHeader.headersEnd(slot);
        payload = slot.offset + slot.length - headersEnd;
        ipv4 = (buffer.getByte(inner) & 0xf0) == 0x40;
        tcp = slot.gsoType != VnetHeader.GSO_UDP_L4;
        int protocol = tcp ? IpProtocol.TCP : IpProtocol.UDP;
        pseudoHeader = ipv4
                ? InternetChecksum.sum(buffer, inner + IPV4_SOURCE, 8, protocol)
                : InternetChecksum.sum(buffer, inner + IPV6_SOURCE, 32, protocol);
    }

    /** Length of what {@link #putHeaders} writes, from the outer IP header on, in bytes. */
    int headersLength() {
        return headersEnd - slot.offset;
    }

    /** Payload bytes of a segment. */
    int payloadLength(int segment) {
        return Math.min(slot.gsoSize, payload - segment * slot.gsoSize);
    }

    /** Where a segment's payload is in the slot. */
    int payloadOffset(int segment) {
        return headersEnd + segment * slot.gsoSize;
    }

    /**
     * Writes a segment's headers.
     *
     * @param headers gets them
     * @param ip where the outer IP header goes; the link header goes in front of it
     */
    void putHeaders(int segment, UnsafeBuffer headers, int ip) {
        int shift = ip - slot.offset;
        int link = slot.offset - OuterRoute.LINK_LENGTH;
        headers.putBytes(ip - OuterRoute.LINK_LENGTH, slot.buffer, link, headersEnd - link);
        int transport = slot.checksumStart + shift;
        int transportLength = headersEnd - slot.checksumStart + payloadLength(segment);
        putInner(segment, headers, inner + shift, headersEnd - inner + payloadLength(segment));
        if (tcp) {
            putTcp(segment, headers, transport);
        } else {
            headers.putShort(transport + UDP_LENGTH, (short) transportLength, BIG_ENDIAN);
        }
        int field = transport + slot.checksumOffset;
        headers.putShort(field, (short) InternetChecksum.fold(pseudoHeader + transportLength), BIG_ENDIAN);
        slot.outerHeader()
                .fixUpSegment(
                        headers,
                        ip,
                        slot,
                        segment,
                        headersEnd - slot.offset + payloadLength(segment),
                        transport,
                        field);
    }

    private void putInner(int segment, UnsafeBuffer headers, int at, int length) {
        if (!ipv4) {
            headers.putShort(at + IPV6_PAYLOAD_LENGTH, (short) (length - IPV6_HEADER_LENGTH), BIG_ENDIAN);
            return;
        }
        int oldLength = headers.getShort(at + IPV4_TOTAL_LENGTH, BIG_ENDIAN) & 0xffff;
        int oldIdentification = headers.getShort(at + IPV4_IDENTIFICATION, BIG_ENDIAN) & 0xffff;
        int identification = (oldIdentification + segment) & 0xffff;
        int checksum = headers.getShort(at + IPV4_CHECKSUM, BIG_ENDIAN) & 0xffff;
        checksum = InternetChecksum.update(checksum, oldLength, length);
        checksum = InternetChecksum.update(checksum, oldIdentification, identification);
        headers.putShort(at + IPV4_TOTAL_LENGTH, (short) length, BIG_ENDIAN);
        headers.putShort(at + IPV4_IDENTIFICATION, (short) identification, BIG_ENDIAN);
        headers.putShort(at + IPV4_CHECKSUM, (short) checksum, BIG_ENDIAN);
    }

    /** RFC 9293: each segment has its own sequence number; FIN and PSH stay with the last, CWR with the first. */
    private void putTcp(int segment, UnsafeBuffer headers, int at) {
        int sequence = headers.getInt(at + TCP_SEQUENCE, BIG_ENDIAN) + segment * slot.gsoSize;
        headers.putInt(at + TCP_SEQUENCE, sequence, BIG_ENDIAN);
        int flags = headers.getByte(at + TCP_FLAGS);
        if ((segment + 1) * slot.gsoSize < payload) {
            flags &= ~TCP_FIN_PSH;
        }
        if (segment > 0) {
            flags &= ~TCP_CWR;
        }
        headers.putByte(at + TCP_FLAGS, (byte) flags);
    }
}
