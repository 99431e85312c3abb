package io.culvert.linux.netlink;

/** A device's counters since it was made, from {@code struct rtnl_link_stats64}. All are unsigned. */
public record LinkStatistics(
        long rxPackets,
        long txPackets,
        long rxBytes,
        long txBytes,
        long rxDropped,
        long txDropped,
        long rxErrors,
        long txErrors) {

    static final LinkStatistics NONE = new LinkStatistics(0, 0, 0, 0, 0, 0, 0, 0);
}
