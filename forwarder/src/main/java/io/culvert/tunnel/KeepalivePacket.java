package io.culvert.tunnel;

import io.culvert.wire.Addresses;
import io.culvert.wire.EtherType;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Malformed;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A gre tunnel's keepalive, in Cisco's format: a GRE packet of protocol 0 and without payload from the peer to its sender,
 * which the sender puts into the tunnel.
 *
 * <pre>
 * IPv4 here to peer | GRE, protocol 0x0800 | IPv4 peer to here | GRE, protocol 0
 * </pre>
 */
public final class KeepalivePacket {

    /** Protocol type of the inner GRE header. */
    static final int PROTOCOL = 0;

    private static final int IPV4 = Ipv4Flyweight.MIN_HEADER_LENGTH;
    private static final int FIRST_BYTE = 0x45;
    private static final int NETWORK_CONTROL = 0xc0;
    private static final int MAX_TTL = 255;
    private static final int TTL_AND_PROTOCOL = 8;

    private KeepalivePacket() {}

    /** The whole outer packet that asks the peer for an answer; only of a tunnel with {@code keepalive}. */
    public static byte[] of(TunnelSpec spec) {
        int local = Addresses.toInt(spec.local());
        int remote = Addresses.toInt(spec.remote());
        byte[] answer = ipv4(remote, local, MAX_TTL, gre(spec.ikey(), spec.icsum(), PROTOCOL, new byte[0]));
        int ttl = spec.ttl() == 0 ? MAX_TTL : spec.ttl();
        return ipv4(local, remote, ttl, gre(spec.okey(), spec.ocsum(), EtherType.IPV4, answer));
    }

    private static byte[] ipv4(int source, int destination, int ttl, byte[] payload) {
        byte[] packet = new byte[IPV4 + payload.length];
        System.arraycopy(payload, 0, packet, IPV4, payload.length);
        new Ipv4Flyweight()
                .wrap(new UnsafeBuffer(packet), 0)
                .headerLength(IPV4)
                .tos(NETWORK_CONTROL)
                .totalLength(packet.length)
                .ttl(ttl)
                .protocol(IpProtocol.GRE)
                .source(source)
                .destination(destination)
                .updateChecksum();
        return packet;
    }

    private static byte[] gre(@Nullable Integer key, boolean checksum, int protocol, byte[] payload) {
        int flags = (key != null ? GreFlyweight.KEY_PRESENT : 0) | (checksum ? GreFlyweight.CHECKSUM_PRESENT : 0);
        int header = GreFlyweight.headerLength(flags);
        byte[] packet = new byte[header + payload.length];
        System.arraycopy(payload, 0, packet, header, payload.length);
        GreFlyweight gre = new GreFlyweight()
                .wrap(new UnsafeBuffer(packet), 0)
                .flags(flags)
                .protocol(protocol);
        if (key != null) {
            gre.key(key);
        }
        if (checksum) {
            gre.updateChecksum(packet.length);
        }
        return packet;
    }

    /**
     * Makes the slot hold what a keepalive of the peer's asks to be sent back, and nothing but that: a packet from exactly
     * this end to exactly the peer, with the key that the peer expects, and no payload.
     *
     * @param slot holds the outer packet and its tunnel
     * @param headers bytes from the slot's offset to the inner packet
     * @return whether it is a keepalive
     */
    static boolean answer(Slot slot, int headers) {
        TunnelSpec spec = slot.tunnel().spec();
        UnsafeBuffer buffer = slot.buffer;
        int inner = slot.offset + headers;
        int flags = (spec.okey() != null ? GreFlyweight.KEY_PRESENT : 0)
                | (spec.ocsum() ? GreFlyweight.CHECKSUM_PRESENT : 0);
        int length = IPV4 + GreFlyweight.headerLength(flags);
        if (slot.length - headers < length
                || buffer.getByte(inner) != FIRST_BYTE
                || Ipv4Flyweight.validate(buffer, inner, slot.length - headers) != Malformed.NONE) {
            return false;
        }
        Ipv4Flyweight ipv4 = slot.ipv4.wrap(buffer, inner);
        if (ipv4.protocol() != IpProtocol.GRE
                || ipv4.source() != slot.outerDestination
                || ipv4.destination() != slot.outerSource
                || ipv4.totalLength() != length
                || ipv4.isFragment()
                || ipv4.ttl() < 2
                || !ipv4.isChecksumValid()) {
            return false;
        }
        GreFlyweight gre = slot.gre.wrap(buffer, inner + IPV4);
        if (gre.flags() != flags || gre.protocol() != PROTOCOL || (spec.okey() != null && gre.key() != spec.okey())) {
            return false;
        }
        slot.offset = inner;
        slot.length = length;
        slot.innerLength = length;
        int before = buffer.getShort(inner + TTL_AND_PROTOCOL, java.nio.ByteOrder.BIG_ENDIAN) & 0xffff;
        ipv4.checksum(InternetChecksum.update(ipv4.checksum(), before, before - 0x100));
        ipv4.ttl(ipv4.ttl() - 1);
        slot.verdict = Verdict.ANSWER;
        return true;
    }
}
