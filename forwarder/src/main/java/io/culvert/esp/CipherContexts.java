package io.culvert.esp;

/** Makes libcrypto's contexts with their keys in them. Not for the packet path. */
final class CipherContexts {

    /** OSSL_PARAM_UTF8_STRING. */
    private static final int UTF8_STRING = 4;

    /** struct ossl_param_st: key, data type, data, data size, return size. */
    private static final int PARAMETER_LENGTH = 40;

    private static final int PARAMETER_TYPE = 8;
    private static final int PARAMETER_DATA = 16;
    private static final int PARAMETER_SIZE = 24;
    private static final String DIGEST = "SHA256";

    private CipherContexts() {}

    /** A cipher's context with its key, which need not stay where it is. */
    static long cipher(String name, long key, boolean encrypt) {
        try (NativeMemory text = NativeMemory.ofText(name)) {
            long cipher = required(LibCrypto.cipherFetch(text.address()), name);
            long context = required(LibCrypto.cipherContextNew(), name);
            // The context holds a reference of its own to the cipher.
            int ok = LibCrypto.cipherInit(context, cipher, key, 0, encrypt ? 1 : 0);
            LibCrypto.cipherFree(cipher);
            if (ok != 1) {
                LibCrypto.cipherContextFree(context);
                throw unavailable(name);
            }
            return context;
        }
    }

    /** The context of HMAC-SHA-256 with its key, which need not stay where it is. */
    static long hmacSha256(long key, int keyLength) {
        try (NativeMemory name = NativeMemory.ofText("HMAC");
                NativeMemory digestKey = NativeMemory.ofText("digest");
                NativeMemory digest = NativeMemory.ofText(DIGEST);
                NativeMemory parameters = new NativeMemory(2 * PARAMETER_LENGTH)) {
            parameters.buffer().putLong(0, digestKey.address());
            parameters.buffer().putInt(PARAMETER_TYPE, UTF8_STRING);
            parameters.buffer().putLong(PARAMETER_DATA, digest.address());
            parameters.buffer().putLong(PARAMETER_SIZE, DIGEST.length());
            long mac = required(LibCrypto.macFetch(name.address()), "HMAC");
            long context = required(LibCrypto.macContextNew(mac), "HMAC");
            LibCrypto.macFree(mac);
            if (LibCrypto.macInit(context, key, keyLength, parameters.address()) != 1) {
                LibCrypto.macContextFree(context);
                throw unavailable("HMAC-" + DIGEST);
            }
            return context;
        }
    }

    /** Fills memory with random bytes. */
    static void random(NativeMemory memory) {
        if (LibCrypto.randomBytes(memory.address(), memory.length()) != 1) {
            throw unavailable("random bytes");
        }
    }

    private static long required(long pointer, String name) {
        if (pointer == 0) {
            throw unavailable(name);
        }
        return pointer;
    }

    private static IllegalStateException unavailable(String name) {
        return new IllegalStateException(LibCrypto.LIBRARY + " has no " + name);
    }
}
