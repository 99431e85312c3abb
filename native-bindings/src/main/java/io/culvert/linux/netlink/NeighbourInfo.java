package io.culvert.linux.netlink;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A neighbour on a link: an ARP or neighbour discovery entry.
 *
 * @param index the device
 * @param linkAddress the hardware address, empty while it is not known
 * @param state {@code NUD_*}
 * @param flags {@code NTF_*}
 */
// The array counts by its content in equals; nobody writes to it.
@SuppressWarnings("ArrayRecordComponent")
public record NeighbourInfo(int index, InetAddress address, byte[] linkAddress, int state, int flags) {

    public static final int NUD_INCOMPLETE = 0x01;
    public static final int NUD_REACHABLE = 0x02;
    public static final int NUD_STALE = 0x04;
    public static final int NUD_DELAY = 0x08;
    public static final int NUD_PROBE = 0x10;
    public static final int NUD_FAILED = 0x20;
    public static final int NUD_NOARP = 0x40;
    public static final int NUD_PERMANENT = 0x80;

    public static final int NTF_USE = 1;

    /** What the kernel calls NUD_VALID: it sends to the address that it has, even while it checks it. */
    private static final int USABLE = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY;

    /** Whether frames can be sent to {@link #linkAddress}, as the kernel itself would. */
    public boolean isUsable() {
        return (state & USABLE) != 0 && linkAddress.length > 0;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NeighbourInfo that
                && index == that.index
                && address.equals(that.address)
                && Arrays.equals(linkAddress, that.linkAddress)
                && state == that.state
                && flags == that.flags;
    }

    @Override
    public int hashCode() {
        return 31 * index + address.hashCode();
    }

    @Override
    public String toString() {
        return address.getHostAddress() + " dev " + index + " lladdr "
                + HexFormat.ofDelimiter(":").formatHex(linkAddress) + " state 0x" + Integer.toHexString(state);
    }
}
