package io.culvert.tunnel;

import java.util.Arrays;
import org.agrona.BitUtil;

/**
 * A hash without collisions for a set of pairs that is known beforehand, by "hash, displace, and compress" (Belazzougui,
 * Botelho and Dietzfelbinger, 2009): a first hash chooses a bucket, whose displacement makes the second one fall on slots
 * that nobody else has. So a look-up reads one number of a small array and then the one slot there is: no search, of which
 * the processor could mispredict the end. Immutable.
 */
final class PerfectHash {

    /** Pairs a bucket on average, at most. */
    private static final int PAIRS_A_BUCKET = 2;

    private static final int DISPLACEMENTS = 1 << Character.SIZE;

    private static final long FIRST_MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;
    private static final long NEXT_MULTIPLIER = 0x5851_f42d_4c95_7f2dL;
    private static final long MIX = 0xbf58_476d_1ce4_e5b9L;

    private final long multiplier;
    private final int mask;
    private final char[] displacements;

    private PerfectHash(long multiplier, int slots, int buckets) {
        this.multiplier = multiplier;
        mask = slots - 1;
        displacements = new char[buckets];
    }

    /**
     * Finds one for these pairs.
     *
     * @param addresses of each pair
     * @param keys of each pair; no two pairs are equal
     */
    static PerfectHash of(long[] addresses, long[] keys) {
        // Few slots stay in the caches. The last pair finds the last free one while displacements reach them all.
        int slotsAPair = addresses.length > DISPLACEMENTS ? 2 : 1;
        int slots = BitUtil.findNextPositivePowerOfTwo(Math.max(addresses.length * slotsAPair, 2));
        int buckets = BitUtil.findNextPositivePowerOfTwo(Math.max(addresses.length / PAIRS_A_BUCKET, 1));
        // Odd ones only; another one where two pairs fall together whatever displaces them, or a bucket finds no room.
        for (long multiplier = FIRST_MULTIPLIER; ; multiplier *= NEXT_MULTIPLIER) {
            PerfectHash hash = new PerfectHash(multiplier, slots, buckets);
            if (hash.displace(addresses, keys)) {
                return hash;
            }
        }
    }

    /** How many slots there are: a power of two. */
    int slots() {
        return mask + 1;
    }

    /** The slot of a pair of the set; some slot of any other. */
    int slot(long address, long key) {
        long mixed = mix(address, key);
        return slot(mixed, displacements[bucket(mixed)]);
    }

    private long mix(long address, long key) {
        long mixed = address * multiplier + Long.rotateLeft(key * multiplier, 32);
        mixed = (mixed ^ mixed >>> 32) * MIX;
        return mixed ^ mixed >>> 32;
    }

    private int bucket(long mixed) {
        return (int) (mixed >>> 40) & (displacements.length - 1);
    }

    private int slot(long mixed, int displacement) {
        // An odd step reaches every slot.
        return (int) ((mixed >>> 20) + displacement * (mixed | 1)) & mask;
    }

    /** Gives every bucket its displacement, the fullest first; whether all have one. */
    private boolean displace(long[] addresses, long[] keys) {
        long[] mixed = new long[addresses.length];
        int[] sizes = new int[displacements.length];
        for (int i = 0; i < mixed.length; i++) {
            mixed[i] = mix(addresses[i], keys[i]);
            sizes[bucket(mixed[i])]++;
        }
        // By how many pairs share a bucket, then by bucket.
        long[] order = new long[mixed.length];
        for (int i = 0; i < mixed.length; i++) {
            int bucket = bucket(mixed[i]);
            order[i] = (long) -sizes[bucket] << 48 | (long) bucket << 24 | i;
        }
        Arrays.sort(order);
        boolean[] used = new boolean[mask + 1];
        int[] pairs = new int[mixed.length];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = (int) order[i] & 0xff_ffff;
        }
        for (int first = 0; first < pairs.length; ) {
            int bucket = bucket(mixed[pairs[first]]);
            int end = first + sizes[bucket];
            int displacement = 0;
            while (displacement < DISPLACEMENTS && !fits(mixed, pairs, first, end, (char) displacement, used)) {
                displacement++;
            }
            if (displacement == DISPLACEMENTS) {
                return false;
            }
            displacements[bucket] = (char) displacement;
            first = end;
        }
        return true;
    }

    /** Takes the slots of a bucket's pairs with that displacement if all are free; else none. */
    private boolean fits(long[] mixed, int[] pairs, int first, int end, char displacement, boolean[] used) {
        for (int i = first; i < end; i++) {
            int slot = slot(mixed[pairs[i]], displacement);
            if (used[slot]) {
                for (int taken = first; taken < i; taken++) {
                    used[slot(mixed[pairs[taken]], displacement)] = false;
                }
                return false;
            }
            used[slot] = true;
        }
        return true;
    }
}
