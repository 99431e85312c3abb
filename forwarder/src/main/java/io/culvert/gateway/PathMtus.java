package io.culvert.gateway;

import io.culvert.tunnel.MtuSource;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The path MTUs that ICMP errors have told, one for each outer destination, for as long as Linux keeps them. The conductor's
 * thread only.
 */
final class PathMtus {

    /** As Linux has it in {@code net.ipv4.route.mtu_expires}; RFC 1191 section 6.3 and RFC 8201 section 4 want 5 minutes at least. */
    static final Duration LIFETIME = Duration.ofMinutes(10);

    /** As Linux has it in {@code net.ipv4.route.min_pmtu}. */
    static final int MIN_IPV4 = 552;

    /** Most destinations that are kept in mind. */
    static final int CAPACITY = 16_384;

    private final Map<InetAddress, Learnt> byDestination = new HashMap<>();

    /**
     * A path MTU that is known from an ICMP error.
     *
     * @param mtu in bytes
     * @param source {@link MtuSource#ICMP} or {@link MtuSource#ICMP_LOCKED}
     * @param sinceNanos when it was learnt, as {@link System#nanoTime}
     */
    record Learnt(int mtu, MtuSource source, long sinceNanos) {

        /** Seconds until it is forgotten. */
        long secondsLeft(long nowNanos) {
            return LIFETIME.minusNanos(nowNanos - sinceNanos).toSeconds();
        }
    }

    /**
     * Learns the path MTU to an IPv4 destination. What is below {@link #MIN_IPV4} is taken for that, and locks it: a forged
     * error can make packets small but not useless, and a true one lets routers fragment.
     */
    void learnIpv4(InetAddress destination, int mtu, long nowNanos) {
        boolean locked = mtu < MIN_IPV4;
        put(
                destination,
                new Learnt(Math.max(mtu, MIN_IPV4), locked ? MtuSource.ICMP_LOCKED : MtuSource.ICMP, nowNanos));
    }

    /** Learns the path MTU to an IPv6 destination, not below IPv6's minimum. */
    void learnIpv6(InetAddress destination, int mtu, long nowNanos) {
        put(destination, new Learnt(mtu, MtuSource.ICMP, nowNanos));
    }

    private void put(InetAddress destination, Learnt learnt) {
        if (byDestination.size() < CAPACITY || byDestination.containsKey(destination)) {
            byDestination.put(destination, learnt);
        }
    }

    /** What is known of a destination; null if nothing is. */
    @Nullable
    Learnt to(InetAddress destination) {
        return byDestination.get(destination);
    }

    /** Forgets what is too old; returns the destinations. */
    List<InetAddress> expire(long nowNanos) {
        List<InetAddress> expired = new ArrayList<>();
        byDestination.entrySet().removeIf(entry -> {
            boolean isOld = nowNanos - entry.getValue().sinceNanos >= LIFETIME.toNanos();
            if (isOld) {
                expired.add(entry.getKey());
            }
            return isOld;
        });
        return expired;
    }
}
