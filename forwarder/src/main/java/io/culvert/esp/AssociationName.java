package io.culvert.esp;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a security association is called where its sequence numbers are kept: HMAC-SHA-256 by its key over SPI and direction.
 * The same key has the same name after a restart, another key under the same SPI has another, and no name tells a key.
 */
final class AssociationName {

    /** SPI 0, which no packet has (RFC 4303 section 2.1), so that no packet's ICV is a name where HMAC has the same key. */
    private static final int NO_SPI = 0;

    private static final int INPUT_LENGTH = 9;
    private static final int HASH = 16;
    private static final int HASH_LENGTH = 32;
    private static final int NAME_LENGTH = 16;
    private static final int WRITTEN = 56;

    private AssociationName() {}

    /** The name by the key that authenticates, which every association has one of. */
    static String of(SaSpec spec, @Nullable KeyMaterial key, @Nullable KeyMaterial authenticationKey) {
        KeyMaterial by = authenticationKey == null ? key : authenticationKey;
        if (by == null) {
            throw new IllegalArgumentException(spec.transform().algorithm() + " without a key");
        }
        try (NativeMemory memory = new NativeMemory(WRITTEN + Long.BYTES)) {
            memory.buffer().putInt(0, NO_SPI);
            memory.buffer().putInt(Integer.BYTES, spec.spi(), BIG_ENDIAN);
            memory.buffer().putByte(2 * Integer.BYTES, (byte) (spec.isOutbound() ? 1 : 0));
            long context = CipherContexts.hmacSha256(by.address(), by.length());
            int ok = LibCrypto.macUpdate(context, memory.address(), INPUT_LENGTH);
            ok &= LibCrypto.macFinal(context, memory.address() + HASH, memory.address() + WRITTEN, HASH_LENGTH);
            LibCrypto.macContextFree(context);
            if (ok != 1) {
                throw new IllegalStateException(LibCrypto.LIBRARY + " computes no HMAC");
            }
            byte[] name = new byte[NAME_LENGTH];
            memory.buffer().getBytes(HASH, name);
            return HexFormat.of().formatHex(name);
        }
    }
}
