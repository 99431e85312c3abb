package io.culvert.tunnel;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a tunnel's outer packets go now. Immutable; the conductor makes a new one when routes, neighbours or links
 * change.
 *
 * @param deviceIndex underlay device; 0 if unknown
 * @param mtu largest outer packet the path takes, in bytes
 * @param mtuSource where that is known from
 * @param source outer source address where the tunnel names none; null if unknown
 * @param superLane whether the device takes labelled super-packets
 * @param link destination and source MAC address and EtherType, 14 bytes; null if the kernel must find the next hop
 * @param unusable why nothing can be sent; null if something can
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content below, never changed
public record OuterRoute(
        int deviceIndex,
        int mtu,
        MtuSource mtuSource,
        @Nullable InetAddress source,
        boolean superLane,
        byte @Nullable [] link,
        @Nullable DropReason unusable) {

    /** Length of an Ethernet header in bytes. */
    public static final int LINK_LENGTH = 14;

    /** A route whose next hop is resolved: a packet socket can send. */
    public static OuterRoute resolved(int deviceIndex, int mtu, @Nullable InetAddress source, byte[] link) {
        return new OuterRoute(deviceIndex, mtu, MtuSource.LINK, source, false, link, null);
    }

    /** A route that the kernel must resolve: only a raw socket can send. */
    public static OuterRoute unresolved(int deviceIndex, int mtu, @Nullable InetAddress source) {
        return new OuterRoute(deviceIndex, mtu, MtuSource.LINK, source, false, null, null);
    }

    /** No route; outer packets are dropped for that reason. */
    public static OuterRoute unusable(DropReason reason) {
        return new OuterRoute(0, Slot.MAX_PACKET, MtuSource.LINK, null, false, null, reason);
    }

    /** The same route with a path MTU that is known from there. */
    public OuterRoute withMtu(int bytes, MtuSource from) {
        return new OuterRoute(deviceIndex, bytes, from, source, superLane, link, unusable);
    }

    /** The same route by a device that takes labelled super-packets, or does not. */
    public OuterRoute withSuperLane(boolean taken) {
        return new OuterRoute(deviceIndex, mtu, mtuSource, source, taken, link, unusable);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof OuterRoute route
                && deviceIndex == route.deviceIndex
                && mtu == route.mtu
                && mtuSource == route.mtuSource
                && Objects.equals(source, route.source)
                && superLane == route.superLane
                && unusable == route.unusable
                && Arrays.equals(link, route.link);
    }

    @Override
    public int hashCode() {
        return Objects.hash(deviceIndex, mtu, mtuSource, source, superLane, unusable, Arrays.hashCode(link));
    }

    @Override
    public String toString() {
        return "device " + deviceIndex + (unusable != null ? " unusable: " + unusable.word() : "");
    }
}
