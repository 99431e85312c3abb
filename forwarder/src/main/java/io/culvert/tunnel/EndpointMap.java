package io.culvert.tunnel;

import java.util.Arrays;
import java.util.List;
import org.agrona.BitUtil;
import org.jspecify.annotations.Nullable;

/**
 * Tunnels by remote, local (an IPv4 address, or an IPv6 address's number) and key: open addressing at a load of at most
 * one half, a slot's two words side by side. So a look-up reads one cache line of words and one of references however many
 * tunnels there are, and of the tunnel itself nothing. Immutable.
 */
final class EndpointMap {

    /** In a slot's second word: its tunnels are several, or bound to a device. Keys have lower bits only. */
    private static final long CHOICE = 1L << 63;

    /** In a slot's second word: it holds something. */
    private static final long USED = 1L << 62;

    private static final Tunnel[] NONE = {};

    private final int mask;

    /** Of each slot: remote and local, then key and flags. */
    private final long[] words;

    /** The first tunnel of each slot, and all of them. */
    private final @Nullable Tunnel[] firsts;

    private final Tunnel[] @Nullable [] all;
    private boolean wildcards;

    /**
     * @param remote 0 for any
     * @param local 0 for any
     * @param key look-up key
     */
    record Entry(int remote, int local, long key, Tunnel tunnel) {}

    private EndpointMap(int capacity) {
        mask = capacity - 1;
        words = new long[2 * capacity];
        firsts = new Tunnel[capacity];
        all = new Tunnel[capacity][];
    }

    static EndpointMap of(List<Entry> entries) {
        EndpointMap map = new EndpointMap(BitUtil.findNextPositivePowerOfTwo(2 * entries.size() + 2));
        for (Entry entry : entries) {
            map.add(entry);
        }
        return map;
    }

    /** Whether any tunnel has no remote or no local address. */
    boolean hasWildcards() {
        return wildcards;
    }

    /** The tunnel with exactly these values, if there is but one and it is not bound to a device; else null. */
    @Nullable
    Tunnel sole(int remote, int local, long key) {
        int slot = slot(remote, local, key);
        return words[2 * slot + 1] < 0 ? null : firsts[slot];
    }

    /** The tunnels with exactly these values, in the order in which they were added. */
    Tunnel[] get(int remote, int local, long key) {
        Tunnel[] found = all[slot(remote, local, key)];
        return found == null ? NONE : found;
    }

    /** Whether any tunnel has exactly these values. */
    boolean has(int remote, int local, long key) {
        return firsts[slot(remote, local, key)] != null;
    }

    private void add(Entry entry) {
        int slot = slot(entry.remote, entry.local, entry.key);
        words[2 * slot] = addresses(entry.remote, entry.local);
        Tunnel[] present = all[slot];
        Tunnel[] grown = present == null ? new Tunnel[1] : Arrays.copyOf(present, present.length + 1);
        grown[grown.length - 1] = entry.tunnel;
        all[slot] = grown;
        firsts[slot] = grown[0];
        boolean isChoice = grown.length > 1 || entry.tunnel.boundIndex() != 0;
        words[2 * slot + 1] |= entry.key | USED | (isChoice ? CHOICE : 0);
        wildcards |= entry.remote == 0 || entry.local == 0;
    }

    /** The slot that holds these values, or the empty one where they belong. */
    private int slot(int remote, int local, long key) {
        long address = addresses(remote, local);
        long wanted = key | USED;
        int slot = hash(address, key) & mask;
        while (words[2 * slot + 1] != 0 && (words[2 * slot] != address || (words[2 * slot + 1] & ~CHOICE) != wanted)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private static long addresses(int remote, int local) {
        return (long) remote << 32 | (local & 0xffff_ffffL);
    }

    private static int hash(long address, long key) {
        long mixed = (address ^ (key * 0x9e37_79b9_7f4a_7c15L)) * 0xbf58_476d_1ce4_e5b9L;
        return (int) (mixed >>> 32);
    }
}
