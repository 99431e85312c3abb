package io.culvert.perf.peer;

import java.net.InetAddress;

/** The addresses, one a host, between which packets take the peer's way. */
public record Ends(InetAddress left, InetAddress right) {

    /** Addresses of the tunnels' insides: a network that RFC 5737 sets aside for documentation. */
    static final Ends INNER = of("192.0.2.1", "192.0.2.2");

    /** The same for tunnels that carry IPv6 only: RFC 3849. */
    static final Ends INNER_IPV6 = of("2001:db8::1", "2001:db8::2");

    static Ends of(String left, String right) {
        return new Ends(InetAddress.ofLiteral(left), InetAddress.ofLiteral(right));
    }
}
