package io.culvert.tunnel;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;

/** Intra-Site Automatic Tunnel Addressing, RFC 5214: interface identifiers, and a tunnel's potential routers. Immutable. */
final class Isatap {

    /** ::0:5efe, or ::200:5efe where the IPv4 address is globally unique: section 6.1. */
    private static final int IDENTIFIER = 0x0200_5efe;

    private static final int UNIVERSAL_BIT = 0x0200_0000;

    private final int[] defaultRouters;
    private final int[] otherRouters;

    Isatap(SitOptions options) {
        defaultRouters = numbers(options.prlDefault());
        otherRouters = numbers(options.prlNodefault());
    }

    private static int[] numbers(List<InetAddress> addresses) {
        return addresses.stream().mapToInt(Tunnel::toInt).toArray();
    }

    /** The link-local address of an end with that outer address, section 6.1; the universal bit says if that is public. */
    static InetAddress linkLocal(int outer) {
        boolean isPublic = !Martians.isPrivate(outer) && !Martians.isIpv4Source(outer);
        ByteBuffer address = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(0xfe80_0000_0000_0000L)
                .putInt(isPublic ? IDENTIFIER : IDENTIFIER & ~UNIVERSAL_BIT)
                .putInt(outer);
        try {
            return InetAddress.getByAddress(address.array());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("sixteen bytes are an address", e);
        }
    }

    /** Whether an IPv6 address with that lower half has an IPv4 address in it. */
    static boolean isIdentifier(long low) {
        return ((int) (low >>> Integer.SIZE) | UNIVERSAL_BIT) == IDENTIFIER;
    }

    /** The IPv4 address in an IPv6 address, host order; only where {@link #isIdentifier}. */
    static int ipv4(long low) {
        return (int) low;
    }

    /** Whether that outer address is on the potential router list. */
    boolean isRouter(int address) {
        return contains(defaultRouters, address) || contains(otherRouters, address);
    }

    /** Whether that outer address is a potential router that must not become the default router. */
    boolean isOtherRouter(int address) {
        return contains(otherRouters, address);
    }

    private static boolean contains(int[] addresses, int wanted) {
        for (int address : addresses) {
            if (address == wanted) {
                return true;
            }
        }
        return false;
    }
}
