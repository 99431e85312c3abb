package io.culvert.perf.load;

/**
 * What became of one trial.
 *
 * @param target packets a second that were to be sent
 * @param offered packets a second that were sent
 * @param sent packets
 * @param delivered different packets that arrived as they were sent
 * @param reordered of those, how many arrived after a later one
 * @param duplicated packets that had arrived before
 * @param corrupted packets that were not as they had been sent
 * @param rigDrops packets that reached the receiving socket, but not the rig: its own loss, and no gateway's
 * @param cpuNanos busy time of all processors for a delivered packet, generator and sink included
 */
public record UdpTrial(
        double target,
        double offered,
        long sent,
        long delivered,
        long reordered,
        long duplicated,
        long corrupted,
        long rigDrops,
        double cpuNanos) {

    /** A generator that is slower than this part of the target has not offered it. */
    private static final double OFFERED = 0.97;

    /** Share of the packets that was sent and did not arrive as it was, 0 to 1. */
    public double loss() {
        return sent == 0 ? 1 : (double) (sent - delivered) / sent;
    }

    /** Packets a second that arrived, for as long as packets were sent. */
    public double deliveredRate() {
        return offered * (1 - loss());
    }

    /** Whether the target was offered, and no more of it lost than that share. */
    boolean passes(double maxLoss) {
        return offered >= target * OFFERED && loss() <= maxLoss;
    }
}
