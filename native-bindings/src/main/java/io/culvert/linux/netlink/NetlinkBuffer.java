package io.culvert.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * A request: {@code struct nlmsghdr}, the message kind's own header, attributes. Integers are in native order, every part
 * is aligned to 4 bytes (linux/netlink.h).
 */
final class NetlinkBuffer {

    static final int LENGTH = 0;
    static final int TYPE = 4;
    static final int FLAGS = 6;
    static final int SEQUENCE = 8;
    static final int HEADER_LENGTH = 16;
    private static final int ATTRIBUTE_HEADER_LENGTH = 4;

    private final MemorySegment memory;
    private int length;

    NetlinkBuffer(MemorySegment memory) {
        this.memory = memory;
    }

    /** Starts a new request; NLM_F_REQUEST and NLM_F_ACK are always set. */
    NetlinkBuffer begin(int type, int flags) {
        memory.asSlice(0, HEADER_LENGTH).fill((byte) 0);
        memory.set(JAVA_SHORT_UNALIGNED, TYPE, (short) type);
        memory.set(JAVA_SHORT_UNALIGNED, FLAGS, (short) (flags | Abi.NLM_F_REQUEST | Abi.NLM_F_ACK));
        length = HEADER_LENGTH;
        return this;
    }

    NetlinkBuffer u8(int value) {
        memory.set(JAVA_BYTE, length, (byte) value);
        length += Byte.BYTES;
        return this;
    }

    NetlinkBuffer u16(int value) {
        memory.set(JAVA_SHORT_UNALIGNED, length, (short) value);
        length += Short.BYTES;
        return this;
    }

    NetlinkBuffer u32(int value) {
        memory.set(JAVA_INT_UNALIGNED, length, value);
        length += Integer.BYTES;
        return this;
    }

    NetlinkBuffer attribute(int type, byte[] value) {
        int end = beginAttribute(type, value.length);
        MemorySegment.copy(value, 0, memory, JAVA_BYTE, length, value.length);
        return endAttribute(end);
    }

    NetlinkBuffer attribute(int type, int value) {
        int end = beginAttribute(type, Integer.BYTES);
        return u32(value).endAttribute(end);
    }

    NetlinkBuffer attribute(int type, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        int end = beginAttribute(type, text.length + 1);
        MemorySegment.copy(text, 0, memory, JAVA_BYTE, length, text.length);
        memory.set(JAVA_BYTE, length + (long) text.length, (byte) 0);
        return endAttribute(end);
    }

    /** Starts an attribute that holds attributes; returns what {@link #endNested} wants. */
    int beginNested(int type) {
        int start = length;
        beginAttribute(type, 0);
        return start;
    }

    /** Ends an attribute that holds attributes. */
    NetlinkBuffer endNested(int start) {
        memory.set(JAVA_SHORT_UNALIGNED, start, (short) (length - start));
        return this;
    }

    private int beginAttribute(int type, int valueLength) {
        int end = length + ATTRIBUTE_HEADER_LENGTH + valueLength;
        u16(ATTRIBUTE_HEADER_LENGTH + valueLength).u16(type);
        return end;
    }

    private NetlinkBuffer endAttribute(int end) {
        length = end;
        while (length % 4 != 0) {
            u8(0);
        }
        return this;
    }

    /** Completes the header. The buffer can be sent more than once, each time with another sequence number. */
    void finish(int sequence) {
        memory.set(JAVA_INT_UNALIGNED, LENGTH, length);
        memory.set(JAVA_INT_UNALIGNED, SEQUENCE, sequence);
    }

    long address() {
        return memory.address();
    }

    /** Bytes written so far. */
    int length() {
        return length;
    }
}
