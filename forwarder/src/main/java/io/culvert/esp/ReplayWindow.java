package io.culvert.esp;

import java.util.concurrent.atomic.AtomicLongArray;
import org.agrona.BitUtil;

/**
 * The anti-replay window of a received security association, RFC 4303 section 3.4.3, over 64-bit sequence numbers. One
 * thread moves it, with authentic packets in the order of their arrival; any other thread may ask it before it spends time
 * on a packet, and may then be told of a state some packets old.
 */
final class ReplayWindow {

    /** Largest size in packets. */
    static final int MAX_SIZE = 4096;

    private static final int WORD_BITS = 6;
    private static final long LOWER = 0xffff_ffffL;

    private final int size;
    private final int mask;

    /** A bit for each number; more than the size needs, so that words are cleared before they are used again. */
    private final AtomicLongArray seen;

    /** Highest number that was accepted; 0 before the first. */
    private volatile long top;

    /** @param size packets behind the newest one that may still come, 1 to {@link #MAX_SIZE} */
    ReplayWindow(int size) {
        this.size = size;
        int words = BitUtil.findNextPositivePowerOfTwo((size >>> WORD_BITS) + 2);
        mask = words - 1;
        seen = new AtomicLongArray(words);
    }

    /**
     * The 64-bit number whose lower half a packet carries: the one nearest to the window, RFC 4303 appendix A2.
     *
     * @return negative or 0 if no packet can have it
     */
    long extend(int lower) {
        long newest = top;
        long low = lower & LOWER;
        long candidate = (newest & ~LOWER) | low;
        long bottom = newest - size + 1;
        if ((newest & LOWER) >= size - 1) {
            return candidate >= bottom ? candidate : candidate + (1L << 32);
        }
        // The window reaches back into the numbers before the lower half's last turn.
        return low >= (bottom & LOWER) ? candidate - (1L << 32) : candidate;
    }

    /** Whether a packet with that number may be accepted; any thread. */
    boolean mayAccept(long sequence) {
        long newest = top;
        if (sequence > newest) {
            return true;
        }
        return sequence > 0 && newest - sequence < size && !isSeen(sequence);
    }

    /** Accepts an authentic packet with that number, or not; the thread that moves the window. */
    boolean accept(long sequence) {
        long newest = top;
        if (!mayAccept(sequence)) {
            return false;
        }
        if (sequence > newest) {
            clear(newest, sequence);
        }
        int word = word(sequence);
        seen.setRelease(word, seen.get(word) | (1L << sequence));
        if (sequence > newest) {
            top = sequence;
        }
        return true;
    }

    /** Highest number that was accepted; 0 before the first. */
    long top() {
        return top;
    }

    /** Takes that number and all before it for seen, before the first packet. */
    void startAt(long newest) {
        for (int i = 0; i <= mask; i++) {
            seen.setRelease(i, -1);
        }
        // Of the newest number's word only what is not after it: those numbers may still come.
        seen.setRelease(word(newest), -1L >>> (Long.SIZE - 1 - (newest & (Long.SIZE - 1))));
        top = newest;
    }

    private void clear(long newest, long sequence) {
        long from = (newest >>> WORD_BITS) + 1;
        long to = sequence >>> WORD_BITS;
        for (long i = Math.max(from, to - mask); i <= to; i++) {
            seen.setRelease((int) i & mask, 0);
        }
    }

    private boolean isSeen(long sequence) {
        return (seen.get(word(sequence)) & (1L << sequence)) != 0;
    }

    private int word(long sequence) {
        return (int) (sequence >>> WORD_BITS) & mask;
    }
}
