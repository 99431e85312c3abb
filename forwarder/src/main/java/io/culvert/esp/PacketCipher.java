package io.culvert.esp;

import org.agrona.MutableDirectBuffer;

/**
 * Protects and checks ESP packets in place under one key in one direction. Packets lie in off-heap memory. One thread at a
 * time; neither method allocates, waits or throws.
 */
interface PacketCipher extends AutoCloseable {

    /**
     * Writes the initialization vector, encrypts, and writes the integrity check value behind the ciphertext.
     *
     * @param offset of the ESP header, in which SPI and sequence number stand
     * @param ciphertextLength bytes to encrypt behind header and initialization vector
     * @param sequence 64-bit sequence number of the packet
     * @param iv number for the initialization vector, which must never repeat under the key
     * @return whether it worked; it always does but for a defect of the library
     */
    boolean seal(MutableDirectBuffer buffer, int offset, int ciphertextLength, long sequence, long iv);

    /**
     * Checks the integrity check value, and decrypts.
     *
     * @param offset of the ESP header
     * @param ciphertextLength bytes between initialization vector and integrity check value
     * @param sequence 64-bit sequence number that the packet must have
     * @return whether the packet is authentic; if not, what lies there now means nothing
     */
    boolean open(MutableDirectBuffer buffer, int offset, int ciphertextLength, long sequence);

    /** Wipes the key; no thread may use the cipher any more. */
    @Override
    void close();
}
