package io.culvert.tunnel;

/** What becomes of a packet; set by the process stage, carried out by the egress stage. */
public enum Verdict {
    /** Sent on to the other side. */
    FORWARD,
    /** Cut into fragments first, each sent on to the other side. */
    FRAGMENT,
    /** Replaced by an answer to its sender, such as an ICMP error. */
    ANSWER,
    /** Dropped for its {@link DropReason}. */
    DROP,
    /** Meant for the gateway itself, which takes it: a keepalive that came back, or an acknowledgment of PPTP. Counted as answered. */
    TAKEN,
    /** Not for the gateway: another socket has it, or it only passes this host. Not counted. */
    IGNORE
}
