package io.culvert.tunnel;

/** Where a path MTU is known from. */
public enum MtuSource {
    /** The underlay device. */
    LINK("link"),
    /** The kernel's route, which says less than the device, or has learnt so. */
    ROUTE("route"),
    /** An ICMP error about a packet of ours. */
    ICMP("icmp"),
    /** As {@link #ICMP}, but it asked for less than we go down to: routers fragment outer IPv4 packets instead. */
    ICMP_LOCKED("icmp-locked");

    private final String word;

    MtuSource(String word) {
        this.word = word;
    }

    /** Its name for users. */
    public String word() {
        return word;
    }
}
