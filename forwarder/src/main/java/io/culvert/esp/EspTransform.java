package io.culvert.esp;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How a security association protects packets, in the algorithm names of {@code ip xfrm state}. Every transform
 * authenticates, with an integrity check value of {@value #ICV_LENGTH} bytes.
 */
public enum EspTransform {
    /** AES-GCM, RFC 4106. */
    AES_GCM("rfc4106(gcm(aes))", null, 8, 4, 4, 16, 32),
    /** ChaCha20-Poly1305, RFC 7634. */
    CHACHA20_POLY1305("rfc7539esp(chacha20,poly1305)", null, 8, 4, 4, 32, 32),
    /** AES-CBC, RFC 3602, with HMAC-SHA-256-128, RFC 4868. */
    AES_CBC_HMAC_SHA256("cbc(aes)", "hmac(sha256)", 16, 16, 0, 16, 32),
    /** No encryption, RFC 2410, with HMAC-SHA-256-128, RFC 4868. */
    NULL_HMAC_SHA256("ecb(cipher_null)", "hmac(sha256)", 0, 4, 0, 1, 0);

    /** Bytes of the integrity check value behind each packet. */
    public static final int ICV_LENGTH = 16;

    /** Bytes of a key of HMAC-SHA-256, RFC 4868 section 2.1.1. */
    static final int AUTHENTICATION_KEY_LENGTH = 32;

    /** Bytes of ESP header before the initialization vector: SPI and sequence number. */
    private static final int HEADER_LENGTH = 8;

    /** Bytes of pad length and next header. */
    private static final int TRAILER_LENGTH = 2;

    /** Bytes between the key lengths of AES. */
    private static final int KEY_STEP = 8;

    private final String algorithm;
    private final @Nullable String authentication;
    private final int ivLength;
    private final int alignment;
    private final int saltLength;
    private final int shortestKey;
    private final int longestKey;

    EspTransform(
            String algorithm,
            @Nullable String authentication,
            int ivLength,
            int alignment,
            int saltLength,
            int shortestKey,
            int longestKey) {
        this.algorithm = algorithm;
        this.authentication = authentication;
        this.ivLength = ivLength;
        this.alignment = alignment;
        this.saltLength = saltLength;
        this.shortestKey = shortestKey;
        this.longestKey = longestKey;
    }

    /** The name behind {@code aead} or {@code enc}. */
    public String algorithm() {
        return algorithm;
    }

    /** The name behind {@code auth-trunc}; null where the cipher authenticates by itself. */
    public @Nullable String authentication() {
        return authentication;
    }

    /** Whether the cipher authenticates by itself. */
    public boolean isAead() {
        return authentication == null;
    }

    /** Whether there is an encryption key. */
    public boolean encrypts() {
        return this != NULL_HMAC_SHA256;
    }

    /** Bytes of the key file's content that may be, the salt of RFC 4106 section 8.1 included. */
    public List<Integer> keyFileLengths() {
        return IntStream.iterate(shortestKey, length -> length <= longestKey, length -> length + KEY_STEP)
                .mapToObj(length -> length + saltLength)
                .toList();
    }

    /** Bytes from the ESP header's first to the ciphertext's first. */
    public int headerLength() {
        return HEADER_LENGTH + ivLength;
    }

    /** Bytes of the initialization vector in each packet. */
    int ivLength() {
        return ivLength;
    }

    /** Bytes of salt at the end of the key, which are never sent. */
    int saltLength() {
        return saltLength;
    }

    /** Bytes of ciphertext for an inner packet of that length: padded to the alignment, RFC 4303 section 2.4. */
    public int ciphertextLength(int innerLength) {
        return (innerLength + TRAILER_LENGTH + alignment - 1) & -alignment;
    }

    /** Bytes that stand behind an inner packet of that length: padding, pad length, next header, ICV. */
    public int trailerLength(int innerLength) {
        return ciphertextLength(innerLength) - innerLength + ICV_LENGTH;
    }

    /** Largest inner packet in bytes whose ESP packet, from its header on, has that length at most. */
    public int innerMtu(int espLength) {
        return ((espLength - headerLength() - ICV_LENGTH) & -alignment) - TRAILER_LENGTH;
    }

    /** Whether ciphertext can have that length: pad length and next header at least, and aligned. */
    boolean isCiphertextLength(int length) {
        return length >= TRAILER_LENGTH && length % alignment == 0;
    }

    /** The transform of these names; null if there is none. */
    public static @Nullable EspTransform of(String algorithm, @Nullable String authentication) {
        for (EspTransform transform : values()) {
            if (transform.algorithm.equals(algorithm) && Objects.equals(transform.authentication, authentication)) {
                return transform;
            }
        }
        return null;
    }
}
