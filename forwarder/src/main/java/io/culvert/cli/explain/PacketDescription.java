package io.culvert.cli.explain;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.Addresses;
import io.culvert.wire.EtherType;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.UdpFlyweight;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Objects;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** What is said of a packet, and the bytes that it has then. */
final class PacketDescription {

    /** Bytes of UDP payload: with all headers the packet has no more than 65,535. */
    static final int MAX_PAYLOAD = 65_000;

    private static final int SOURCE_PORT = 49_152;

    @Nullable
    InetAddress from;

    @Nullable
    InetAddress to;

    @Nullable
    String dev;

    @Nullable
    String tunnel;

    @Nullable
    PacketDescription inner;

    @Nullable
    Integer key;

    @Nullable
    Integer sequence;

    int ttl = 64;
    int tos;
    int port = 9;
    int payloadLength = 56;
    boolean dontFragment;
    boolean isGre;
    boolean checksum;

    /** The packet: UDP, or what carries the inner packet. */
    byte[] bytes() {
        PacketDescription carried = inner;
        if (carried == null) {
            return ip(IpProtocol.UDP, udp());
        }
        byte[] payload = carried.bytes();
        boolean isInnerIpv4 = carried.to instanceof Inet4Address;
        if (isGre) {
            return ip(IpProtocol.GRE, gre(isInnerIpv4 ? EtherType.IPV4 : EtherType.IPV6, payload));
        }
        return ip(isInnerIpv4 ? IpProtocol.IPV4 : IpProtocol.IPV6, payload);
    }

    private byte[] udp() {
        byte[] bytes = new byte[UdpFlyweight.HEADER_LENGTH + payloadLength];
        new UdpFlyweight()
                .wrap(new UnsafeBuffer(bytes), 0)
                .sourcePort(SOURCE_PORT)
                .destinationPort(port)
                .length(bytes.length);
        return bytes;
    }

    private byte[] gre(int protocol, byte[] payload) {
        int flags = (checksum ? GreFlyweight.CHECKSUM_PRESENT : 0)
                | (key != null ? GreFlyweight.KEY_PRESENT : 0)
                | (sequence != null ? GreFlyweight.SEQUENCE_PRESENT : 0);
        int headerLength = GreFlyweight.headerLength(flags);
        byte[] bytes = new byte[headerLength + payload.length];
        System.arraycopy(payload, 0, bytes, headerLength, payload.length);
        GreFlyweight gre =
                new GreFlyweight().wrap(new UnsafeBuffer(bytes), 0).flags(flags).protocol(protocol);
        if (key != null) {
            gre.key(key);
        }
        if (sequence != null) {
            gre.sequence(sequence);
        }
        if (checksum) {
            gre.updateChecksum(bytes.length);
        }
        return bytes;
    }

    private byte[] ip(int protocol, byte[] payload) {
        InetAddress source = Objects.requireNonNull(from);
        InetAddress destination = Objects.requireNonNull(to);
        if (source.getAddress().length != destination.getAddress().length) {
            throw new IllegalArgumentException("from and to are of different IP versions");
        }
        return source instanceof Inet4Address
                ? ipv4(protocol, payload, Addresses.toInt(source), Addresses.toInt(destination))
                : ipv6(protocol, payload, source, destination);
    }

    private byte[] ipv4(int protocol, byte[] payload, int source, int destination) {
        byte[] bytes = concat(Ipv4Flyweight.MIN_HEADER_LENGTH, payload);
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        buffer.putByte(0, (byte) 0x45);
        new Ipv4Flyweight()
                .wrap(buffer, 0)
                .tos(tos)
                .totalLength(bytes.length)
                .flagsAndFragmentOffset(dontFragment ? Ipv4Flyweight.DONT_FRAGMENT : 0)
                .ttl(ttl)
                .protocol(protocol)
                .source(source)
                .destination(destination)
                .updateChecksum();
        long pseudo = InternetChecksum.pseudoHeaderIpv4(source, destination, protocol, payload.length);
        return withUdpChecksum(bytes, Ipv4Flyweight.MIN_HEADER_LENGTH, protocol, pseudo);
    }

    private byte[] ipv6(int protocol, byte[] payload, InetAddress source, InetAddress destination) {
        byte[] bytes = concat(Ipv6Flyweight.HEADER_LENGTH, payload);
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        buffer.putInt(0, 0x6000_0000, BIG_ENDIAN);
        Ipv6Flyweight ipv6 = new Ipv6Flyweight()
                .wrap(buffer, 0)
                .trafficClass(tos)
                .payloadLength(payload.length)
                .nextHeader(protocol)
                .hopLimit(ttl)
                .source(new UnsafeBuffer(source.getAddress()), 0)
                .destination(new UnsafeBuffer(destination.getAddress()), 0);
        return withUdpChecksum(
                bytes, Ipv6Flyweight.HEADER_LENGTH, protocol, ipv6.pseudoHeader(protocol, payload.length));
    }

    private static byte[] withUdpChecksum(byte[] packet, int headerLength, int protocol, long pseudoHeader) {
        if (protocol == IpProtocol.UDP) {
            new UdpFlyweight().wrap(new UnsafeBuffer(packet), headerLength).updateChecksum(pseudoHeader);
        }
        return packet;
    }

    private static byte[] concat(int headerLength, byte[] payload) {
        byte[] bytes = new byte[headerLength + payload.length];
        System.arraycopy(payload, 0, bytes, headerLength, payload.length);
        return bytes;
    }
}
