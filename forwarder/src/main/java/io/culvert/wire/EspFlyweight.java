package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * View of what is not encrypted of an ESP packet, RFC 4303 section 2. Initialization vector, padding and integrity check
 * value are as long as the security association says, so they are its matter.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------------------------------+
 * |               Security parameters index (SPI)                 |
 * +---------------------------------------------------------------+
 * |             Sequence number, the lower 32 bits                |
 * +---------------------------------------------------------------+
 * |        Initialization vector, ciphertext: payload,            |
 * ~        padding, pad length and next header                    ~
 * +---------------------------------------------------------------+
 * ~                  Integrity check value                        ~
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class EspFlyweight {
    /** SPI and sequence number, bytes. */
    public static final int HEADER_LENGTH = 8;

    /** Lowest SPI that may be on a network: 0 is local, 1 to 255 are reserved, RFC 4303 section 2.1. */
    public static final int MIN_SPI = 256;

    /** Where the sequence number lies from the start of the header. */
    public static final int SEQUENCE_OFFSET = 4;

    private static final int SPI = 0;

    private MutableDirectBuffer buffer = Unwrapped.BUFFER;
    private int offset;

    /** Points this view at a header; looks at no byte. */
    public EspFlyweight wrap(MutableDirectBuffer buffer, int offset) {
        this.buffer = buffer;
        this.offset = offset;
        return this;
    }

    /**
     * Checks that the header is there and its SPI is not reserved.
     *
     * @return {@link Malformed#NONE}: no getter leaves [offset, offset + available)
     */
    public static int validate(DirectBuffer buffer, int offset, int available) {
        if (available < HEADER_LENGTH) {
            return Malformed.TRUNCATED;
        }
        boolean isReserved = Integer.compareUnsigned(buffer.getInt(offset + SPI, BIG_ENDIAN), MIN_SPI) < 0;
        return isReserved ? Malformed.BAD_FLAGS : Malformed.NONE;
    }

    /** Security parameters index, unsigned. */
    public int spi() {
        return buffer.getInt(offset + SPI, BIG_ENDIAN);
    }

    /** The lower 32 bits, unsigned. */
    public int sequence() {
        return buffer.getInt(offset + SEQUENCE_OFFSET, BIG_ENDIAN);
    }

    /** Puts {@link #validate} in doubt. */
    public EspFlyweight spi(int spi) {
        buffer.putInt(offset + SPI, spi, BIG_ENDIAN);
        return this;
    }

    /** The lower 32 bits. */
    public EspFlyweight sequence(int sequence) {
        buffer.putInt(offset + SEQUENCE_OFFSET, sequence, BIG_ENDIAN);
        return this;
    }

    /** One line: {@code ESP spi 0x00001001, seq 1}. */
    public StringBuilder appendTo(StringBuilder text) {
        Text.appendHex(text.append("ESP spi "), spi(), 8);
        return text.append(", seq ").append(Integer.toUnsignedLong(sequence()));
    }
}
