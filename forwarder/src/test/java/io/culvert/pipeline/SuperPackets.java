package io.culvert.pipeline;

import io.culvert.linux.tun.VnetHeader;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelTable;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.TcpFlyweight;
import org.agrona.concurrent.UnsafeBuffer;

/** Inner super-packets as a TUN device hands them over, and what the encapsulation path's first stage makes of them. */
final class SuperPackets {

    static final int TCP_OPTIONS = 12;

    private SuperPackets() {}

    /** A TCP super-packet with every flag that is of interest, its checksum partial. */
    static byte[] tcp(boolean ipv6, int sequence, byte[] data) {
        byte[] segment = new byte[TcpFlyweight.MIN_HEADER_LENGTH + TCP_OPTIONS + data.length];
        UnsafeBuffer buffer = new UnsafeBuffer(segment);
        new TcpFlyweight()
                .wrap(buffer, 0)
                .sourcePort(5000)
                .destinationPort(6000)
                .sequence(sequence)
                .acknowledgment(77)
                .headerLength(TcpFlyweight.MIN_HEADER_LENGTH + TCP_OPTIONS)
                .flags(TcpFlyweight.ACK | TcpFlyweight.PSH | TcpFlyweight.FIN | TcpFlyweight.CWR)
                .window(1000)
                .checksum(0xdead);
        buffer.setMemory(TcpFlyweight.MIN_HEADER_LENGTH, TCP_OPTIONS, (byte) 1);
        buffer.putBytes(TcpFlyweight.MIN_HEADER_LENGTH + TCP_OPTIONS, data);
        return ipv6
                ? Packets.ipv6().nextHeader(IpProtocol.TCP).payload(segment).build()
                : Packets.ipv4()
                        .protocol(IpProtocol.TCP)
                        .fragment(0x4000)
                        .payload(segment)
                        .build();
    }

    /** A UDP super-packet, its checksum partial. */
    static byte[] udp(boolean ipv6, byte[] data) {
        byte[] datagram = Packets.udp(0xdead, data);
        return ipv6
                ? Packets.ipv6().payload(datagram).build()
                : Packets.ipv4().payload(datagram).build();
    }

    /** Makes a slot hold it as if it had been read from the tunnel's device. */
    static void receive(Slot slot, Tunnel tunnel, byte[] packet, int gsoType, int gsoSize) {
        boolean ipv6 = (packet[0] & 0xf0) == 0x60;
        boolean udp = gsoType == VnetHeader.GSO_UDP_L4;
        slot.received(TunnelTable.EMPTY, packet.length);
        slot.buffer.putBytes(slot.offset, packet);
        slot.tunnel = tunnel;
        slot.checksumPartial = true;
        slot.checksumStart = slot.offset + (ipv6 ? 40 : 20);
        slot.checksumOffset = udp ? 6 : TcpFlyweight.CHECKSUM_OFFSET;
        slot.gsoType = gsoType;
        slot.gsoSize = gsoSize;
        slot.segments = Segmenter.count(slot);
    }

    /** The sum of the pseudo-header of the IP packet at that offset. */
    static long pseudoHeader(UnsafeBuffer packet, int ip, int transportLength) {
        boolean ipv6 = (packet.getByte(ip) & 0xf0) == 0x60;
        int protocol = packet.getByte(ip + (ipv6 ? 6 : 9));
        return InternetChecksum.sum(packet, ip + (ipv6 ? 8 : 12), ipv6 ? 32 : 8, (long) protocol + transportLength);
    }
}
