package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.MplsLabelStack;
import org.agrona.DirectBuffer;

/**
 * Tells inner flows apart in the outer header, RFC 6438 and RFC 8086 section 3.2.1: routers spread the flows of one tunnel
 * over paths of equal cost by it, and keep each flow on one of them. Of valid inner packets only.
 */
final class FlowHash {

    /** The dynamic ports, RFC 6335 section 6: 49152 to 65535. */
    private static final int FIRST_PORT = 0xc000;

    /** Bytes of a label stack that count: eight labels. */
    private static final int MOST_LABELS = 8 * MplsLabelStack.ENTRY_LENGTH;

    private static final int PORT_BITS = 14;
    private static final int LABEL_BITS = 20;
    private static final int LABEL_MASK = 0xf_ffff;
    private static final int FRAGMENT_BITS = 0x3fff;
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

    private FlowHash() {}

    /** An outer flow label, 20 bits, never 0. */
    static int label(DirectBuffer buffer, int offset, int length, int innerVersion) {
        return label(hash(buffer, offset, length, innerVersion));
    }

    /** The same of an Ethernet frame without an IP packet: by its addresses. */
    static int frameLabel(DirectBuffer buffer, int offset) {
        return label(hashFrame(buffer, offset));
    }

    /**
     * An outer UDP source port.
     *
     * @param offset where the inner packet or frame is
     * @param networkOffset where in a frame its IP packet is; 0 of an IP packet
     * @param innerVersion 4 or 6; 0 of a frame without an IP packet, which has one by its addresses
     */
    static int port(DirectBuffer buffer, int offset, int length, int networkOffset, int innerVersion) {
        return port(
                innerVersion == 0
                        ? hashFrame(buffer, offset)
                        : hash(buffer, offset + networkOffset, length - networkOffset, innerVersion));
    }

    /** The same of a packet that is not IP: of MPLS by its labels, of which one may be there for that, RFC 6790. */
    static int port(DirectBuffer buffer, int offset, int length, int etherType) {
        return port(hashOther(buffer, offset, length, etherType));
    }

    /** An outer flow label of a packet that is not IP. */
    static int otherLabel(DirectBuffer buffer, int offset, int length, int etherType) {
        return label(hashOther(buffer, offset, length, etherType));
    }

    private static int label(long hash) {
        int label = (int) (hash >>> (Long.SIZE - LABEL_BITS));
        return label == 0 ? 1 : label;
    }

    private static int port(long hash) {
        return FIRST_PORT | (int) (hash >>> (Long.SIZE - PORT_BITS));
    }

    private static long hashOther(DirectBuffer buffer, int offset, int length, int etherType) {
        long hash = etherType;
        int end = NonIpPacket.isMpls(etherType) ? offset + Math.min(length, MOST_LABELS) : offset;
        for (int at = offset; at + MplsLabelStack.ENTRY_LENGTH <= end; at += MplsLabelStack.ENTRY_LENGTH) {
            hash = mix(hash, MplsLabelStack.label(buffer, at));
            if (MplsLabelStack.isBottom(buffer, at)) {
                break;
            }
        }
        return hash;
    }

    private static long hashFrame(DirectBuffer buffer, int offset) {
        return mix(mix(0, buffer.getLong(offset)), buffer.getInt(offset + Long.BYTES));
    }

    private static long hash(DirectBuffer buffer, int offset, int length, int innerVersion) {
        return innerVersion == 4 ? hashIpv4(buffer, offset, length) : hashIpv6(buffer, offset, length);
    }

    private static long hashIpv4(DirectBuffer buffer, int offset, int length) {
        int protocol = buffer.getByte(offset + 9);
        long hash = mix(protocol, buffer.getLong(offset + 12));
        int header = (buffer.getByte(offset) & 0xf) * Integer.BYTES;
        // Only a first fragment has ports, so all fragments go without.
        boolean isFragment = (buffer.getShort(offset + 6, BIG_ENDIAN) & FRAGMENT_BITS) != 0;
        return !isFragment && hasPorts(protocol, length - header) ? mix(hash, buffer.getInt(offset + header)) : hash;
    }

    private static long hashIpv6(DirectBuffer buffer, int offset, int length) {
        int protocol = buffer.getByte(offset + 6);
        long hash = mix(protocol, buffer.getInt(offset, BIG_ENDIAN) & LABEL_MASK);
        for (int at = 8; at < Ipv6Flyweight.HEADER_LENGTH; at += Long.BYTES) {
            hash = mix(hash, buffer.getLong(offset + at));
        }
        return hasPorts(protocol, length - Ipv6Flyweight.HEADER_LENGTH)
                ? mix(hash, buffer.getInt(offset + Ipv6Flyweight.HEADER_LENGTH))
                : hash;
    }

    private static boolean hasPorts(int protocol, int available) {
        return (protocol == IpProtocol.TCP || protocol == IpProtocol.UDP) && available >= Integer.BYTES;
    }

    private static long mix(long hash, long value) {
        long mixed = (hash ^ value) * MULTIPLIER;
        return mixed ^ mixed >>> 32;
    }
}
