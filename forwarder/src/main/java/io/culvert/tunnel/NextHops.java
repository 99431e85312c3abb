package io.culvert.tunnel;

import io.culvert.wire.Addresses;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The outer addresses that the routes of a tunnel's device lead to: a TUN device hands over packets
 * without the next hop that the kernel chose. Longest prefix match by binary search over disjoint ranges. Immutable.
 */
public final class NextHops {

    /** No route has a gateway. */
    public static final NextHops NONE = new NextHops(List.of());

    private static final int HALF = 64;

    private final int[] ipv4Starts;
    private final int[] ipv4Hops;
    private final long[] ipv6Highs;
    private final long[] ipv6Lows;
    private final int[] ipv6Hops;

    /**
     * A route into the device.
     *
     * @param destination inner destinations
     * @param outer outer address that they are sent to, host order; 0 for the destination's own
     */
    public record Hop(Prefix destination, int outer) {}

    public NextHops(List<Hop> hops) {
        NavigableMap<BigInteger, Integer> ipv4 = ranges(hops, true);
        NavigableMap<BigInteger, Integer> ipv6 = ranges(hops, false);
        ipv4Starts = ipv4.keySet().stream().mapToInt(BigInteger::intValue).toArray();
        ipv4Hops = ipv4.values().stream().mapToInt(Integer::intValue).toArray();
        ipv6Highs = ipv6.keySet().stream()
                .mapToLong(start -> start.shiftRight(HALF).longValue())
                .toArray();
        ipv6Lows = ipv6.keySet().stream().mapToLong(BigInteger::longValue).toArray();
        ipv6Hops = ipv6.values().stream().mapToInt(Integer::intValue).toArray();
    }

    /** The hop of every range by the range's start: written from the shortest prefix to the longest. */
    private static NavigableMap<BigInteger, Integer> ranges(List<Hop> hops, boolean ipv4) {
        NavigableMap<BigInteger, Integer> ranges = new TreeMap<>();
        ranges.put(BigInteger.ZERO, 0);
        hops.stream()
                .filter(hop -> hop.destination.isIpv4() == ipv4)
                .sorted(Comparator.comparingInt(hop -> hop.destination.length()))
                .forEach(hop -> put(ranges, hop));
        return ranges;
    }

    private static void put(NavigableMap<BigInteger, Integer> ranges, Hop hop) {
        byte[] address = hop.destination.address().getAddress();
        int open = address.length * Byte.SIZE - hop.destination.length();
        BigInteger start = new BigInteger(1, address).shiftRight(open).shiftLeft(open);
        BigInteger end = start.add(BigInteger.ONE.shiftLeft(open));
        if (end.bitLength() <= address.length * Byte.SIZE) {
            ranges.putIfAbsent(end, ranges.floorEntry(end).getValue());
        }
        ranges.subMap(start, true, end, false).clear();
        ranges.put(start, hop.outer);
    }

    /** The outer address for an inner destination in host order; 0 if no gateway is on the way. */
    int find(int destination) {
        int low = 0;
        int high = ipv4Starts.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (Integer.compareUnsigned(ipv4Starts[middle], destination) <= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return ipv4Hops[low];
    }

    /** The outer address for an inner destination in host order; 0 if no gateway is on the way. */
    int find(long destinationHigh, long destinationLow) {
        int low = 0;
        int high = ipv6Highs.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            int order = Long.compareUnsigned(ipv6Highs[middle], destinationHigh);
            if (order < 0 || (order == 0 && Long.compareUnsigned(ipv6Lows[middle], destinationLow) <= 0)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return ipv6Hops[low];
    }

    /** The outer IPv4 address that a gateway's or neighbour's IPv6 address holds; 0 if none. */
    public static int embedded(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == Integer.BYTES) {
            return Addresses.toInt(address);
        }
        BigInteger number = new BigInteger(bytes);
        long low = number.longValue();
        boolean compatible = number.shiftRight(Integer.SIZE).signum() == 0;
        return compatible || Isatap.isIdentifier(low) ? (int) low : 0;
    }
}
