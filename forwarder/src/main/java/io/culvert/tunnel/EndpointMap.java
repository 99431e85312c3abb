package io.culvert.tunnel;

import java.util.Arrays;
import java.util.List;
import org.agrona.BitUtil;
import org.jspecify.annotations.Nullable;

/**
 * Tunnels by remote, local (an IPv4 address, or an IPv6 address's number) and key: open addressing at a load of at most one half, so a look-up reads one or two lines
 * however many tunnels there are. Immutable.
 */
final class EndpointMap {

    private static final Tunnel[] NONE = {};

    private final int mask;
    private final long[] addresses;
    private final long[] keys;
    private final Tunnel[] @Nullable [] values;
    private boolean wildcards;

    /**
     * @param remote 0 for any
     * @param local 0 for any
     * @param key look-up key
     */
    record Entry(int remote, int local, long key, Tunnel tunnel) {}

    private EndpointMap(int capacity) {
        mask = capacity - 1;
        addresses = new long[capacity];
        keys = new long[capacity];
        values = new Tunnel[capacity][];
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

    /** The tunnels with exactly these values, in the order in which they were added. */
    Tunnel[] get(int remote, int local, long key) {
        Tunnel[] found = values[slot(remote, local, key)];
        return found == null ? NONE : found;
    }

    private void add(Entry entry) {
        int slot = slot(entry.remote, entry.local, entry.key);
        Tunnel[] present = values[slot];
        addresses[slot] = addresses(entry.remote, entry.local);
        keys[slot] = entry.key;
        Tunnel[] grown = present == null ? new Tunnel[1] : Arrays.copyOf(present, present.length + 1);
        grown[grown.length - 1] = entry.tunnel;
        values[slot] = grown;
        wildcards |= entry.remote == 0 || entry.local == 0;
    }

    /** The slot that holds these values, or the empty one where they belong. */
    private int slot(int remote, int local, long key) {
        long address = addresses(remote, local);
        int slot = hash(address, key) & mask;
        while (values[slot] != null && (addresses[slot] != address || keys[slot] != key)) {
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
