package io.culvert.linux.netlink;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A route, or the answer to a route look-up. Of a multipath route only the first next hop is shown.
 *
 * @param destination 0.0.0.0 or :: for a default route
 * @param prefixLength in bits; 32 or 128 in the answer to a look-up
 * @param gateway null if the destination is on the link; may be an IPv6 address in an IPv4 route (RFC 5549)
 * @param outputIndex the device, 0 if the route has none
 * @param preferredSource the source address that the kernel would choose, null if the route names none
 * @param mtu the path MTU in bytes that the route has or that the kernel has learnt, 0 for the device's own
 * @param type {@code RTN_*}
 * @param table 254 is main, 255 local
 */
public record RouteInfo(
        InetAddress destination,
        int prefixLength,
        @Nullable InetAddress gateway,
        int outputIndex,
        @Nullable InetAddress preferredSource,
        int mtu,
        int type,
        int table) {

    public static final int RTN_UNICAST = 1;
    public static final int RTN_LOCAL = 2;
    public static final int RTN_BROADCAST = 3;
    public static final int RTN_ANYCAST = 4;
    public static final int RTN_MULTICAST = 5;
    public static final int RTN_BLACKHOLE = 6;
    public static final int RTN_UNREACHABLE = 7;
    public static final int RTN_PROHIBIT = 8;

    public static final int RT_TABLE_MAIN = 254;
    public static final int RT_TABLE_LOCAL = 255;
}
