package io.culvert.gateway;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Comparator;
import java.util.TreeMap;

/** The remotes of all tunnels, in order, so that a route's change costs no walk over them all. */
final class RemoteSet {

    private static final Comparator<byte[]> ORDER =
            Comparator.<byte[]>comparingInt(address -> address.length).thenComparing(Arrays::compareUnsigned);

    private final TreeMap<byte[], Integer> counts = new TreeMap<>(ORDER);

    void add(InetAddress remote) {
        counts.merge(remote.getAddress(), 1, Integer::sum);
    }

    /** Takes one of several equal remotes away. */
    void remove(InetAddress remote) {
        counts.computeIfPresent(remote.getAddress(), (_, count) -> count == 1 ? null : count - 1);
    }

    /**
     * Whether a remote lies in that prefix.
     *
     * @param length prefix length in bits
     */
    boolean anyIn(InetAddress network, int length) {
        byte[] first = network.getAddress();
        byte[] last = first.clone();
        for (int bit = length; bit < last.length * Byte.SIZE; bit++) {
            first[bit / Byte.SIZE] &= (byte) ~(0x80 >> bit % Byte.SIZE);
            last[bit / Byte.SIZE] |= (byte) (0x80 >> bit % Byte.SIZE);
        }
        byte[] found = counts.ceilingKey(first);
        return found != null && ORDER.compare(found, last) <= 0;
    }
}
