package io.culvert.tunnel;

/**
 * What outer packets carry, as the kernel tells their receivers apart.
 *
 * @param ipv6 whether the outer header is IPv6
 * @param number IP protocol, or next header behind IPv6 destination options
 */
public record OuterProtocol(boolean ipv6, int number) {}
