package io.culvert.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Builds and reads the packets of tests, plainly. */
public final class Packets {

    /** IP protocol for experiments (RFC 3692), which no kernel handles. */
    public static final int EXPERIMENTAL = 253;

    public static final int IPV4_HEADER = 20;
    public static final int UDP_HEADER = 8;
    public static final int ETHERNET_HEADER = 14;

    private Packets() {}

    /** An IPv4 packet with TTL 64, DF off and a right checksum. */
    public static byte[] ipv4(String source, String destination, int protocol, byte[] payload) {
        ByteBuffer packet = ByteBuffer.allocate(IPV4_HEADER + payload.length);
        packet.put((byte) 0x45).put((byte) 0).putShort((short) packet.capacity());
        packet.putInt(0).put((byte) 64).put((byte) protocol).putShort((short) 0);
        packet.put(address(source).getAddress()).put(address(destination).getAddress());
        packet.putShort(10, (short) checksum(packet.array(), 0, IPV4_HEADER));
        return packet.put(payload).array();
    }

    /** An ICMP echo request with its checksum. */
    public static byte[] echoRequest(byte[] data) {
        ByteBuffer message = ByteBuffer.allocate(8 + data.length);
        message.put((byte) 8)
                .put((byte) 0)
                .putShort((short) 0)
                .putShort((short) 1)
                .putShort((short) 1);
        message.put(data);
        message.putShort(2, (short) checksum(message.array(), 0, message.capacity()));
        return message.array();
    }

    /** A UDP datagram whose checksum field is {@code checksum}. */
    public static byte[] udp(int sourcePort, int destinationPort, int checksum, byte[] data) {
        ByteBuffer datagram = ByteBuffer.allocate(UDP_HEADER + data.length);
        datagram.putShort((short) sourcePort).putShort((short) destinationPort);
        datagram.putShort((short) datagram.capacity()).putShort((short) checksum);
        return datagram.put(data).array();
    }

    /** What a UDP checksum field holds when the rest of the sum is left to somebody else: the pseudo-header's. */
    public static int pseudoHeaderSum(String source, String destination, int protocol, int length) {
        ByteBuffer header = ByteBuffer.allocate(12);
        header.put(address(source).getAddress()).put(address(destination).getAddress());
        header.putShort((short) protocol).putShort((short) length);
        return ~checksum(header.array(), 0, 12) & 0xffff;
    }

    /** An Ethernet frame. */
    public static byte[] ethernet(String destination, String source, int etherType, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(ETHERNET_HEADER + payload.length);
        putMac(frame, destination);
        putMac(frame, source);
        return frame.putShort((short) etherType).put(payload).array();
    }

    private static void putMac(ByteBuffer frame, String mac) {
        for (String octet : mac.split(":")) {
            frame.put((byte) Integer.parseInt(octet, 16));
        }
    }

    /** The Internet checksum (RFC 1071); 0 over data that has a right one in it. */
    public static int checksum(byte[] data, int offset, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (data[offset + i] & 0xff) << (i % 2 == 0 ? 8 : 0);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return ~sum & 0xffff;
    }

    /** Bytes that are all different from their neighbours, so that a shift is seen. */
    public static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 7 + (i >>> 8));
        }
        return bytes;
    }

    /** An IP address from its text. */
    public static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An IPv4 address as a number, the first byte highest. */
    public static int number(String address) {
        return ByteBuffer.wrap(address(address).getAddress()).getInt();
    }

    /** Copies {@code bytes} to {@code offset}; returns how many. */
    public static int put(MemorySegment memory, long offset, byte[] bytes) {
        MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, offset, bytes.length);
        return bytes.length;
    }

    /** The {@code length} bytes from {@code offset} on. */
    public static byte[] get(MemorySegment memory, long offset, int length) {
        return memory.asSlice(offset, length).toArray(JAVA_BYTE);
    }
}
