package io.culvert.lab;

/** What the veth pair between the hosts carries. */
public enum WireMode {
    /** Super-packets with unfinished checksums, as between containers of one host. */
    OFFLOADED,
    /** Frames of at most the MTU with finished checksums, as a cable does: tso, gso and tx off, gro on. */
    WIRE
}
