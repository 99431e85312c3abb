package io.culvert.tunnel;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One direction's counters of one tunnel, or of a whole path: off heap, one writer, read by any thread at any time.
 *
 * <p>Layout: 64-bit counters in host order; packets forwarded, inner bytes forwarded, packets answered, then one counter
 * for each {@link DropReason} in its order. A cache line of padding on each side keeps two writers apart.
 */
@SuppressWarnings("EnumOrdinal") // an index into memory of this process, never kept
public final class Counters {

    private static final int PADDING = 64;
    private static final int PACKETS = PADDING;
    private static final int BYTES = PACKETS + Long.BYTES;
    private static final int ANSWERED = BYTES + Long.BYTES;
    private static final int DROPS = ANSWERED + Long.BYTES;

    private final UnsafeBuffer buffer =
            new UnsafeBuffer(ByteBuffer.allocateDirect(DROPS + DropReason.COUNT * Long.BYTES + PADDING));

    /** Counts a forwarded packet of that many inner bytes; the writer's thread. */
    public void forwarded(int innerBytes) {
        add(PACKETS, 1);
        add(BYTES, innerBytes);
    }

    /** Counts a packet that was answered instead of forwarded; the writer's thread. */
    public void answered() {
        add(ANSWERED, 1);
    }

    /** Counts a dropped packet; the writer's thread. */
    public void dropped(DropReason reason) {
        dropped(reason, 1);
    }

    /** Counts dropped packets; the writer's thread. */
    public void dropped(DropReason reason, long packets) {
        add(DROPS + reason.ordinal() * Long.BYTES, packets);
    }

    /** Adds what another one has counted; the writer's thread. */
    public void addAll(Counters other) {
        for (int offset = PACKETS; offset < DROPS + DropReason.COUNT * Long.BYTES; offset += Long.BYTES) {
            add(offset, other.buffer.getLongVolatile(offset));
        }
    }

    public long packets() {
        return buffer.getLongVolatile(PACKETS);
    }

    public long bytes() {
        return buffer.getLongVolatile(BYTES);
    }

    public long answeredPackets() {
        return buffer.getLongVolatile(ANSWERED);
    }

    public long drops(DropReason reason) {
        return buffer.getLongVolatile(DROPS + reason.ordinal() * Long.BYTES);
    }

    private void add(int offset, long delta) {
        buffer.putLongRelease(offset, buffer.getLong(offset) + delta);
    }
}
