package io.culvert.perf.peer;

import org.jspecify.annotations.Nullable;

/** A way to carry packets between two hosts, with or without a tunnel. Any thread may call. */
public interface Peer {

    /** Unique, lower case, such as {@code culvert-ipip-super}; the longer name of a variant begins with the shorter one. */
    String id();

    /** Program and version, for the report. */
    String version();

    /** What this host lacks to run it, with the command that mends it; null if nothing. */
    @Nullable
    String missing();

    /** What its packets look like on the link between the hosts. */
    OuterFormat format();

    /**
     * Whether it can read what the kernel's GRO has merged. Where it cannot, the link's {@code gro} is off: with it on, such
     * a peer loses or corrupts every merged packet.
     */
    boolean takesMergedPackets();

    /** Sets both ends up in the bed's hosts; what must be closed is {@linkplain Bed#closeWith handed to the bed}. */
    Ends start(Bed bed);
}
