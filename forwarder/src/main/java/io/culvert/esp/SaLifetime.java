package io.culvert.esp;

/**
 * How long a security association lasts. At a soft limit an event says that it must be replaced, at a hard one it stops. 0
 * is no limit.
 *
 * @param softSeconds after it was added
 * @param hardSeconds after it was added
 * @param softBytes of inner packets
 * @param hardBytes of inner packets
 * @param softPackets inner packets
 * @param hardPackets inner packets
 */
public record SaLifetime(
        long softSeconds, long hardSeconds, long softBytes, long hardBytes, long softPackets, long hardPackets) {

    /** No limit at all. */
    public static final SaLifetime UNLIMITED = new SaLifetime(0, 0, 0, 0, 0, 0);

    boolean isSoftExpired(long bytes, long packets, long seconds) {
        return reached(softBytes, bytes) || reached(softPackets, packets) || reached(softSeconds, seconds);
    }

    boolean isHardExpired(long bytes, long packets) {
        return reached(hardBytes, bytes) || reached(hardPackets, packets);
    }

    boolean isHardExpired(long seconds) {
        return reached(hardSeconds, seconds);
    }

    private static boolean reached(long limit, long value) {
        return limit != 0 && value >= limit;
    }
}
