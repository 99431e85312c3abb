package io.culvert.esp;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Ciphers of one key, as libcrypto's contexts belong to one thread at a time: a thread borrows one for each packet. Each
 * worker asks with a number of its own first, so that workers do not meet.
 */
final class CipherPool implements AutoCloseable {

    /** More than threads of a path that may seal or open at a time on most machines; a power of two. */
    private static final int SIZE = 16;

    private final AtomicReferenceArray<@Nullable PacketCipher> free = new AtomicReferenceArray<>(SIZE);
    private final PacketCipher[] all = new PacketCipher[SIZE];

    CipherPool(Supplier<PacketCipher> factory) {
        for (int i = 0; i < SIZE; i++) {
            all[i] = factory.get();
            free.set(i, all[i]);
        }
    }

    /** Borrows a cipher, the one of that number if it is free. */
    PacketCipher take(int number) {
        for (int i = number; ; i++) {
            PacketCipher cipher = free.getAndSet(i & (SIZE - 1), null);
            if (cipher != null) {
                return cipher;
            }
        }
    }

    /** Gives a borrowed cipher back. */
    void give(PacketCipher cipher, int number) {
        for (int i = number; !free.compareAndSet(i & (SIZE - 1), null, cipher); i++) {
            // Another thread has that place: there are as many as ciphers.
        }
    }

    /** Wipes the keys; no thread may use a cipher any more. */
    @Override
    public void close() {
        for (PacketCipher cipher : all) {
            cipher.close();
        }
    }
}
