package io.culvert.esp;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * AES-CBC, RFC 3602, or no encryption, and HMAC-SHA-256-128, RFC 4868, over header, initialization vector, ciphertext and,
 * if sequence numbers are extended, their upper half.
 *
 * <p>An initialization vector must not be foreseen: it is the given number encrypted under a key of its own that was drawn
 * when the cipher was made (NIST SP 800-38A, appendix C).
 */
final class HmacCipher implements PacketCipher {

    private static final int HASH = 0;
    private static final int HASH_LENGTH = 32;
    private static final int BLOCK = 32;
    private static final int BLOCK_LENGTH = 16;
    private static final int UPPER_SEQUENCE = 48;
    private static final int UNUSED_LENGTH = 56;
    private static final int SCRATCH_LENGTH = 64;
    private static final int IV_OFFSET = 8;

    private final int payloadOffset;
    private final boolean encrypts;
    private final boolean extendedSequence;
    private final long cipherContext;
    private final long ivContext;
    private final long macContext;
    private final NativeMemory memory = new NativeMemory(SCRATCH_LENGTH);
    private final UnsafeBuffer scratch = memory.buffer();
    private final long address = memory.address();

    /** @param key of the cipher; null for no encryption */
    HmacCipher(
            EspTransform transform,
            @Nullable KeyMaterial key,
            KeyMaterial authenticationKey,
            boolean encrypt,
            boolean extendedSequence) {
        this.extendedSequence = extendedSequence;
        payloadOffset = transform.headerLength();
        encrypts = key != null;
        if (key == null) {
            cipherContext = 0;
            ivContext = 0;
        } else {
            cipherContext = CipherContexts.cipher("AES-" + key.length() * 8 + "-CBC", key.address(), encrypt);
            LibCrypto.cipherContextNoPadding(cipherContext);
            ivContext = ivContext();
        }
        macContext = CipherContexts.hmacSha256(authenticationKey.address(), authenticationKey.length());
    }

    private static long ivContext() {
        try (NativeMemory random = new NativeMemory(BLOCK_LENGTH)) {
            CipherContexts.random(random);
            long context = CipherContexts.cipher("AES-128-ECB", random.address(), true);
            LibCrypto.cipherContextNoPadding(context);
            return context;
        }
    }

    @Override
    public boolean seal(MutableDirectBuffer buffer, int offset, int ciphertextLength, long sequence, long iv) {
        long packet = buffer.addressOffset() + offset;
        long payload = packet + payloadOffset;
        int ok = 1;
        if (encrypts) {
            scratch.putLong(BLOCK, iv);
            ok = LibCrypto.cipherUpdate(
                    ivContext, packet + IV_OFFSET, address + UNUSED_LENGTH, address + BLOCK, BLOCK_LENGTH);
            ok &= LibCrypto.cipherInit(cipherContext, 0, 0, packet + IV_OFFSET, -1);
            ok &= LibCrypto.cipherUpdate(cipherContext, payload, address + UNUSED_LENGTH, payload, ciphertextLength);
        }
        ok &= authenticate(packet, payloadOffset + ciphertextLength, sequence);
        buffer.putBytes(offset + payloadOffset + ciphertextLength, scratch, HASH, EspTransform.ICV_LENGTH);
        return ok == 1;
    }

    @Override
    public boolean open(MutableDirectBuffer buffer, int offset, int ciphertextLength, long sequence) {
        long packet = buffer.addressOffset() + offset;
        long payload = packet + payloadOffset;
        int ok = authenticate(packet, payloadOffset + ciphertextLength, sequence);
        if (ok != 1 || LibCrypto.compare(payload + ciphertextLength, address + HASH, EspTransform.ICV_LENGTH) != 0) {
            return false;
        }
        if (encrypts) {
            ok &= LibCrypto.cipherInit(cipherContext, 0, 0, packet + IV_OFFSET, -1);
            ok &= LibCrypto.cipherUpdate(cipherContext, payload, address + UNUSED_LENGTH, payload, ciphertextLength);
        }
        return ok == 1;
    }

    private int authenticate(long packet, int length, long sequence) {
        int ok = LibCrypto.macInit(macContext, 0, 0, 0);
        ok &= LibCrypto.macUpdate(macContext, packet, length);
        if (extendedSequence) {
            scratch.putInt(UPPER_SEQUENCE, (int) (sequence >>> 32), BIG_ENDIAN);
            ok &= LibCrypto.macUpdate(macContext, address + UPPER_SEQUENCE, Integer.BYTES);
        }
        return ok & LibCrypto.macFinal(macContext, address + HASH, address + UNUSED_LENGTH, HASH_LENGTH);
    }

    @Override
    public void close() {
        if (encrypts) {
            LibCrypto.cipherContextFree(cipherContext);
            LibCrypto.cipherContextFree(ivContext);
        }
        LibCrypto.macContextFree(macContext);
        memory.close();
    }
}
