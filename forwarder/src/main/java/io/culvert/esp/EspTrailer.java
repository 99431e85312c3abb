package io.culvert.esp;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Padding, pad length and next header, which stand behind the inner packet and are encrypted with it (RFC 4303 section 2). */
final class EspTrailer {

    /** Pad length and next header. */
    private static final int FIXED_LENGTH = 2;

    private final EspTransform transform;

    EspTrailer(EspTransform transform) {
        this.transform = transform;
    }

    /** Writes the trailer of an inner packet of that length, with the padding that section 2.4 asks for. */
    void put(MutableDirectBuffer buffer, int offset, int innerLength, int nextHeader) {
        int padding = offset + transform.headerLength() + innerLength;
        int padLength = transform.ciphertextLength(innerLength) - innerLength - FIXED_LENGTH;
        for (int i = 0; i < padLength; i++) {
            buffer.putByte(padding + i, (byte) (i + 1));
        }
        buffer.putByte(padding + padLength, (byte) padLength);
        buffer.putByte(padding + padLength + 1, (byte) nextHeader);
    }

    /** Whether a decrypted packet's padding is there and as {@link #put} writes it. */
    boolean isValid(DirectBuffer buffer, int offset, int length) {
        int end = fixedOffset(offset, length);
        int padLength = buffer.getByte(end) & 0xff;
        if (padLength > ciphertextLength(length) - FIXED_LENGTH) {
            return false;
        }
        for (int i = 0; i < padLength; i++) {
            if (buffer.getByte(end - padLength + i) != (byte) (i + 1)) {
                return false;
            }
        }
        return true;
    }

    int nextHeader(DirectBuffer buffer, int offset, int length) {
        return buffer.getByte(fixedOffset(offset, length) + 1) & 0xff;
    }

    int innerLength(DirectBuffer buffer, int offset, int length) {
        int end = fixedOffset(offset, length);
        return end - (buffer.getByte(end) & 0xff) - offset - transform.headerLength();
    }

    /** Bytes of a packet that are encrypted. */
    int ciphertextLength(int length) {
        return length - transform.headerLength() - EspTransform.ICV_LENGTH;
    }

    private static int fixedOffset(int offset, int length) {
        return offset + length - EspTransform.ICV_LENGTH - FIXED_LENGTH;
    }
}
