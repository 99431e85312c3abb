package io.culvert.tunnel;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tunnels by remote, local (an IPv4 address, or an IPv6 address's number) and key, a slot's two words side by side. So a
 * look-up reads one cache line of words and one of references however many tunnels there are, and of the tunnel itself
 * nothing. Immutable.
 */
final class EndpointMap {

    /** In a slot's second word: its tunnels are several, or bound to a device. Keys have lower bits only. */
    private static final long CHOICE = 1L << 63;

    /** In a slot's second word: it holds something. */
    private static final long USED = 1L << 62;

    private static final Tunnel[] NONE = {};

    private final PerfectHash hash;

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

    private EndpointMap(PerfectHash hash) {
        this.hash = hash;
        words = new long[2 * hash.slots()];
        firsts = new Tunnel[hash.slots()];
        all = new Tunnel[hash.slots()][];
    }

    static EndpointMap of(List<Entry> entries) {
        Set<Place> places = new LinkedHashSet<>();
        entries.forEach(entry -> places.add(new Place(addresses(entry.remote, entry.local), entry.key)));
        EndpointMap map = new EndpointMap(PerfectHash.of(
                places.stream().mapToLong(Place::addresses).toArray(),
                places.stream().mapToLong(Place::key).toArray()));
        entries.forEach(map::add);
        return map;
    }

    private record Place(long addresses, long key) {}

    /** Whether any tunnel has no remote or no local address. */
    boolean hasWildcards() {
        return wildcards;
    }

    /** The tunnel with exactly these values, if there is but one and it is not bound to a device; else null. */
    @Nullable
    Tunnel sole(int remote, int local, long key) {
        long addresses = addresses(remote, local);
        int slot = hash.slot(addresses, key);
        return words[2 * slot] == addresses && words[2 * slot + 1] == (key | USED) ? firsts[slot] : null;
    }

    /** The tunnels with exactly these values, in the order in which they were added. */
    Tunnel[] get(int remote, int local, long key) {
        long addresses = addresses(remote, local);
        int slot = hash.slot(addresses, key);
        Tunnel[] found = all[slot];
        return found != null && words[2 * slot] == addresses && (words[2 * slot + 1] & ~CHOICE) == (key | USED)
                ? found
                : NONE;
    }

    /** Whether any tunnel has exactly these values. */
    boolean has(int remote, int local, long key) {
        return get(remote, local, key).length > 0;
    }

    private void add(Entry entry) {
        long addresses = addresses(entry.remote, entry.local);
        int slot = hash.slot(addresses, entry.key);
        words[2 * slot] = addresses;
        Tunnel[] present = all[slot];
        Tunnel[] grown = present == null ? new Tunnel[1] : Arrays.copyOf(present, present.length + 1);
        grown[grown.length - 1] = entry.tunnel;
        all[slot] = grown;
        firsts[slot] = grown[0];
        boolean isChoice = grown.length > 1 || entry.tunnel.boundIndex() != 0;
        words[2 * slot + 1] |= entry.key | USED | (isChoice ? CHOICE : 0);
        wildcards |= entry.remote == 0 || entry.local == 0;
    }

    private static long addresses(int remote, int local) {
        return (long) remote << 32 | (local & 0xffff_ffffL);
    }
}
