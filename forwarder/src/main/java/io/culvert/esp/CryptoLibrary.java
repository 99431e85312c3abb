package io.culvert.esp;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;

/** Whether the library that encrypts is on this host; any thread. */
public final class CryptoLibrary {

    private CryptoLibrary() {}

    @SuppressWarnings("restricted") // looking for the library is what this is for
    public static boolean isPresent() {
        try (Arena arena = Arena.ofConfined()) {
            return SymbolLookup.libraryLookup(LibCrypto.LIBRARY, arena)
                    .find("EVP_CIPHER_fetch")
                    .isPresent();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
