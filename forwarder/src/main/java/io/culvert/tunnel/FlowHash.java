package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.IpProtocol;
import org.agrona.DirectBuffer;

/** Tells inner flows apart, so that the network may spread them: RFC 8086 section 3.2.1. */
final class FlowHash {

    /** The dynamic ports, RFC 6335 section 6: 49152 to 65535. */
    private static final int FIRST_PORT = 0xc000;

    private static final int PORT_BITS = 14;

    private static final int IPV4_FRAGMENT = 6;
    private static final int IPV4_PROTOCOL = 9;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV4_DESTINATION = 16;
    private static final int FRAGMENT_BITS = 0x3fff;
    private static final int IPV6_NEXT_HEADER = 6;
    private static final int IPV6_SOURCE = 8;
    private static final int IPV6_LENGTH = 40;

    private FlowHash() {}

    /** A UDP source port, the same for every packet of the flow that the inner packet at that offset is of. */
    static int port(DirectBuffer buffer, int offset, int length) {
        int hash =
                (buffer.getByte(offset) & 0xf0) == 0x40 ? ipv4(buffer, offset, length) : ipv6(buffer, offset, length);
        // The upper bits of the product depend on every bit of the hash.
        return FIRST_PORT | (hash * 0x9e37_79b1) >>> (Integer.SIZE - PORT_BITS);
    }

    private static int ipv4(DirectBuffer buffer, int offset, int length) {
        int hash = 31 * buffer.getInt(offset + IPV4_SOURCE) + buffer.getInt(offset + IPV4_DESTINATION);
        int header = (buffer.getByte(offset) & 0xf) * Integer.BYTES;
        // Only a first fragment has ports, so all fragments go without.
        boolean isFragment = (buffer.getShort(offset + IPV4_FRAGMENT, BIG_ENDIAN) & FRAGMENT_BITS) != 0;
        int protocol = buffer.getByte(offset + IPV4_PROTOCOL);
        return isFragment ? hash : withPorts(hash, protocol, buffer, offset + header, length - header);
    }

    private static int ipv6(DirectBuffer buffer, int offset, int length) {
        int hash = 0;
        for (int i = IPV6_SOURCE; i < IPV6_LENGTH; i += Integer.BYTES) {
            hash = 31 * hash + buffer.getInt(offset + i);
        }
        int nextHeader = buffer.getByte(offset + IPV6_NEXT_HEADER);
        return withPorts(hash, nextHeader, buffer, offset + IPV6_LENGTH, length - IPV6_LENGTH);
    }

    private static int withPorts(int hash, int protocol, DirectBuffer buffer, int offset, int available) {
        boolean hasPorts = protocol == IpProtocol.TCP || protocol == IpProtocol.UDP;
        return hasPorts && available >= Integer.BYTES ? 31 * hash + buffer.getInt(offset) : hash;
    }
}
