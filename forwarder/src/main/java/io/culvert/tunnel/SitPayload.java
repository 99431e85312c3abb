package io.culvert.tunnel;

import io.culvert.wire.IpProtocol;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a tunnel of mode sit carries, in the words of {@code ip link add type sit mode}. */
public enum SitPayload {
    /** IPv6 packets, protocol 41. */
    IP6IP("ip6ip"),
    /** IPv4 packets, protocol 4. */
    IPIP("ipip"),
    /**
     * Both. Linux's third payload, MPLS, cannot go through a TUN device, which tells packets by their IP version: it is
     * received only to be dropped by its name.
     */
    ANY("any");

    private final String word;

    SitPayload(String word) {
        this.word = word;
    }

    /** What outer packets are received as. */
    public Set<OuterProtocol> outerProtocols() {
        return switch (this) {
            case IP6IP -> Set.of(ipv4Outer(IpProtocol.IPV6));
            case IPIP -> Set.of(ipv4Outer(IpProtocol.IPV4));
            case ANY -> Set.of(ipv4Outer(IpProtocol.IPV6), ipv4Outer(IpProtocol.IPV4), ipv4Outer(IpProtocol.MPLS));
        };
    }

    private static OuterProtocol ipv4Outer(int number) {
        return new OuterProtocol(false, number);
    }

    /** The value of {@code proto} in {@code culvert.toml}. */
    public String word() {
        return word;
    }

    /** Whether it carries inner packets of that IP version. */
    public boolean carries(int innerVersion) {
        return this == ANY || innerVersion == (this == IP6IP ? 6 : 4);
    }

    /** The payload with that word; null if there is none. */
    public static @Nullable SitPayload ofWord(String word) {
        for (SitPayload payload : values()) {
            if (payload.word.equals(word)) {
                return payload;
            }
        }
        return null;
    }
}
