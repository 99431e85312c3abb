package io.culvert.linux.netlink;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads and changes links, addresses, routes and neighbours of one network namespace: that in which the opening thread is.
 * Changes need CAP_NET_ADMIN there. One thread uses an object at a time.
 *
 * <p>Every method throws {@link ErrnoException} if the kernel refuses, with the kernel's own reason where it gives one.
 */
public final class RouteNetlink implements AutoCloseable {

    private static final int ESRCH = 3;
    private static final int LONGEST_NAME = 15;

    /** Beyond what people number their groups with. */
    private static final int FIRST_GROUP = 1 << 24;

    private final NetlinkExchange exchange;

    private RouteNetlink(NetlinkExchange exchange) {
        this.exchange = exchange;
    }

    /** Opens a netlink socket in the calling thread's network namespace. */
    public static RouteNetlink open() {
        return new RouteNetlink(new NetlinkExchange());
    }

    public List<Link> links() {
        LinkMessage.list(exchange.request());
        return exchange.list("list links", LinkMessage::parse);
    }

    /** The device of that name, null if there is none. */
    public @Nullable Link link(String name) {
        if (!isPossibleName(name)) {
            return null;
        }
        LinkMessage.get(exchange.request(), name);
        return exchange.get("get link " + name, LinkMessage::parse, Errno.ENODEV);
    }

    /** The device with that number, null if there is none. */
    public @Nullable Link link(int index) {
        if (index <= 0) {
            return null;
        }
        LinkMessage.get(exchange.request(), index);
        return exchange.get("get link " + index, LinkMessage::parse, Errno.ENODEV);
    }

    /** Sets a device's MTU in bytes. */
    public void setMtu(int index, int mtu) {
        LinkMessage.setMtu(exchange.request(), index, mtu);
        exchange.change("set link " + index + " mtu " + mtu);
    }

    /** Sets a device up or down. Down removes its IPv6 addresses and all its routes. */
    public void setUp(int index, boolean up) {
        LinkMessage.setUp(exchange.request(), index, up);
        exchange.change("set link " + index + (up ? " up" : " down"));
    }

    /**
     * Sets what a device takes, all in one request. On a device that is up this waits for the packets in flight.
     *
     * @param mtu in bytes
     * @param queueLength how many packets wait in its queue; of a TUN device, how many wait for the reader
     * @param gsoMaxSize the largest IPv4 and IPv6 super-packets that the kernel gives to it, in bytes
     */
    public void setLimits(int index, int mtu, int queueLength, int gsoMaxSize) {
        LinkMessage.setLimits(exchange.request(), index, mtu, queueLength, gsoMaxSize);
        exchange.change(
                "set link " + index + " mtu " + mtu + " txqueuelen " + queueLength + " gso_max_size " + gsoMaxSize);
    }

    /**
     * Has the kernel make no IPv6 link-local address for a device when it comes up. Addresses by router advertisements then
     * end as the link-local one that it is given.
     *
     * @throws ErrnoException EAFNOSUPPORT on a host without IPv6
     */
    public void generateNoIpv6LinkLocal(int index) {
        LinkMessage.generateNoIpv6LinkLocal(exchange.request(), index);
        exchange.change("set link " + index + " addrgenmode none");
    }

    /**
     * Names a device anew. Kernels before 6.2 want it down.
     *
     * @param name 1 to 15 bytes
     */
    public void rename(int index, String name) {
        if (!isPossibleName(name)) {
            throw new IllegalArgumentException("a device's name has 1 to 15 bytes, '" + name + "' has not");
        }
        LinkMessage.rename(exchange.request(), index, name);
        exchange.change("set link " + index + " name " + name);
    }

    public void deleteLink(int index) {
        LinkMessage.delete(exchange.request(), index);
        exchange.change("delete link " + index);
    }

    /**
     * Deletes devices together: the kernel waits once until nobody uses them, where it would wait for each. They go by way
     * of a group with a number at random, which no other device has. Those that are gone already are no error.
     */
    public void deleteLinks(Collection<Integer> indices) {
        int group = ThreadLocalRandom.current().nextInt(FIRST_GROUP, Integer.MAX_VALUE);
        boolean any = false;
        for (int index : indices) {
            LinkMessage.setGroup(exchange.request(), index, group);
            any |= exchange.changeUnless("set link " + index + " group " + group, Errno.ENODEV);
        }
        if (any) {
            LinkMessage.deleteGroup(exchange.request(), group);
            exchange.changeUnless("delete links of group " + group, Errno.ENODEV);
        }
    }

    /** The IPv4 and IPv6 addresses of all devices. */
    public List<AddressInfo> addresses() {
        // While addresses change, the kernel may list one twice without saying that the list is inconsistent.
        return both("list addresses", AddressMessage::list, AddressMessage::parse).stream()
                .distinct()
                .toList();
    }

    /**
     * Gives a device an address.
     *
     * @param prefixLength in bits; the kernel adds a route to the prefix
     */
    public void addAddress(int index, InetAddress address, int prefixLength) {
        String what = "add address " + prefix(address, prefixLength) + " to link " + index;
        AddressMessage.add(exchange.request(), index, address, prefixLength);
        exchange.change(what);
    }

