package io.culvert.linux.netlink;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A network device.
 *
 * @param index its number in the namespace, from 1
 * @param type its hardware type, {@code ARPHRD_*}: 1 Ethernet, 772 loopback, 65534 none (TUN)
 * @param flags {@code IFF_*}
 * @param mtu in bytes, without link-layer header
 * @param address its hardware address, empty if it has none
 * @param kind what {@code ip -d link} shows, such as {@code tun} or {@code veth}; null for hardware
 */
// The array counts by its content in equals; nobody writes to it.
@SuppressWarnings("ArrayRecordComponent")
public record Link(
        int index,
        String name,
        int type,
        int flags,
        int mtu,
        byte[] address,
        @Nullable String kind,
        LinkStatistics statistics) {

    public static final int ARPHRD_ETHER = 1;
    public static final int ARPHRD_LOOPBACK = 772;
    public static final int ARPHRD_NONE = 65534;

    public static final int IFF_UP = 1;
    public static final int IFF_BROADCAST = 1 << 1;
    public static final int IFF_LOOPBACK = 1 << 3;
    public static final int IFF_POINTOPOINT = 1 << 4;
    public static final int IFF_NOARP = 1 << 7;
    public static final int IFF_MULTICAST = 1 << 12;
    public static final int IFF_LOWER_UP = 1 << 16;

    /** Set up by the administrator; says nothing of the cable. */
    public boolean isUp() {
        return (flags & IFF_UP) != 0;
    }

    /** Up, and the layer below it works. */
    public boolean hasCarrier() {
        return (flags & IFF_LOWER_UP) != 0;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Link that
                && index == that.index
                && name.equals(that.name)
                && type == that.type
                && flags == that.flags
                && mtu == that.mtu
                && Arrays.equals(address, that.address)
                && Objects.equals(kind, that.kind)
                && statistics.equals(that.statistics);
    }

    @Override
    public int hashCode() {
        return 31 * index + name.hashCode();
    }

    @Override
    public String toString() {
        return index + ": " + name + " flags 0x" + Integer.toHexString(flags) + " mtu " + mtu + " type " + type
                + (address.length == 0
                        ? ""
                        : " address " + HexFormat.ofDelimiter(":").formatHex(address))
                + (kind == null ? "" : " kind " + kind);
    }
}
