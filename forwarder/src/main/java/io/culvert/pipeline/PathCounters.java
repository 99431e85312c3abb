package io.culvert.pipeline;

import io.culvert.tunnel.Counters;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a path counts beside its tunnels' counters: every packet it received, and those that belong to no tunnel. Written
 * by the path's egress stage, read by any thread.
 */
public final class PathCounters {

    private static final int PADDING = 64;

    private final UnsafeBuffer received = new UnsafeBuffer(ByteBuffer.allocateDirect(2 * PADDING + Long.BYTES));
    private final Counters withoutTunnel = new Counters();

    void received() {
        received.putLongRelease(PADDING, received.getLong(PADDING) + 1);
    }

    /** Packets that the path received and finished; ignored ones do not count. */
    public long receivedPackets() {
        return received.getLongVolatile(PADDING);
    }

    /** Counters of packets that no tunnel takes. */
    public Counters withoutTunnel() {
        return withoutTunnel;
    }
}
