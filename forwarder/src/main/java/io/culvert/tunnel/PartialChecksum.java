package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.EthernetFlyweight;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Malformed;
import io.culvert.wire.TcpFlyweight;
import io.culvert.wire.UdpFlyweight;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A layer 4 checksum that a sender on this host left for a device to finish: the field holds the pseudo-header's sum.
 */
public final class PartialChecksum {

    private static final int TCP_DATA_OFFSET = 12;
    private static final int TCP_HEADER = 20;
    private static final int UDP_HEADER = 8;
    private static final int GSO_TCPV4 = 1;
    private static final int GSO_TCPV6 = 4;
    private static final int GSO_UDP_L4 = 5;

    private PartialChecksum() {}

    /**
     * Whether a checksum to finish, or of a super-packet the header in front of its payload, is not within those bytes: then
     * nothing may be written where it points, nor the packet be cut there.
     *
     * @param from first byte that it may be at
     * @param end of the packet in the buffer
     */
    static boolean isOutside(Slot slot, int from, int end) {
        int start = slot.checksumStart;
        return slot.checksumPartial
                && (start < from
                        || start + slot.checksumOffset + Short.BYTES > end
                        || (slot.gsoType != 0 && transportEnd(slot, end) > end));
    }

    private static int transportEnd(Slot slot, int end) {
        int start = slot.checksumStart;
        if (slot.gsoType == GSO_UDP_L4) {
            return start + UDP_HEADER;
        }
        return start + TCP_HEADER > end ? start + TCP_HEADER : start + tcpHeader(slot, start);
    }

    private static int tcpHeader(Slot slot, int start) {
        return (slot.buffer.getByte(start + TCP_DATA_OFFSET) >> 4 & 0xf) * Integer.BYTES;
    }

    /** Finishes the checksum in the slot, where a device would: not in a super-packet. */
    public static void complete(Slot slot) {
        if (slot.checksumPartial) {
            complete(slot, slot.buffer, slot.checksumStart, slot.offset + slot.length);
            slot.checksumPartial = false;
        }
    }

    /**
     * Finishes the checksum in a copy of the slot's packet, or of a segment of it.
     *
     * @param start of the layer 4 header in the buffer
     * @param end of the packet in the buffer
     */
    public static void complete(Slot slot, MutableDirectBuffer buffer, int start, int end) {
        InternetChecksum.complete(buffer, start, end - start, slot.checksumOffset, isUdp(slot));
    }

    /** Whether the checksum is UDP's, which is never 0 (RFC 768). */
    public static boolean isUdp(Slot slot) {
        return slot.checksumOffset == UdpFlyweight.CHECKSUM_OFFSET;
    }

    /**
     * Sets the slot's offload state by the inner packet or frame at that offset, if it is TCP or UDP: a raw socket does not
     * say whether a checksum is partial, and between virtual devices nothing ever finishes it. A finished checksum is taken
     * for a partial one once in 65,536 packets; finishing it again gives the same value, so nothing is lost by the mistake.
     */
    static void detect(Slot slot, int inner, int length) {
        if (!slot.tunnel().spec().isEthernet()) {
            detect(slot, inner, 0, length);
        } else if (EthernetFlyweight.validate(slot.buffer, inner, length) == Malformed.NONE) {
            int ip = EthernetFlyweight.ipOffset(slot.buffer, inner, length);
            if (ip != EthernetFlyweight.NO_IP) {
                detect(slot, inner + ip, ip, length - ip);
            }
        }
    }

    private static void detect(Slot slot, int offset, int frameHeader, int available) {
        UnsafeBuffer buffer = slot.buffer;
        int start = offset - frameHeader;
        if (Ipv4Flyweight.validate(buffer, offset, available) == Malformed.NONE) {
            Ipv4Flyweight inner = slot.innerIpv4.wrap(buffer, offset);
            if (!inner.isFragment()) {
                int length = inner.payloadLength();
                long pseudoHeader = InternetChecksum.pseudoHeaderIpv4(
                        inner.source(), inner.destination(), inner.protocol(), length);
                detect(slot, start, inner.protocol(), inner.payloadOffset(), length, pseudoHeader, GSO_TCPV4);
            }
        } else if (Ipv6Flyweight.validate(buffer, offset, available) == Malformed.NONE) {
            Ipv6Flyweight inner = slot.ipv6.wrap(buffer, offset);
            int length = inner.payloadLength();
            long pseudoHeader = inner.pseudoHeader(inner.nextHeader(), length);
            detect(slot, start, inner.nextHeader(), inner.payloadOffset(), length, pseudoHeader, GSO_TCPV6);
        }
    }

    private static void detect(
            Slot slot, int inner, int protocol, int start, int length, long pseudoHeader, int gsoType) {
        boolean tcp = protocol == IpProtocol.TCP && length >= TCP_HEADER;
        boolean udp = protocol == IpProtocol.UDP && length >= UDP_HEADER;
        if (!tcp && !udp) {
            return;
        }
        int field = tcp ? TcpFlyweight.CHECKSUM_OFFSET : UdpFlyweight.CHECKSUM_OFFSET;
        if ((slot.buffer.getShort(start + field, BIG_ENDIAN) & 0xffff) != InternetChecksum.fold(pseudoHeader)) {
            return;
        }
        slot.checksumPartial = true;
        slot.checksumStart = start;
        slot.checksumOffset = field;
        int innerMtu = slot.tunnel().outerHeader().innerMtu();
        if (tcp && start + length - inner > innerMtu) {
            // The kernel merged segments, and a raw socket does not say of what size: at most of what the tunnel takes.
            slot.gsoType = gsoType;
            slot.gsoSize = Math.max(1, innerMtu - (start - inner) - tcpHeader(slot, start));
        }
    }
}
