package io.culvert.perf.peer;

import io.culvert.wire.IpProtocol;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * What a peer's packets look like on the link: decides for a packet whether it is in the peer's tunnel. Hosts' addresses are
 * in 203.0.113.0/24 then, and inner ones, 192.0.2.0/24 or 2001:db8::/32, are not where a router would look.
 *
 * @param name for people
 * @param protocol outer IP protocol; 0 for no tunnel at all
 * @param port UDP destination port; 0 if the protocol is not UDP
 * @param gre first two bytes of a GRE header, the flags
 * @param innerOffset bytes from the end of the outer IP header to the inner IP header; -1 if it cannot be read
 * @param marker bytes 0 to 3 behind the UDP header or 4 to 7 of a GRE header (the key); 0 for any
 */
public record OuterFormat(String name, int protocol, int port, int gre, int innerOffset, int marker) {

    static final int VXLAN_PORT = 4789;
    static final int WIREGUARD_PORT = 51820;

    /** Inner packets as they are. */
    public static final OuterFormat PLAIN = new OuterFormat("no tunnel", 0, 0, 0, 0, 0);

    public static final OuterFormat IPIP = new OuterFormat("IPv4 in IPv4", IpProtocol.IPV4, 0, 0, 0, 0);
    public static final OuterFormat SIT = new OuterFormat("IPv6 in IPv4", IpProtocol.IPV6, 0, 0, 0, 0);

    /** GRE with an Ethernet header, as Open vSwitch's. */
    public static final OuterFormat GRE_ETHERNET = new OuterFormat("Ethernet in GRE", IpProtocol.GRE, 0, 0, 18, 0);

    /** RFC 7348; the inner IP header comes after UDP, VXLAN and Ethernet headers. */
    public static final OuterFormat VXLAN =
            new OuterFormat("VXLAN", IpProtocol.UDP, VXLAN_PORT, 0, 8 + 8 + 14, 0x0800_0000);

    /** Transport data: type 4, three bytes of zero. */
    public static final OuterFormat WIREGUARD =
            new OuterFormat("WireGuard", IpProtocol.UDP, WIREGUARD_PORT, 0, -1, 0x0400_0000);

    private static final int IPV4_SOURCE = 12;
    private static final int IPV4_DESTINATION = 16;
    private static final int IPV6_SOURCE = 8;
    private static final int INNER_IPV4 = 0xc000_0200;
    private static final int INNER_IPV6 = 0x2001_0db8;
    private static final int UDP_HEADER = 8;
    private static final int CHECKSUM_PRESENT = 0x8000;
    private static final int KEY_PRESENT = 0x2000;

    /** GRE as RFC 2890 has it, with an IPv4 packet in it. */
    public static OuterFormat gre(boolean checksum, boolean keyed, int key) {
        int flags = (checksum ? CHECKSUM_PRESENT : 0) | (keyed ? KEY_PRESENT : 0);
        int length = 4 + (checksum ? 4 : 0) + (keyed ? 4 : 0);
        String name = "GRE" + (keyed ? " with key" : "") + (checksum ? " with checksum" : "");
        return new OuterFormat(name, IpProtocol.GRE, 0, flags, length, keyed && !checksum ? key : 0);
    }

    /** Whether a packet would be routed by an inner address: it is in no tunnel. */
    static boolean isInTheClear(DirectBuffer packet, int offset) {
        return hasInnerAddress(packet, offset);
    }

    /**
     * Whether a packet is in this tunnel.
     *
     * @param offset of its outer IP header
     * @param length bytes that are there from the offset, at least 20
     */
    boolean matches(DirectBuffer packet, int offset, int length) {
        if (protocol == 0) {
            return true;
        }
        int headerLength = (packet.getByte(offset) & 0x0f) * 4;
        if ((packet.getByte(offset) & 0xf0) != 0x40 || packet.getByte(offset + 9) != protocol) {
            return false;
        }
        int payload = offset + headerLength;
        int needed = headerLength + Math.max(innerOffset + IPV4_DESTINATION + 4, UDP_HEADER + 4);
        if (length < needed || hasInnerAddress(packet, offset)) {
            return false;
        }
        return matchesShim(packet, payload) && (innerOffset < 0 || hasInnerAddress(packet, payload + innerOffset));
    }

    private boolean matchesShim(DirectBuffer packet, int payload) {
        if (protocol == IpProtocol.UDP) {
            return unsignedShort(packet, payload + 2) == port && isMarked(integer(packet, payload + UDP_HEADER));
        }
        if (protocol == IpProtocol.GRE) {
            boolean isMarked = marker == 0 || integer(packet, payload + 4) == marker;
            return unsignedShort(packet, payload) == gre && isMarked;
        }
        return true;
    }

    /** WireGuard's handshakes have the types 1 to 3. */
    private boolean isMarked(int found) {
        int type = found >>> 24;
        return found << 8 == marker << 8 && type > 0 && type <= marker >>> 24;
    }

    private static boolean hasInnerAddress(DirectBuffer packet, int ip) {
        return switch (packet.getByte(ip) & 0xf0) {
            case 0x40 -> isInner(packet, ip + IPV4_SOURCE) && isInner(packet, ip + IPV4_DESTINATION);
            case 0x60 -> integer(packet, ip + IPV6_SOURCE) == INNER_IPV6;
            default -> false;
        };
    }

    private static boolean isInner(DirectBuffer packet, int address) {
        return (integer(packet, address) & 0xffff_ff00) == INNER_IPV4;
    }

    private static int integer(DirectBuffer packet, int index) {
        return packet.getInt(index, ByteOrder.BIG_ENDIAN);
    }

    private static int unsignedShort(DirectBuffer packet, int index) {
        return packet.getShort(index, ByteOrder.BIG_ENDIAN) & 0xffff;
    }
}
