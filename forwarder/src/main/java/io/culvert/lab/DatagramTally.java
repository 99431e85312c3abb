package io.culvert.lab;

import java.util.BitSet;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Writes numbered datagrams, and keeps count of what became of them. One thread. */
final class DatagramTally {

    /** Bytes of the number that a datagram begins with. */
    static final int NUMBER = Long.BYTES;

    private final int packets;
    private final int size;
    private final BitSet numbers;
    private long highest = -1;
    private long delivered;
    private long reordered;
    private long duplicated;
    private long corrupted;

    /**
     * @param packets their numbers are 0 to this less one
     * @param size bytes of each
     */
    DatagramTally(int packets, int size) {
        this.packets = packets;
        this.size = size;
        numbers = new BitSet(packets);
    }

    /** Writes a datagram: its number, then bytes that depend on it. */
    static void fill(MutableDirectBuffer memory, int offset, int size, long number) {
        memory.putLong(offset, number);
        for (int i = NUMBER; i < size; i++) {
            memory.putByte(offset + i, expected(number, i));
        }
    }

    /** Counts a datagram that arrived. */
    void add(DirectBuffer memory, int offset, int length) {
        long number = length < NUMBER ? -1 : memory.getLong(offset);
        if (!isIntact(memory, offset, length, number)) {
            corrupted++;
        } else if (numbers.get((int) number)) {
            duplicated++;
        } else {
            numbers.set((int) number);
            delivered++;
            reordered += number < highest ? 1 : 0;
            highest = Math.max(highest, number);
        }
    }

    /** Different datagrams that arrived intact. */
    long delivered() {
        return delivered;
    }

    /** Of those, how many arrived after one with a higher number. */
    long reordered() {
        return reordered;
    }

    long duplicated() {
        return duplicated;
    }

    /** Datagrams whose length or bytes are not those of their number. */
    long corrupted() {
        return corrupted;
    }

    private boolean isIntact(DirectBuffer memory, int offset, int length, long number) {
        if (length != size || number < 0 || number >= packets) {
            return false;
        }
        for (int i = NUMBER; i < size; i++) {
            if (memory.getByte(offset + i) != expected(number, i)) {
                return false;
            }
        }
        return true;
    }

    private static byte expected(long number, int index) {
        return (byte) (number * 31 + index);
    }
}
