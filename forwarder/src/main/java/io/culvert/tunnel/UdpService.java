package io.culvert.tunnel;

/**
 * What a UDP port receives.
 *
 * @param kind what stands behind the UDP header
 * @param protocol with {@link UdpEncap.Kind#FOU}, the IP protocol number of what the port carries
 */
record UdpService(UdpEncap.Kind kind, int protocol) {}
