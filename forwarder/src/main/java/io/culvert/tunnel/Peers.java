package io.culvert.tunnel;

import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The outer destinations of a tunnel without a remote: found for each packet, in its inner destination or by the routes of
 * the device, and each with an outer header of its own once the conductor has looked up the route to it. Until then the
 * tunnel's own outer header is used, and the kernel routes what a raw socket sends.
 *
 * <p>Headers are kept in an open-addressing map that the conductor replaces as a whole, so that the packet path neither
 * locks nor allocates. What the path misses it notes in a small table, which loses notes rather than wait.
 */
public final class Peers {

    /** Most destinations with a header of their own. */
    static final int CAPACITY = 4096;

    private static final int NOTES = 64;

    private final Tunnel tunnel;
    private final @Nullable SixRd sixRd;
    private final boolean isatap;
    private final AtomicIntegerArray missed = new AtomicIntegerArray(NOTES);
    private final Set<Integer> known = new HashSet<>();
    private volatile NextHops nextHops = NextHops.NONE;
    private volatile Cache cache = new Cache(Map.of());

    /** Immutable but for {@code used}, which any thread may set and the conductor reads: a lost mark costs nothing. */
    private static final class Cache {
        private final int mask;
        private final int[] destinations;
        private final @Nullable OuterHeader[] headers;
        private final boolean[] used;

        Cache(Map<Integer, OuterHeader> byDestination) {
            int capacity = BitUtil.findNextPositivePowerOfTwo(2 * byDestination.size() + 2);
            mask = capacity - 1;
            destinations = new int[capacity];
            headers = new OuterHeader[capacity];
            used = new boolean[capacity];
            byDestination.forEach((destination, header) -> {
                int slot = slot(destination);
                destinations[slot] = destination;
                headers[slot] = header;
            });
        }

        /** Where that destination is, or the empty place where it would be. */
        int slot(int destination) {
            int slot = hash(destination) & mask;
            while (headers[slot] != null && destinations[slot] != destination) {
                slot = (slot + 1) & mask;
            }
            return slot;
        }
    }

    Peers(Tunnel tunnel) {
        this.tunnel = tunnel;
        isatap = tunnel.spec().mode() == Mode.ISATAP;
        sixRd = tunnel.sixRd();
    }

    /**
     * The outer header for an inner packet; the packet path.
     *
     * @param slot holds a valid inner packet
     * @return null if there is none: the slot is dropped then
     */
    public @Nullable OuterHeader outerHeader(Slot slot) {
        int destination = destination(slot);
        if (destination == 0) {
            slot.drop(DropReason.NO_NEXT_HOP);
            return null;
        }
        if (!isEndpoint(destination)) {
            slot.drop(DropReason.EMBEDDED_ADDRESS);
            return null;
        }
        slot.outerDestination = destination;
        Cache current = cache;
        int at = current.slot(destination);
        OuterHeader header = current.headers[at];
        if (header == null) {
            missed.setOpaque(hash(destination) & (NOTES - 1), destination);
            header = tunnel.outerHeader();
        } else if (!current.used[at]) {
            current.used[at] = true;
        }
        DropReason unusable = header.unusable();
        if (unusable != null) {
            slot.drop(unusable);
            return null;
        }
        return header;
    }

    /** The outer header to a destination that has one of its own; null for any other. */
    @Nullable
    OuterHeader headerTo(int destination) {
        Cache current = cache;
        return current.headers[current.slot(destination)];
    }

    /** Whether packets may be sent to that outer address: RFC 3964 section 5 and RFC 6324 section 3. */
    private boolean isEndpoint(int address) {
        return address != tunnel.local()
                && !Martians.isIpv4Source(address)
                && (sixRd == null || !sixRd.isSixToFour() || !Martians.isPrivate(address));
    }

    private int destination(Slot slot) {
        UnsafeBuffer buffer = slot.buffer;
        if ((buffer.getByte(slot.offset) & 0xf0) == 0x40) {
            Ipv4Flyweight inner = slot.innerIpv4.wrap(buffer, slot.offset);
            int hop = nextHops.find(inner.destination());
            return hop != 0 ? hop : inner.destination();
        }
        Ipv6Flyweight inner = slot.ipv6.wrap(buffer, slot.offset);
        long high = inner.destinationHigh();
        long low = inner.destinationLow();
        if (sixRd != null && sixRd.contains(high)) {
            return sixRd.ipv4(high);
        }
        int hop = nextHops.find(high, low);
        if (hop != 0) {
            return hop;
        }
        boolean holdsIpv4 = isatap ? Isatap.isIdentifier(low) : high == 0 && low >>> Integer.SIZE == 0;
        return holdsIpv4 ? (int) low : 0;
    }

    /** Uses those routes of the device from now on; the conductor. */
    public void nextHops(NextHops routes) {
        nextHops = routes;
    }

    /** Takes up the destinations that packets had and that had no header; returns whether there are any; the conductor. */
    public boolean takeMissed() {
        boolean any = false;
        for (int i = 0; i < NOTES; i++) {
            int destination = missed.getAndSet(i, 0);
            if (destination != 0 && known.size() < CAPACITY) {
                any |= known.add(destination);
            }
        }
        return any;
    }

    /** Forgets the destinations that no packet had since the last call; the conductor. */
    public void expire() {
        Cache current = cache;
        known.removeIf(destination -> {
            int at = current.slot(destination);
            boolean unused = current.headers[at] != null && !current.used[at];
            current.used[at] = false;
            return unused;
        });
    }

    /** The destinations that want a route, host order; the conductor. */
    public List<Integer> known() {
        return new ArrayList<>(known);
    }

    /** Takes over what another specification of the tunnel knew; the conductor. */
    void takeOver(Peers other) {
        known.addAll(other.known);
        nextHops = other.nextHops;
    }

    /** The routes to the destinations that have one; the conductor. */
    public Map<Integer, OuterRoute> routes() {
        Cache current = cache;
        Map<Integer, OuterRoute> routes = new HashMap<>();
        for (int i = 0; i < current.headers.length; i++) {
            OuterHeader header = current.headers[i];
            if (header != null) {
                routes.put(current.destinations[i], header.route());
            }
        }
        return routes;
    }

    /** Sends by those routes from now on; the conductor. */
    public void routes(Map<Integer, OuterRoute> byDestination) {
        Cache current = cache;
        Map<Integer, OuterHeader> headers = new HashMap<>();
        byDestination.forEach((destination, route) -> {
            OuterHeader present = current.headers[current.slot(destination)];
            headers.put(
                    destination,
                    present != null && present.route().equals(route)
                            ? present
                            : new Ipv4OuterHeader(tunnel, route, destination));
        });
        Cache next = new Cache(headers);
        for (int destination : headers.keySet()) {
            int before = current.slot(destination);
            next.used[next.slot(destination)] = current.headers[before] == null || current.used[before];
        }
        cache = next;
    }

    private static int hash(int destination) {
        int hash = destination * 0x9e37_79b9;
        return hash ^ hash >>> 15;
    }
}
