package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv6Flyweight;
import org.agrona.DirectBuffer;

/**
 * An outer flow label from the inner flow, RFC 6438: routers spread the flows of one tunnel over paths of equal cost by
 * it, and keep each flow on one of them.
 */
final class FlowLabel {

    private static final int MASK = 0xf_ffff;
    private static final int IPV4_FRAGMENT = 0x3fff;
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

    private FlowLabel() {}

    /** A label in 20 bits, never 0, of the valid inner packet at that offset. */
    static int of(DirectBuffer buffer, int offset, int innerVersion) {
        long hash = innerVersion == 4 ? hashIpv4(buffer, offset) : hashIpv6(buffer, offset);
        int label = (int) (hash >>> 44) & MASK;
        return label == 0 ? 1 : label;
    }

    private static long hashIpv4(DirectBuffer buffer, int offset) {
        int protocol = buffer.getByte(offset + 9);
        long hash = mix(protocol, buffer.getLong(offset + 12));
        boolean fragment = (buffer.getShort(offset + 6, BIG_ENDIAN) & IPV4_FRAGMENT) != 0;
        int transport = offset + (buffer.getByte(offset) & 0xf) * Integer.BYTES;
        return !fragment && hasPorts(protocol) ? mix(hash, buffer.getInt(transport)) : hash;
    }

    private static long hashIpv6(DirectBuffer buffer, int offset) {
        int protocol = buffer.getByte(offset + 6);
        long hash = mix(protocol, buffer.getInt(offset, BIG_ENDIAN) & MASK);
        for (int at = 8; at < Ipv6Flyweight.HEADER_LENGTH; at += Long.BYTES) {
            hash = mix(hash, buffer.getLong(offset + at));
        }
        return hasPorts(protocol) ? mix(hash, buffer.getInt(offset + Ipv6Flyweight.HEADER_LENGTH)) : hash;
    }

    private static boolean hasPorts(int protocol) {
        return protocol == IpProtocol.TCP || protocol == IpProtocol.UDP;
    }

    private static long mix(long hash, long value) {
        long mixed = (hash ^ value) * MULTIPLIER;
        return mixed ^ mixed >>> 32;
    }
}
