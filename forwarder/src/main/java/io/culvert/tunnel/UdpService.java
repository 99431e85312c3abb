package io.culvert.tunnel;

import io.culvert.wire.IpProtocol;

/**
 * What a UDP port receives. Tunnels with a port in common must have the same.
 *
 * @param ipv6 whether the outer header is IPv6; the same port may receive something else over IPv4
 * @param port UDP destination port
 * @param kind what stands behind the UDP header
 * @param protocol with {@link UdpEncap.Kind#FOU}, the IP protocol number of what the port carries; else 0
 */
public record UdpService(boolean ipv6, int port, UdpEncap.Kind kind, int protocol) {

    /** What the kernel tells its packets by: two services with one in common cannot be. */
    public OuterProtocol outerProtocol() {
        return new OuterProtocol(ipv6, IpProtocol.UDP, port);
    }
}
