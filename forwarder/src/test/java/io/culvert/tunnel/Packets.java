package io.culvert.tunnel;

import io.culvert.wire.GreFlyweight;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** Packets for tests, each method a whole one as bytes; what a test does not name has a sound value. */
public final class Packets {

    /** Outer address of this end: 203.0.113.1. */
    public static final int LOCAL = 0xcb007101;

    /** Outer address of the other end: 203.0.113.2. */
    public static final int REMOTE = 0xcb007102;

    private static final int UDP_HEADER_LENGTH = 8;
    private static final int UDP_CHECKSUM_OFFSET = 6;

    private Packets() {}

    /** An IPv4 packet to be: from 192.0.2.1 to 198.51.100.7, UDP, TTL 64, no payload. */
    public static Ipv4 ipv4() {
        return new Ipv4();
    }

    /** An outer packet to be, from the other end to this one. */
    public static Ipv4 outer(int protocol, byte[] payload) {
        return ipv4().source(REMOTE).destination(LOCAL).protocol(protocol).payload(payload);
    }

    /** A whole outer packet of mode ipip. */
    public static byte[] ipip(byte[] inner) {
        return outer(Mode.IPIP.protocol(), inner).build();
    }

    /** A whole outer packet of mode gre. */
    public static byte[] gre(Gre gre) {
        return outer(Mode.GRE.protocol(), gre.build()).build();
    }

    /** An IPv6 packet to be: from 2001:db8::1 to 2001:db8::7, UDP, hop limit 64, no payload. */
    public static Ipv6 ipv6() {
        return new Ipv6();
    }

    /** A packet from that address, of its family. */
    public static byte[] from(String source) {
        ByteBuffer address = address(source);
        return address.capacity() == Integer.BYTES
                ? ipv4().source(address.getInt()).build()
                : ipv6().source(address.getLong(), address.getLong()).build();
    }

    /** A packet to that address, of its family. */
    public static byte[] to(String destination) {
        ByteBuffer address = address(destination);
        return address.capacity() == Integer.BYTES
                ? ipv4().destination(address.getInt()).build()
                : ipv6().destination(address.getLong(), address.getLong()).build();
    }

    private static ByteBuffer address(String literal) {
        return ByteBuffer.wrap(InetAddress.ofLiteral(literal).getAddress());
    }

    /** A GRE packet to be: no option, IPv4 inside. */
    public static Gre gre() {
        return new Gre();
    }

    /** A UDP datagram whose checksum field holds that value. */
    public static byte[] udp(int checksum, byte[] data) {
        byte[] bytes = new byte[UDP_HEADER_LENGTH + data.length];
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        putShort(buffer, 0, 5000);
        putShort(buffer, 2, 6000);
        putShort(buffer, 4, bytes.length);
        putShort(buffer, UDP_CHECKSUM_OFFSET, checksum);
        buffer.putBytes(UDP_HEADER_LENGTH, data);
        return bytes;
    }