    public void removeAddress(int index, InetAddress address, int prefixLength) {
        String what = "remove address " + prefix(address, prefixLength) + " from link " + index;
        AddressMessage.remove(exchange.request(), index, address, prefixLength);
        exchange.change(what);
    }

    /** The IPv4 and IPv6 routes of all tables. */
    public List<RouteInfo> routes() {
        return both("list routes", RouteMessage::list, RouteMessage::parse);
    }

    /**
     * Adds a route to the main table.
     *
     * @param prefixLength in bits
     * @param index the device, 0 if the gateway decides it
     * @param gateway null if the destination is on the link; may be IPv6 where the destination is IPv4
     */
    public void addRoute(InetAddress destination, int prefixLength, int index, @Nullable InetAddress gateway) {
        String what = "add route " + route(destination, prefixLength, index, gateway);
        RouteMessage.add(exchange.request(), destination, prefixLength, index, gateway);
        exchange.change(what);
    }

    /** Removes a route from the main table; 0 and null match any device and any gateway. */
    public void removeRoute(InetAddress destination, int prefixLength, int index, @Nullable InetAddress gateway) {
        String what = "remove route " + route(destination, prefixLength, index, gateway);
        RouteMessage.remove(exchange.request(), destination, prefixLength, index, gateway);
        exchange.change(what);
    }

    /**
     * The way that the kernel would send a packet.
     *
     * @param source null if the kernel may choose one
     * @param outputIndex the device that it must leave by, 0 for any
     * @throws ErrnoException with ENETUNREACH, EHOSTUNREACH, EACCES or EINVAL if it would send none
     */
    public RouteInfo routeTo(InetAddress destination, @Nullable InetAddress source, int outputIndex) {
        if (source != null && Family.of(source) != Family.of(destination)) {
            throw new IllegalArgumentException("source " + source.getHostAddress() + " and destination "
                    + destination.getHostAddress() + " are of different families");
        }
        String what = "look up the route to " + destination.getHostAddress();
        RouteMessage.lookup(exchange.request(), destination, source, outputIndex);
        RouteInfo route = exchange.get(what, RouteMessage::parseAnswer);
        if (route == null) {
            throw new ErrnoException(what, ESRCH, "the kernel answered without a route");
        }
        return route;
    }

    /** The IPv4 and IPv6 neighbours of all devices. */
    public List<NeighbourInfo> neighbours() {
        return both("list neighbours", NeighbourMessage::list, NeighbourMessage::parse);
    }

    /** What the kernel knows of a neighbour, null if nothing. */
    public @Nullable NeighbourInfo neighbour(int index, InetAddress address) {
        NeighbourMessage.get(exchange.request(), index, address);
        return exchange.get("get neighbour " + neighbourName(index, address), NeighbourMessage::parse, Errno.ENOENT);
    }

    /**
     * Makes the kernel find out a neighbour's hardware address, or check the one it has; returns at once. For an IPv6
     * neighbour the device needs a link-local address that has passed duplicate address detection.
     */
    public void probeNeighbour(int index, InetAddress address) {
        NeighbourMessage.probe(exchange.request(), index, address);
        exchange.change("probe neighbour " + neighbourName(index, address));
    }

    /** Sets a neighbour's hardware address for good. */
    public void setNeighbour(int index, InetAddress address, byte[] linkAddress) {
        NeighbourMessage.set(exchange.request(), index, address, linkAddress);
        exchange.change("set neighbour " + neighbourName(index, address) + " lladdr "
                + HexFormat.ofDelimiter(":").formatHex(linkAddress));
    }

    public void removeNeighbour(int index, InetAddress address) {
        NeighbourMessage.remove(exchange.request(), index, address);
        exchange.change("remove neighbour " + neighbourName(index, address));
    }

    @Override
    public void close() {
        exchange.close();
    }

    private <T> List<T> both(String what, ListRequest request, Function<MemorySegment, @Nullable T> parse) {
        List<T> entries = new ArrayList<>();
        for (Family family : Family.values()) {
            request.write(exchange.request(), family);
            entries.addAll(exchange.list(what, parse));
        }
        return entries;
    }

    private static boolean isPossibleName(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        return length > 0 && length <= LONGEST_NAME;
    }

    /** The prefix as text; refuses a length that the address does not have. */
    private static String prefix(InetAddress address, int prefixLength) {
        String prefix = address.getHostAddress() + "/" + prefixLength;
        if (prefixLength < 0 || prefixLength > Family.of(address).bits()) {
            throw new IllegalArgumentException(prefix + ": the prefix length is out of range");
        }
        return prefix;
    }

    private static String route(InetAddress destination, int prefixLength, int index, @Nullable InetAddress gateway) {
        String route = prefix(destination, prefixLength) + (index == 0 ? "" : " dev " + index);
        return gateway == null ? route : route + " via " + gateway.getHostAddress();
    }

    private static String neighbourName(int index, InetAddress address) {
        return address.getHostAddress() + " dev " + index;
    }

    private interface ListRequest {
        void write(NetlinkBuffer request, Family family);
    }
}
