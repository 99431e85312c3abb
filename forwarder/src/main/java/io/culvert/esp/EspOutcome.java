package io.culvert.esp;

/** What opening a received ESP packet came to. */
public enum EspOutcome {
    /** Authentic and decrypted. */
    OPENED,
    /** Too short, or its ciphertext is not aligned. */
    MALFORMED,
    /** The security association has reached a hard limit. */
    EXPIRED,
    /** Its sequence number was seen already, or is behind the window. */
    REPLAYED,
    /** The integrity check value is wrong. */
    FORGED,
    /** Authentic, but its padding is not what RFC 4303 section 2.4 says. */
    BAD_PADDING
}
