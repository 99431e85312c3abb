package io.culvert.wire;

/**
 * Why a header was refused: what each {@code validate} of this package returns, {@link #NONE} for a sound header. Codes
 * are small, consecutive ints, so that they can index an array of counters.
 */
public final class Malformed {
    /** Sound: no getter reads outside the bytes that were offered. */
    public static final int NONE = 0;
    /** Fewer bytes than the header says or needs. */
    public static final int TRUNCATED = 1;
    /** Another version than the one this header is defined for. */
    public static final int BAD_VERSION = 2;
    /** A header length below the protocol's minimum. */
    public static final int BAD_HEADER_LENGTH = 3;
    /** A total, payload or datagram length that does not even cover the header. */
    public static final int BAD_TOTAL_LENGTH = 4;
    /** A checksum that does not verify. Never from {@code validate}, which only looks at the shape. */
    public static final int BAD_CHECKSUM = 5;
    /** Flags that this implementation must not accept. */
    public static final int BAD_FLAGS = 6;
    /** More IPv6 extension headers than {@link Ipv6ExtensionHeaders#LIMIT}. */
    public static final int TOO_MANY_HEADERS = 7;

    /** One more than the highest code. */
    public static final int COUNT = 8;

    private Malformed() {}

    /** The words for a code, as in "truncated". */
    public static String name(int code) {
        return switch (code) {
            case NONE -> "sound";
            case TRUNCATED -> "truncated";
            case BAD_VERSION -> "bad version";
            case BAD_HEADER_LENGTH -> "bad header length";
            case BAD_TOTAL_LENGTH -> "bad total length";
            case BAD_CHECKSUM -> "bad checksum";
            case BAD_FLAGS -> "bad flags";
            case TOO_MANY_HEADERS -> "too many extension headers";
            default -> "unknown";
        };
    }
}