    /** The bytes 1, 2, 3 and so on. */
    public static byte[] data(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i + 1);
        }
        return bytes;
    }

    /** The first bytes of a packet. */
    public static byte[] cut(byte[] packet, int length) {
        return Arrays.copyOf(packet, length);
    }

    /** A copy with one byte changed. */
    public static byte[] with(byte[] packet, int index, int value) {
        byte[] changed = packet.clone();
        changed[index] = (byte) value;
        return changed;
    }

    /** A copy with other bytes behind it. */
    public static byte[] followedBy(byte[] packet, byte... more) {
        byte[] longer = Arrays.copyOf(packet, packet.length + more.length);
        System.arraycopy(more, 0, longer, packet.length, more.length);
        return longer;
    }

    private static void putShort(UnsafeBuffer buffer, int index, int value) {
        buffer.putByte(index, (byte) (value >> 8));
        buffer.putByte(index + 1, (byte) value);
    }

    /** An IPv4 packet to be. */
    public static final class Ipv4 {
        private int source = 0xc0000201;
        private int destination = 0xc6336407;
        private int tos;
        private int ttl = 64;
        private int protocol = IpProtocol.UDP;
        private int identification = 0x1234;
        private int fragment;
        private byte[] options = {};
        private byte[] payload = {};

        public Ipv4 source(int address) {
            source = address;
            return this;
        }

        public Ipv4 destination(int address) {
            destination = address;
            return this;
        }

        public Ipv4 tos(int value) {
            tos = value;
            return this;
        }

        public Ipv4 ttl(int value) {
            ttl = value;
            return this;
        }

        public Ipv4 protocol(int value) {
            protocol = value;
            return this;
        }

        public Ipv4 fragment(int flagsAndOffset) {
            fragment = flagsAndOffset;
            return this;
        }

        public Ipv4 options(byte... bytes) {
            options = bytes;
            return this;
        }

        public Ipv4 payload(byte[] bytes) {
            payload = bytes;
            return this;
        }

        /** The packet, with a right header checksum. */
        public byte[] build() {
            int headerLength = Ipv4Flyweight.MIN_HEADER_LENGTH + options.length;
            byte[] bytes = new byte[headerLength + payload.length];
            UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            buffer.putBytes(Ipv4Flyweight.MIN_HEADER_LENGTH, options);
            buffer.putBytes(headerLength, payload);
            new Ipv4Flyweight()
                    .wrap(buffer, 0)
                    .headerLength(headerLength)
                    .tos(tos)
                    .totalLength(bytes.length)
                    .identification(identification)
                    .flagsAndFragmentOffset(fragment)
                    .ttl(ttl)
                    .protocol(protocol)
                    .source(source)
                    .destination(destination)
                    .updateChecksum();
            return bytes;
        }
    }

    /** An IPv6 packet to be. */
    public static final class Ipv6 {
        private long sourceHigh = 0x2001_0db8_0000_0000L;
        private long sourceLow = 1;
        private long destinationHigh = 0x2001_0db8_0000_0000L;
        private long destinationLow = 7;
        private int trafficClass;
        private int hopLimit = 64;
        private int nextHeader = IpProtocol.UDP;
        private byte[] payload = {};

        public Ipv6 source(long high, long low) {
            sourceHigh = high;
            sourceLow = low;
            return this;
        }

        public Ipv6 destination(long high, long low) {
            destinationHigh = high;
            destinationLow = low;
            return this;
        }

        public Ipv6 trafficClass(int value) {
            trafficClass = value;
            return this;
        }

        public Ipv6 hopLimit(int value) {
            hopLimit = value;
            return this;
        }

        public Ipv6 nextHeader(int protocol) {
            nextHeader = protocol;
            return this;
        }

        public Ipv6 payload(byte[] bytes) {
            payload = bytes;
            return this;
        }

        public byte[] build() {
            byte[] bytes = new byte[Ipv6Flyweight.HEADER_LENGTH + payload.length];
            UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            buffer.putBytes(Ipv6Flyweight.HEADER_LENGTH, payload);
            new Ipv6Flyweight()
                    .wrap(buffer, 0)
                    .trafficClass(trafficClass)
                    .flowLabel(0xabcde)
                    .payloadLength(payload.length)
                    .nextHeader(nextHeader)
                    .hopLimit(hopLimit)
                    .source(sourceHigh, sourceLow)
                    .destination(destinationHigh, destinationLow);
            return bytes;
        }
    }

    /** A GRE header with its payload to be. */
    public static final class Gre {
        private boolean checksum;
        private @Nullable Integer key;
        private @Nullable Integer sequence;
        private int protocol = 0x0800;
        private byte[] payload = ipv4().build();

        public Gre checksum(boolean present) {
            checksum = present;
            return this;
        }

        public Gre key(@Nullable Integer value) {
            key = value;
            return this;
        }

        public Gre sequence(@Nullable Integer value) {
            sequence = value;
            return this;
        }

        public Gre protocol(int etherType) {
            protocol = etherType;
            return this;
        }

        public Gre payload(byte[] bytes) {
            payload = bytes;
            return this;
        }

        /** The packet, with a right checksum if it has one. */
        public byte[] build() {
            int flags = (checksum ? 0x8000 : 0) | (key != null ? 0x2000 : 0) | (sequence != null ? 0x1000 : 0);
            byte[] bytes = new byte[4 + 4 * Integer.bitCount(flags) + payload.length];
            UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            GreFlyweight gre = new GreFlyweight().wrap(buffer, 0).flags(flags).protocol(protocol);
            if (key != null) {
                gre.key(key);
            }
            if (sequence != null) {
                gre.sequence(sequence);
            }
            buffer.putBytes(gre.payloadOffset(), payload);
            if (checksum) {
                putShort(buffer, 4, InternetChecksum.checksum(buffer, 0, bytes.length, 0));
            }
            return bytes;
        }
    }
}
