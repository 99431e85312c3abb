package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;

/**
 * An MPLS label stack, RFC 3032: entries of four bytes, of which the last has a mark. As in Linux only the first one is
 * looked at, for whoever takes it off looks at the next.
 */
public final class MplsLabelStack {

    /** Bytes of an entry. */
    public static final int ENTRY_LENGTH = 4;

    private static final int LABEL_SHIFT = 12;
    private static final int BOTTOM = 0x100;
    private static final int TTL = 0xff;

    private MplsLabelStack() {}

    /** The first entry's TTL. */
    public static int ttl(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset, BIG_ENDIAN) & TTL;
    }

    /** The label of the entry at that offset. */
    public static int label(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset, BIG_ENDIAN) >>> LABEL_SHIFT;
    }

    /** Whether the entry at that offset is the last one. */
    public static boolean isBottom(DirectBuffer buffer, int offset) {
        return (buffer.getInt(offset, BIG_ENDIAN) & BOTTOM) != 0;
    }
}
