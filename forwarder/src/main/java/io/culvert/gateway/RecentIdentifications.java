package io.culvert.gateway;

import java.util.Arrays;

/**
 * Which outer IPv4 identifications were used in the last seconds. An ICMP error that quotes another one is not about a packet
 * of ours, and who cannot see our packets has to guess: that is hard as long as fewer than 65,536 packets are sent in that
 * time. The conductor's thread only.
 */
final class RecentIdentifications {

    /** How long an error may be on its way, in ticks of a second. */
    private static final int TICKS = 4;

    private static final int ALL = 1 << 16;

    private final int[] atTick = new int[TICKS];
    private int oldest;

    /** @param next the identification that the next packet gets */
    RecentIdentifications(int next) {
        Arrays.fill(atTick, next);
    }

    /** Notes the next identification; once a second. */
    void tick(int next) {
        atTick[oldest] = next;
        oldest = (oldest + 1) % TICKS;
    }

    /**
     * Whether a packet with that identification may have been sent.
     *
     * @param next the identification that the next packet gets
     */
    boolean contains(int identification, int next) {
        int sent = next - atTick[oldest];
        return sent < 0 || sent >= ALL || ((identification - atTick[oldest]) & (ALL - 1)) < sent;
    }
}
