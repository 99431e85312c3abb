package io.culvert.esp;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A cipher that authenticates by itself: AES-GCM as in RFC 4106, ChaCha20-Poly1305 as in RFC 7634. The nonce is salt and
 * initialization vector; authenticated besides the ciphertext are SPI and sequence number, all 64 bits of it if extended.
 */
final class AeadCipher implements PacketCipher {

    private static final int NONCE = 0;
    private static final int IV_IN_NONCE = 4;
    private static final int AUTHENTICATED = 16;
    private static final int UNUSED_LENGTH = 32;
    private static final int SCRATCH_LENGTH = 64;
    private static final int SEQUENCE_OFFSET = 4;
    private static final int IV_OFFSET = 8;
    private static final int PAYLOAD_OFFSET = 16;

    private final long context;
    private final boolean extendedSequence;
    private final NativeMemory memory = new NativeMemory(SCRATCH_LENGTH);
    private final UnsafeBuffer scratch = memory.buffer();
    private final long nonceAddress = memory.address() + NONCE;
    private final long authenticatedAddress = memory.address() + AUTHENTICATED;
    private final long unusedLength = memory.address() + UNUSED_LENGTH;

    /** @param key with the salt at its end */
    AeadCipher(EspTransform transform, KeyMaterial key, boolean encrypt, boolean extendedSequence) {
        this.extendedSequence = extendedSequence;
        int keyLength = key.length() - transform.saltLength();
        String name = transform == EspTransform.AES_GCM ? "AES-" + keyLength * 8 + "-GCM" : "ChaCha20-Poly1305";
        context = CipherContexts.cipher(name, key.address(), encrypt);
        key.copy(keyLength, scratch, NONCE, transform.saltLength());
    }

    @Override
    public boolean seal(MutableDirectBuffer buffer, int offset, int ciphertextLength, long sequence, long iv) {
        buffer.putLong(offset + IV_OFFSET, iv, BIG_ENDIAN);
        scratch.putLong(IV_IN_NONCE, iv, BIG_ENDIAN);
        long payload = buffer.addressOffset() + offset + PAYLOAD_OFFSET;
        int ok = start(buffer, offset, sequence);
        ok &= LibCrypto.cipherUpdate(context, payload, unusedLength, payload, ciphertextLength);
        ok &= LibCrypto.cipherFinal(context, payload + ciphertextLength, unusedLength);
        ok &= LibCrypto.cipherContextControl(
                context, LibCrypto.AEAD_GET_TAG, EspTransform.ICV_LENGTH, payload + ciphertextLength);
        return ok == 1;
    }

    @Override
    public boolean open(MutableDirectBuffer buffer, int offset, int ciphertextLength, long sequence) {
        scratch.putLong(IV_IN_NONCE, buffer.getLong(offset + IV_OFFSET));
        long payload = buffer.addressOffset() + offset + PAYLOAD_OFFSET;
        int ok = start(buffer, offset, sequence);
        ok &= LibCrypto.cipherContextControl(
                context, LibCrypto.AEAD_SET_TAG, EspTransform.ICV_LENGTH, payload + ciphertextLength);
        ok &= LibCrypto.cipherUpdate(context, payload, unusedLength, payload, ciphertextLength);
        return ok == 1 && LibCrypto.cipherFinal(context, authenticatedAddress, unusedLength) == 1;
    }

    private int start(MutableDirectBuffer buffer, int offset, long sequence) {
        int ok = LibCrypto.cipherInit(context, 0, 0, nonceAddress, -1);
        if (!extendedSequence) {
            long header = buffer.addressOffset() + offset;
            return ok & LibCrypto.cipherUpdate(context, 0, unusedLength, header, IV_OFFSET);
        }
        // RFC 4106 section 5: SPI, then the 64-bit sequence number, of which the packet has the lower half only.
        scratch.putInt(AUTHENTICATED, buffer.getInt(offset));
        scratch.putLong(AUTHENTICATED + SEQUENCE_OFFSET, sequence, BIG_ENDIAN);
        return ok
                & LibCrypto.cipherUpdate(context, 0, unusedLength, authenticatedAddress, SEQUENCE_OFFSET + Long.BYTES);
    }

    @Override
    public void close() {
        LibCrypto.cipherContextFree(context);
        memory.close();
    }
}
