package io.culvert.tunnel;

import io.culvert.wire.Addresses;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * Intra-Site Automatic Tunnel Addressing, RFC 5214: interface identifiers, and a tunnel's potential routers and what it knows of
 * its link.
 */
final class Isatap {

    /** ::0:5efe, or ::200:5efe where the IPv4 address is globally unique: section 6.1. */
    private static final int IDENTIFIER = 0x0200_5efe;

    private static final int UNIVERSAL_BIT = 0x0200_0000;

    private final int[] defaultRouters;
    private final int[] otherRouters;

    /** Shortest lifetime in a default router's last advertisement, seconds; -1 for nothing new. */
    private final AtomicIntegerArray advertised;

    /** The prefixes of the tunnel's device; null without any. */
    private volatile @Nullable InnerFilter onLink;

    Isatap(SitOptions options) {
        defaultRouters = numbers(options.prlDefault());
        otherRouters = numbers(options.prlNodefault());
        advertised = new AtomicIntegerArray(defaultRouters.length);
        for (int i = 0; i < defaultRouters.length; i++) {
            advertised.set(i, -1);
        }
    }

    private static int[] numbers(List<InetAddress> addresses) {
        return addresses.stream().mapToInt(Addresses::toInt).toArray();
    }

    /** The link-local address of an end with that outer address, section 6.1; the universal bit says if that is public. */
    static InetAddress linkLocal(int outer) {
        boolean isPublic = !Martians.isPrivate(outer) && !Martians.isIpv4Source(outer);
        ByteBuffer address = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(0xfe80_0000_0000_0000L)
                .putInt(isPublic ? IDENTIFIER : IDENTIFIER & ~UNIVERSAL_BIT)
                .putInt(outer);
        return Addresses.of(address.array());
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

    /** Whether that outer address is a potential router that may become the default router. */
    boolean isDefaultRouter(int address) {
        return contains(defaultRouters, address);
    }

    /** Potential routers that may become the default router, host order; not to be changed. */
    int[] defaultRouters() {
        return defaultRouters;
    }

    /** Notes that a default router has advertised, with lifetimes that long or longer; the packet path. */
    void advertised(int router, int lifetimeSeconds) {
        for (int i = 0; i < defaultRouters.length; i++) {
            if (defaultRouters[i] == router) {
                advertised.setOpaque(i, lifetimeSeconds);
            }
        }
    }

    /** What was noted of a default router since the last call; -1 for nothing; the conductor. */
    int takeAdvertised(int index) {
        return advertised.getAndSet(index, -1);
    }

    /** Takes inner addresses under these prefixes as those of neighbours from now on; the conductor. */
    void onLink(List<Prefix> prefixes) {
        onLink = prefixes.isEmpty() ? null : new InnerFilter(prefixes);
    }

    /** Whether an inner address is a neighbour's; the packet path. */
    boolean isOnLink(long high, long low) {
        InnerFilter prefixes = onLink;
        return prefixes != null && prefixes.acceptsIpv6(high, low);
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
