package io.culvert.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Goes through attributes ({@code struct nlattr}); stops at the first one whose length cannot be true. A value that is
 * shorter than what is asked for reads as 0, null or empty.
 */
final class AttributeReader {

    static final int HEADER_LENGTH = 4;

    private final MemorySegment attributes;
    private long value;
    private int length;
    private int type;
    private long next;

    /** @param headerLength where in {@code payload} the attributes start; beyond its end there are none */
    AttributeReader(MemorySegment payload, int headerLength) {
        this.attributes = payload;
        this.next = Math.min(payload.byteSize(), headerLength);
    }

    boolean next() {
        long remaining = attributes.byteSize() - next;
        if (remaining < HEADER_LENGTH) {
            return false;
        }
        int whole = Short.toUnsignedInt(attributes.get(JAVA_SHORT_UNALIGNED, next));
        if (whole < HEADER_LENGTH || whole > remaining) {
            return false;
        }
        type = Short.toUnsignedInt(attributes.get(JAVA_SHORT_UNALIGNED, next + Short.BYTES)) & Abi.NLA_TYPE_MASK;
        value = next + HEADER_LENGTH;
        length = whole - HEADER_LENGTH;
        next = Math.min(attributes.byteSize(), next + (whole + 3 & ~3));
        return true;
    }

    int type() {
        return type;
    }

    int u32() {
        return length < Integer.BYTES ? 0 : attributes.get(JAVA_INT_UNALIGNED, value);
    }

    /** The 64-bit number at {@code offset} in the value. */
    long u64(int offset) {
        return length < offset + Long.BYTES ? 0 : attributes.get(JAVA_LONG_UNALIGNED, value + offset);
    }

    byte[] bytes() {
        return payload().toArray(JAVA_BYTE);
    }

    /** The text before the first NUL. */
    String string() {
        int end = 0;
        while (end < length && attributes.get(JAVA_BYTE, value + end) != 0) {
            end++;
        }
        return new String(attributes.asSlice(value, end).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /** An address of that family, null if the value has another length. */
    @Nullable
    InetAddress address(Family family) {
        return family.address(bytes());
    }

    AttributeReader nested() {
        return new AttributeReader(payload(), 0);
    }

    MemorySegment payload() {
        return attributes.asSlice(value, length);
    }
}
