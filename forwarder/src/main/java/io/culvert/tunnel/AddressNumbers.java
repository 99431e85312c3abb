package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Collection;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Small numbers for the outer IPv6 addresses of all tunnels, so that a look-up treats them as it treats IPv4 addresses:
 * 0 is any, {@link #UNKNOWN} is no tunnel's. Open addressing at a load of at most one half. Immutable.
 */
final class AddressNumbers {

    static final int UNKNOWN = -1;

    private final int mask;
    private final long[] highs;
    private final long[] lows;
    private final int[] numbers;
    private int count;

    AddressNumbers(Collection<Inet6Address> addresses) {
        int capacity = BitUtil.findNextPositivePowerOfTwo(2 * addresses.size() + 2);
        mask = capacity - 1;
        highs = new long[capacity];
        lows = new long[capacity];
        numbers = new int[capacity];
        for (Inet6Address address : addresses) {
            UnsafeBuffer bytes = new UnsafeBuffer(address.getAddress());
            add(bytes.getLong(0, BIG_ENDIAN), bytes.getLong(Long.BYTES, BIG_ENDIAN));
        }
    }

    /** The number of an address, host order. */
    int of(long high, long low) {
        int number = numbers[slot(high, low)];
        return number == 0 ? UNKNOWN : number;
    }

    /** The number of an IPv6 address; 0 for null. */
    int of(@Nullable InetAddress address) {
        if (address == null) {
            return 0;
        }
        UnsafeBuffer bytes = new UnsafeBuffer(address.getAddress());
        return of(bytes.getLong(0, BIG_ENDIAN), bytes.getLong(Long.BYTES, BIG_ENDIAN));
    }

    private void add(long high, long low) {
        int slot = slot(high, low);
        if (numbers[slot] == 0) {
            highs[slot] = high;
            lows[slot] = low;
            numbers[slot] = ++count;
        }
    }

    /** The slot that holds the address, or the empty one where it belongs. */
    private int slot(long high, long low) {
        long mixed = (high * 0x9e37_79b9_7f4a_7c15L ^ low) * 0xbf58_476d_1ce4_e5b9L;
        int slot = (int) (mixed >>> 32) & mask;
        while (numbers[slot] != 0 && (highs[slot] != high || lows[slot] != low)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }
}
