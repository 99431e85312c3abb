package io.culvert.esp;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of OpenSSL's libcrypto that ESP needs, as its manual pages have them. Pointers are addresses in a {@code
 * long}: the caller owns the memory and keeps it alive for the call. None waits for anything, and all of the packet path
 * work on one packet, so they run without leaving the Java state ({@link Linker.Option#critical}).
 *
 * <p>Any thread may call; a context belongs to one thread at a time.
 */
@SuppressWarnings("restricted")
final class LibCrypto {

    static final String LIBRARY = "libcrypto.so.3";

    /** EVP_CTRL_AEAD_GET_TAG. */
    static final int AEAD_GET_TAG = 0x10;

    /** EVP_CTRL_AEAD_SET_TAG. */
    static final int AEAD_SET_TAG = 0x11;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LOOKUP = SymbolLookup.libraryLookup(LIBRARY, Arena.global());

    private static final MethodHandle CIPHER_FETCH =
            function("EVP_CIPHER_fetch", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle CIPHER_FREE = procedure("EVP_CIPHER_free");
    private static final MethodHandle CIPHER_CTX_NEW = function("EVP_CIPHER_CTX_new", JAVA_LONG);
    private static final MethodHandle CIPHER_CTX_FREE = procedure("EVP_CIPHER_CTX_free");
    private static final MethodHandle CIPHER_CTX_PADDING =
            function("EVP_CIPHER_CTX_set_padding", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle CIPHER_CTX_CTRL =
            critical("EVP_CIPHER_CTX_ctrl", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle CIPHER_INIT =
            critical("EVP_CipherInit_ex", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle CIPHER_UPDATE =
            critical("EVP_CipherUpdate", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle CIPHER_FINAL =
            critical("EVP_CipherFinal_ex", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MAC_FETCH = function("EVP_MAC_fetch", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MAC_FREE = procedure("EVP_MAC_free");
    private static final MethodHandle MAC_CTX_NEW = function("EVP_MAC_CTX_new", JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MAC_CTX_FREE = procedure("EVP_MAC_CTX_free");
    private static final MethodHandle MAC_INIT =
            critical("EVP_MAC_init", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MAC_UPDATE =
            critical("EVP_MAC_update", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MAC_FINAL =
            critical("EVP_MAC_final", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MEMCMP = critical("CRYPTO_memcmp", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle RAND_BYTES = function("RAND_bytes", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle CLEANSE = LINKER.downcallHandle(
            LOOKUP.findOrThrow("OPENSSL_cleanse"), FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG));

    private LibCrypto() {}

    /**
     * Does nothing but load the library, as any first call does.
     *
     * @throws LinkageError if it is not there
     */
    static void load() {}

    /** EVP_CIPHER_fetch(3) from the default library context; 0 if there is no such cipher. */
    static long cipherFetch(long name) {
        try {
            return (long) CIPHER_FETCH.invokeExact(0L, name, 0L);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_CIPHER_free(3). */
    static void cipherFree(long cipher) {
        try {
            CIPHER_FREE.invokeExact(cipher);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_CIPHER_CTX_new(3); 0 without memory. */
    static long cipherContextNew() {
        try {
            return (long) CIPHER_CTX_NEW.invokeExact();
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_CIPHER_CTX_free(3), which wipes the key. */
    static void cipherContextFree(long context) {
        try {
            CIPHER_CTX_FREE.invokeExact(context);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_CIPHER_CTX_set_padding(3) to none. */
    static void cipherContextNoPadding(long context) {
        try {
            int ignored = (int) CIPHER_CTX_PADDING.invokeExact(context, 0);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_CIPHER_CTX_ctrl(3); 1 is success. */
    static int cipherContextControl(long context, int type, int argument, long pointer) {
        try {
            return (int) CIPHER_CTX_CTRL.invokeExact(context, type, argument, pointer);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_CipherInit_ex(3); what is 0 stays as it is, and the direction with {@code encrypt} -1. 1 is success. */
    static int cipherInit(long context, long cipher, long key, long iv, int encrypt) {
        try {
            return (int) CIPHER_INIT.invokeExact(context, cipher, 0L, key, iv, encrypt);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_CipherUpdate(3); without {@code output} the input is additional authenticated data. 1 is success. */
    static int cipherUpdate(long context, long output, long outputLength, long input, int inputLength) {
        try {
            return (int) CIPHER_UPDATE.invokeExact(context, output, outputLength, input, inputLength);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_CipherFinal_ex(3); 1 is success, and when it decrypts that the tag is right. */
    static int cipherFinal(long context, long output, long outputLength) {
        try {
            return (int) CIPHER_FINAL.invokeExact(context, output, outputLength);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_MAC_fetch(3) from the default library context; 0 if there is no such code. */
    static long macFetch(long name) {
        try {
            return (long) MAC_FETCH.invokeExact(0L, name, 0L);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_MAC_free(3). */
    static void macFree(long mac) {
        try {
            MAC_FREE.invokeExact(mac);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_MAC_CTX_new(3); 0 without memory. */
    static long macContextNew(long mac) {
        try {
            return (long) MAC_CTX_NEW.invokeExact(mac);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_MAC_CTX_free(3), which wipes the key. */
    static void macContextFree(long context) {
        try {
            MAC_CTX_FREE.invokeExact(context);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_MAC_init(3); without {@code key} the one before is used again. 1 is success. */
    static int macInit(long context, long key, long keyLength, long parameters) {
        try {
            return (int) MAC_INIT.invokeExact(context, key, keyLength, parameters);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_MAC_update(3); 1 is success. */
    static int macUpdate(long context, long data, int length) {
        try {
            return (int) MAC_UPDATE.invokeExact(context, data, (long) length);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** EVP_MAC_final(3); 1 is success. */
    static int macFinal(long context, long output, long outputLength, int capacity) {
        try {
            return (int) MAC_FINAL.invokeExact(context, output, outputLength, (long) capacity);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** CRYPTO_memcmp(3): 0 if equal, in a time that does not depend on the bytes. */
    static int compare(long one, long other, int length) {
        try {
            return (int) MEMCMP.invokeExact(one, other, (long) length);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** RAND_bytes(3); 1 is success. */
    static int randomBytes(long output, int length) {
        try {
            return (int) RAND_BYTES.invokeExact(output, length);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** OPENSSL_cleanse(3): overwrites a secret. */
    static void cleanse(long address, long length) {
        try {
            CLEANSE.invokeExact(address, length);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(LOOKUP.findOrThrow(name), FunctionDescriptor.of(result, arguments));
    }

    private static MethodHandle critical(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LOOKUP.findOrThrow(name), FunctionDescriptor.of(result, arguments), Linker.Option.critical(false));
    }

    private static MethodHandle procedure(String name) {
        return LINKER.downcallHandle(LOOKUP.findOrThrow(name), FunctionDescriptor.ofVoid(JAVA_LONG));
    }

    private static AssertionError impossible(Throwable cause) {
        return new AssertionError("a native call does not throw", cause);
    }
}
