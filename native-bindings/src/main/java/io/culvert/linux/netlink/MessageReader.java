package io.culvert.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** Goes through the messages of one received datagram; stops at the first one whose length cannot be true. */
final class MessageReader {

    static final int TYPE = 4;
    static final int FLAGS = 6;
    static final int SEQUENCE = 8;
    static final int HEADER_LENGTH = 16;

    private final MemorySegment datagram;
    private long message;
    private long next;

    MessageReader(MemorySegment datagram) {
        this.datagram = datagram;
    }

    boolean next() {
        long remaining = datagram.byteSize() - next;
        if (remaining < HEADER_LENGTH) {
            return false;
        }
        long length = Integer.toUnsignedLong(datagram.get(JAVA_INT_UNALIGNED, next));
        if (length < HEADER_LENGTH || length > remaining) {
            return false;
        }
        message = next;
        next = Math.min(datagram.byteSize(), next + (length + 3 & ~3L));
        return true;
    }

    int type() {
        return Short.toUnsignedInt(datagram.get(JAVA_SHORT_UNALIGNED, message + TYPE));
    }

    int flags() {
        return Short.toUnsignedInt(datagram.get(JAVA_SHORT_UNALIGNED, message + FLAGS));
    }

    int sequence() {
        return datagram.get(JAVA_INT_UNALIGNED, message + SEQUENCE);
    }

    /** What follows the message's header. Valid until the next datagram is received. */
    MemorySegment payload() {
        long length = Integer.toUnsignedLong(datagram.get(JAVA_INT_UNALIGNED, message));
        return datagram.asSlice(message + HEADER_LENGTH, length - HEADER_LENGTH);
    }
}
