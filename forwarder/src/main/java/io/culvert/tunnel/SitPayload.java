package io.culvert.tunnel;

import io.culvert.wire.IpProtocol;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a tunnel of mode sit carries, in the words of {@code ip link add type sit mode}. */
public enum SitPayload {
    /** IPv6 packets, protocol 41. */
    IP6IP("ip6ip", IpProtocol.IPV6),
    /** IPv4 packets, protocol 4. */
    IPIP("ipip", IpProtocol.IPV4),
    /**
     * Both. Linux's third payload, MPLS, cannot go through a TUN device, which tells packets by their IP version: it is
     * received only to be dropped by its name.
     */
    ANY("any", IpProtocol.IPV6, IpProtocol.IPV4, IpProtocol.MPLS);

    private final String word;
    private final Set<OuterProtocol> outerProtocols;

    SitPayload(String word, Integer... protocols) {
        this.word = word;
        outerProtocols = Arrays.stream(protocols)
                .map(number -> new OuterProtocol(false, number))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** What outer packets are received as. */
    public Set<OuterProtocol> outerProtocols() {
        return outerProtocols;
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
