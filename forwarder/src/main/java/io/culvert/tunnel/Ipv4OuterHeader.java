package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.Addresses;
import io.culvert.wire.Ecn;
import io.culvert.wire.InternetChecksum;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** An outer IPv4 header, without options, and what the mode puts behind it. */
final class Ipv4OuterHeader extends OuterHeader {

    /** Length of the IPv4 header in bytes. */
    private static final int IPV4_LENGTH = 20;

    private static final int DONT_FRAGMENT = 0x4000;
    private static final int TOS_INHERIT = 0x01;

    private final int checksumBase;
    private final boolean destinationByPacket;
    private final int ttl;
    private final int tos;
    private final boolean pathMtuDiscovery;
    private final boolean ignoreDf;

    private final Tunnel tunnel;

    /** The header with an acknowledgment; null if the mode has none. */
    private final @Nullable Ipv4OuterHeader acknowledging;

    /** Not where the path has an MTU so small that only routers' fragments pass it. */
    private final boolean mayDontFragment;

    Ipv4OuterHeader(Tunnel tunnel, OuterRoute route) {
        this(tunnel, route, tunnel.remote());
    }

    /** @param destination host order; 0 if each packet has its own */
    Ipv4OuterHeader(Tunnel tunnel, OuterRoute route, int destination) {
        this(tunnel, route, destination, tunnel.encapsulator());
    }

    private Ipv4OuterHeader(Tunnel tunnel, OuterRoute route, int destination, Encapsulator shim) {
        super(tunnel, route, IPV4_LENGTH, shim);
        Encapsulator other = shim.acknowledging();
        acknowledging = other == null ? null : new Ipv4OuterHeader(tunnel, route, destination, other);
        this.tunnel = tunnel;
        TunnelSpec spec = tunnel.spec();
        ttl = spec.ttl();
        tos = spec.tos();
        pathMtuDiscovery = spec.pmtudisc();
        ignoreDf = spec.ignoreDf();
        mayDontFragment = route.mtuSource() != MtuSource.ICMP_LOCKED;
        int ip = OuterRoute.LINK_LENGTH;
        template.putByte(ip, (byte) 0x45);
        template.putInt(ip + 12, tunnel.local() != 0 ? tunnel.local() : Addresses.toInt(route.source()), BIG_ENDIAN);
        template.putInt(ip + 16, destination, BIG_ENDIAN);
        encapsulator.putTemplate(template, ip + IPV4_LENGTH);
        int sum = 0;
        for (int i = 0; i < IPV4_LENGTH; i += 2) {
            sum += template.getShort(ip + i, BIG_ENDIAN) & 0xffff;
        }
        checksumBase = sum;
        destinationByPacket = destination == 0;
    }

    @Override
    public boolean mayBeFragmented(boolean innerDontFragment) {
        return (!innerDontFragment || ignoreDf) && (!mayDontFragment || !pathMtuDiscovery);
    }

    /** As Linux's, vti tells its IPv6 senders all the same. */
    @Override
    public boolean ignoresPathMtu() {
        return !pathMtuDiscovery && !seals();
    }

    @Override
    public OuterHeader acknowledging() {
        return acknowledging != null && tunnel.call().hasReceived() ? acknowledging : this;
    }

    @Override
    public void fixUpSegment(
            MutableDirectBuffer headers,
            int ip,
            Slot slot,
            int segment,
            int total,
            int checksumStart,
            int checksumField) {
        int identification = (slot.identification + segment) & 0xffff;
        int outerTotal = total + encapsulator.trailerLength(total - length);
        int checksum = headers.getShort(ip + 10, BIG_ENDIAN) & 0xffff;
        checksum = InternetChecksum.update(checksum, headers.getShort(ip + 2, BIG_ENDIAN) & 0xffff, outerTotal);
        checksum = InternetChecksum.update(checksum, headers.getShort(ip + 4, BIG_ENDIAN) & 0xffff, identification);
        headers.putShort(ip + 2, (short) outerTotal, BIG_ENDIAN);
        headers.putShort(ip + 4, (short) identification, BIG_ENDIAN);
        headers.putShort(ip + 10, (short) checksum, BIG_ENDIAN);
        encapsulator.fixUpSegment(
                headers, ip + IPV4_LENGTH, slot.sequence + segment, total - IPV4_LENGTH, checksumStart, checksumField);
    }

    @Override
    public void prepend(Slot slot, int innerVersion, int innerTos, int innerTtl, boolean innerDontFragment) {
        UnsafeBuffer buffer = slot.buffer;
        int ip = slot.offset - length;
        int link = ip - OuterRoute.LINK_LENGTH;
        // Only of a super-packet can it be more than the field takes: each of its segments gets its own.
        int trailer = slot.gsoType == 0 ? encapsulator.trailerLength(slot.length) : 0;
        int total = (slot.length + length + trailer) & 0xffff;
        for (int i = 0; i < OuterRoute.LINK_LENGTH + length; i += Short.BYTES) {
            buffer.putShort(link + i, template.getShort(i));
        }
        // RFC 6040 section 4.1, normal mode: the ECN field always comes from the inner header.
        boolean inherits = (tos & TOS_INHERIT) != 0 && innerVersion != 0;
        int outerTos = ((inherits ? innerTos : tos) & ~0x3) | Ecn.encapsulate(innerTos);
        int outerTtl = ttl != 0 ? ttl : innerTtl;
        boolean dontFragment = pathMtuDiscovery || (innerDontFragment && !ignoreDf);
        int fragment = mayDontFragment && dontFragment ? DONT_FRAGMENT : 0;
        int identification = slot.identification & 0xffff;
        int ttlAndProtocol = outerTtl << 8 | encapsulator.protocol(innerVersion);
        int sum = checksumBase + outerTos + total + identification + fragment + ttlAndProtocol;
        if (destinationByPacket) {
            buffer.putInt(ip + 16, slot.outerDestination, BIG_ENDIAN);
            sum += (slot.outerDestination >>> 16) + (slot.outerDestination & 0xffff);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        buffer.putByte(ip + 1, (byte) outerTos);
        buffer.putShort(ip + 2, (short) total, BIG_ENDIAN);
        buffer.putShort(ip + 4, (short) identification, BIG_ENDIAN);
        buffer.putShort(ip + 6, (short) fragment, BIG_ENDIAN);
        buffer.putShort(ip + 8, (short) ttlAndProtocol, BIG_ENDIAN);
        buffer.putShort(ip + 10, (short) ~sum, BIG_ENDIAN);
        slot.offset = ip;
        slot.length += length;
        slot.outerHeader = this;
        encapsulator.fixUp(slot, ip + IPV4_LENGTH, innerVersion);
    }
}
