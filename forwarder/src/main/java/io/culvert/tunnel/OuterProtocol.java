package io.culvert.tunnel;

/**
 * What outer packets carry, as the kernel tells their receivers apart.
 *
 * @param ipv6 whether the outer header is IPv6
 * @param number IP protocol, or next header behind IPv6 destination options
 * @param port UDP destination port; 0 with any other protocol
 */
public record OuterProtocol(boolean ipv6, int number, int port) {

    /** Another protocol than UDP. */
    public OuterProtocol(boolean ipv6, int number) {
        this(ipv6, number, 0);
    }
}
