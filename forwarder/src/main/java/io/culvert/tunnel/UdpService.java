package io.culvert.tunnel;

/**
 * What a UDP port receives. Tunnels with a port in common must have the same.
 *
 * @param port UDP destination port
 * @param kind what stands behind the UDP header
 * @param protocol with {@link UdpEncap.Kind#FOU}, the IP protocol number of what the port carries; else 0
 */
public record UdpService(int port, UdpEncap.Kind kind, int protocol) {}
