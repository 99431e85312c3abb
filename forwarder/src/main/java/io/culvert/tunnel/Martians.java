package io.culvert.tunnel;

/** Addresses that no packet on a network can carry: RFC 1122 section 3.2.1.3, RFC 4213 section 3.6. */
final class Martians {

    private static final long MULTICAST_MASK = 0xff00_0000_0000_0000L;

    private Martians() {}

    /** This network, loopback, multicast, reserved and broadcast; host order. */
    static boolean isIpv4Source(int address) {
        int first = address >>> 24;
        return first == 0 || first == 127 || first >= 224;
    }

    /** Private and link-local, RFC 1918 and RFC 3927; host order. */
    static boolean isPrivate(int address) {
        return address >>> 24 == 10 || address >>> 20 == 0xac1 || address >>> 16 == 0xc0a8 || address >>> 16 == 0xa9fe;
    }

    /** This network and loopback; host order. */
    static boolean isIpv4Destination(int address) {
        int first = address >>> 24;
        return first == 0 || first == 127;
    }

    /** Multicast, loopback, IPv4-mapped and IPv4-compatible; the unspecified address is a legitimate source. */
    static boolean isIpv6Source(long high, long low) {
        if ((high & MULTICAST_MASK) == MULTICAST_MASK) {
            return true;
        }
        if (high != 0) {
            return false;
        }
        return low != 0 && (low >>> 32 == 0 || low >>> 32 == 0xffff);
    }

    /** Unspecified, loopback, IPv4-mapped and IPv4-compatible. */
    static boolean isIpv6Destination(long high, long low) {
        return high == 0 && (low >>> 32 == 0 || low >>> 32 == 0xffff);
    }
}
