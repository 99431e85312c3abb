package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.Ecn;
import io.culvert.wire.InternetChecksum;
import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The outer header of a tunnel for one route: link header, IPv4 header and shim built once, fixed up for each packet.
 * Immutable; any worker may use it at any time.
 */
public final class OuterHeader {

    /** Length of the outer IPv4 header in bytes: options are never sent. */
    static final int IPV4_LENGTH = 20;

    private static final int TEMPLATE_CAPACITY = 64;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final int TOS_INHERIT = 0x01;

    private final Tunnel tunnel;
    private final OuterRoute route;
    private final Encapsulator encapsulator;
    private final UnsafeBuffer template = new UnsafeBuffer(ByteBuffer.allocateDirect(TEMPLATE_CAPACITY));
    private final int length;
    private final int checksumBase;
    private final int ttl;
    private final int tos;
    private final boolean pathMtuDiscovery;

    OuterHeader(Tunnel tunnel, OuterRoute route) {
        this.tunnel = tunnel;
        this.route = route;
        encapsulator = tunnel.encapsulator();
        TunnelSpec spec = tunnel.spec();
        ttl = spec.ttl();
        tos = spec.tos();
        pathMtuDiscovery = spec.pmtudisc();
        length = IPV4_LENGTH + encapsulator.shimLength();
        int ip = OuterRoute.LINK_LENGTH;
        if (route.link() != null) {
            template.putBytes(0, route.link());
        }
        template.putByte(ip, (byte) 0x45);
        template.putByte(ip + 9, (byte) spec.mode().protocol());
        template.putInt(ip + 12, tunnel.local() != 0 ? tunnel.local() : route.source(), BIG_ENDIAN);
        template.putInt(ip + 16, tunnel.remote(), BIG_ENDIAN);
        encapsulator.putTemplate(template, ip + IPV4_LENGTH);
        int sum = 0;
        for (int i = 0; i < IPV4_LENGTH; i += 2) {
            sum += template.getShort(ip + i, BIG_ENDIAN) & 0xffff;
        }
        checksumBase = sum;
    }

    /** Where the packets go. */
    public OuterRoute route() {
        return route;
    }

    /** Whether a packet socket can send: the link header in front is complete. */
    public boolean isResolved() {
        return route.link() != null;
    }

    /** Whether super-packets with this header go out whole: the device takes them, and their segments are alike. */
    public boolean isSuper() {
        return route.superLane() && isResolved() && encapsulator.segmentsAlike();
    }

    /**
     * Turns a copy of a super-packet's headers into those of one of its segments, as far as they are outer headers.
     *
     * @param headers the copy, with inner headers that are the segment's already
     * @param ip where the outer IPv4 header is in the copy
     * @param segment which segment, from 0
     * @param total the segment's outer total length in bytes
     * @param checksumStart where the inner layer 4 header is in the copy
     * @param checksumField where the partial inner checksum is in the copy
     */
    public void fixUpSegment(
            MutableDirectBuffer headers,
            int ip,
            Slot slot,
            int segment,
            int total,
            int checksumStart,
            int checksumField) {
        int identification = (slot.identification + segment) & 0xffff;
        int checksum = headers.getShort(ip + 10, BIG_ENDIAN) & 0xffff;
        checksum = InternetChecksum.update(checksum, headers.getShort(ip + 2, BIG_ENDIAN) & 0xffff, total);
        checksum = InternetChecksum.update(checksum, headers.getShort(ip + 4, BIG_ENDIAN) & 0xffff, identification);
        headers.putShort(ip + 2, (short) total, BIG_ENDIAN);
        headers.putShort(ip + 4, (short) identification, BIG_ENDIAN);
        headers.putShort(ip + 10, (short) checksum, BIG_ENDIAN);
        encapsulator.fixUpSegment(headers, ip + IPV4_LENGTH, slot.sequence + segment, checksumStart, checksumField);
    }

    /** Why nothing can be sent; null if something can. */
    public @Nullable DropReason unusable() {
        return route.unusable();
    }

    /** Largest inner packet the route takes, in bytes. */
    public int innerMtu() {
        return route.mtu() - length;
    }

    /** Whether the mode carries inner packets of that IP version. */
    public boolean carries(int innerVersion) {
        return encapsulator.carries(innerVersion);
    }

    /**
     * Prepends the outer header, and in front of it the link header, which does not count to the slot's packet.
     *
     * @param slot holds the inner packet, {@link Slot#MAX_PACKET} with the outer header at most
     * @param innerVersion 4 or 6
     * @param innerTos the inner DS field
     * @param innerTtl the inner TTL or hop limit
     * @param innerDontFragment the inner DF bit; false for IPv6
     */
    public void prepend(Slot slot, int innerVersion, int innerTos, int innerTtl, boolean innerDontFragment) {
        UnsafeBuffer buffer = slot.buffer;
        int ip = slot.offset - length;
        int link = ip - OuterRoute.LINK_LENGTH;
        // Only of a super-packet can it be more than the field takes: each of its segments gets its own.
        int total = (slot.length + length) & 0xffff;
        for (int i = 0; i < OuterRoute.LINK_LENGTH + length; i += Short.BYTES) {
            buffer.putShort(link + i, template.getShort(i));
        }
        // RFC 6040 section 4.1, normal mode: the ECN field always comes from the inner header.
        int outerTos = (((tos & TOS_INHERIT) != 0 ? innerTos : tos) & ~0x3) | Ecn.encapsulate(innerTos);
        int outerTtl = ttl != 0 ? ttl : innerTtl;
        int fragment = pathMtuDiscovery || innerDontFragment ? DONT_FRAGMENT : 0;
        int identification = slot.identification & 0xffff;
        int sum = checksumBase + outerTos + total + identification + fragment + (outerTtl << 8);
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        buffer.putByte(ip + 1, (byte) outerTos);
        buffer.putShort(ip + 2, (short) total, BIG_ENDIAN);
        buffer.putShort(ip + 4, (short) identification, BIG_ENDIAN);
        buffer.putShort(ip + 6, (short) fragment, BIG_ENDIAN);
        buffer.putByte(ip + 8, (byte) outerTtl);
        buffer.putShort(ip + 10, (short) ~sum, BIG_ENDIAN);
        slot.offset = ip;
        slot.length += length;
        slot.outerHeader = this;
        encapsulator.fixUp(slot, ip + IPV4_LENGTH, innerVersion);
    }

    /**
     * Gives a packet with this header, or each segment of a super-packet, the next number to send, where the mode has
     * numbers. The encapsulation path's egress stage only, in the order of sending: what is dropped before takes none.
     */
    public void number(Slot slot) {
        if (encapsulator.isNumbered()) {
            boolean isWhole = slot.gsoType == 0;
            slot.sequence = tunnel.takeOutputSequence(isWhole ? 1 : slot.segments);
            if (isWhole) {
                encapsulator.putSequence(slot.buffer, slot.offset + IPV4_LENGTH, slot.sequence);
            }
        }
    }

    @Override
    public String toString() {
        return tunnel + " by " + route;
    }
}
