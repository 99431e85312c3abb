package io.culvert.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Test hosts on this machine, on addresses that RFC 5737 sets aside for documentation. Two of them:
 *
 * <pre>
 *  left                        right
 *  eth0 203.0.113.1/30 ─────── eth0 203.0.113.2/30
 * </pre>
 *
 * or with a router between them, which forwards packets up to an MTU of its own and answers larger ones:
 *
 * <pre>
 *  left                        router                                        right
 *  eth0 203.0.113.1/30 ─────── eth0 203.0.113.2/30   eth1 203.0.113.6/30 ─── eth0 203.0.113.5/30
 * </pre>
 *
 * <p>Closing it ends every program in the hosts and removes them; so does the end of this JVM by SIGINT or SIGTERM. What
 * a killed run has left behind, the next run removes. Any thread may call.
 */
public final class Lab implements AutoCloseable {

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Set<Lab> OPEN = ConcurrentHashMap.newKeySet();
    private static final String ROUTER_DEVICE = "eth1";

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            ending = true;
                            OPEN.forEach(Lab::close);
                        },
                        "lab-cleanup"));
    }

    /** Set as this JVM ends: a host that was made from now on would be left behind. */
    private static volatile boolean ending;

    private final List<Host> hosts = new CopyOnWriteArrayList<>();
    private final Path directory;
    private volatile boolean isIpv6Routed;
    private final int number = NUMBER.incrementAndGet();

    /** Set as soon as it is being closed. */
    private volatile boolean closed;

    private Lab(Builder builder) {
        directory = makeDirectory();
        OPEN.add(this);
        try {
            build(builder);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Two hosts with an MTU of 1500 bytes between them, offloads on. */
    public static Lab twoHosts() {
        return new Builder().build();
    }

    /** A lab to be described. */
    public static Builder builder() {
        return new Builder();
    }

    public Host left() {
        return hosts.getFirst();
    }

    public Host right() {
        return hosts.get(1);
    }

    /** The host between left and right. */
    public Host router() {
        return hosts.get(2);
    }

    /** Makes the router forward packets up to that many bytes, both ways. */
    public void setRouterMtu(int bytes) {
        String mtu = Integer.toString(bytes);
        ip(router(), "route", "replace", "203.0.113.0/30", "dev", Host.UNDERLAY, "mtu", mtu);
        ip(router(), "route", "replace", "203.0.113.4/30", "dev", ROUTER_DEVICE, "mtu", mtu);
        if (isIpv6Routed) {
            setIpv6RouterMtu("2001:db8:ffff::/64", Host.UNDERLAY, mtu);
            setIpv6RouterMtu("2001:db8:fffe::/64", ROUTER_DEVICE, mtu);
        }
    }

    /** Of IPv6 routes the kernel forwards by the MTU only if it is locked, and prefers its own by their metric. */
    private void setIpv6RouterMtu(String prefix, String device, String mtu) {
        ip(router(), "-6", "route", "replace", prefix, "dev", device, "metric", "256", "mtu", "lock", mtu);
    }

    /** Whether this JVM is ending, so that what fails now fails for that reason. */
    public static boolean isEnding() {
        return ending;
    }

    /** Whether {@link #close} was called, or this JVM is ending. */
    boolean isClosed() {
        return closed;
    }

    /**
     * Ends every program in the hosts and removes them. Who comes second waits for who came first: as this JVM ends, nobody
     * else does.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        RuntimeException first = null;
        List<Host> all = finalHosts();
        // Programs take some tenths of a second to end: side by side.
        all.forEach(Host::end);
        for (Host host : all) {
            try {
                host.remove();
            } catch (RuntimeException e) {
                first = first == null ? e : first;
            }
        }
        deleteTree(directory);
        OPEN.remove(this);
        if (first != null) {
            throw first;
        }
    }

    /** The hosts once none is being made any more. */
    private List<Host> finalHosts() {
        synchronized (hosts) {
            return List.copyOf(hosts);
        }
    }

    private void build(Builder builder) {
        Host left = add("left", "203.0.113.1");
        if (builder.routerMtu == null) {
            Host right = add("right", "203.0.113.2");
            join(left, Host.UNDERLAY, right, Host.UNDERLAY, builder.mtu, builder.wireMode);
            addAddress(left, Host.UNDERLAY, "203.0.113.1/30");
            addAddress(right, Host.UNDERLAY, "203.0.113.2/30");
            if (builder.ipv6) {
                left.enableIpv6(InetAddress.ofLiteral("2001:db8:ffff::1"));
                right.enableIpv6(InetAddress.ofLiteral("2001:db8:ffff::2"));
            }
        } else {
            buildRouted(builder, left, builder.routerMtu);
        }
    }

    private void buildRouted(Builder builder, Host left, int routerMtu) {
        Host right = add("right", "203.0.113.5");
        Host router = add("router", "203.0.113.2");
        join(left, Host.UNDERLAY, router, Host.UNDERLAY, builder.mtu, builder.wireMode);
        join(right, Host.UNDERLAY, router, ROUTER_DEVICE, builder.mtu, builder.wireMode);
        addAddress(left, Host.UNDERLAY, "203.0.113.1/30");
        addAddress(router, Host.UNDERLAY, "203.0.113.2/30");
        addAddress(router, ROUTER_DEVICE, "203.0.113.6/30");
        addAddress(right, Host.UNDERLAY, "203.0.113.5/30");
        ip(left, "route", "add", "default", "via", "203.0.113.2");
        ip(right, "route", "add", "default", "via", "203.0.113.6");
        router.sysctl("net.ipv4.ip_forward", "1");
        if (builder.ipv6) {
            enableRoutedIpv6();
        }
        setRouterMtu(routerMtu);
    }

    private void enableRoutedIpv6() {
        left().enableIpv6(InetAddress.ofLiteral("2001:db8:ffff::1"));
        router().enableIpv6(InetAddress.ofLiteral("2001:db8:ffff::2"));
        router().enableIpv6(ROUTER_DEVICE, InetAddress.ofLiteral("2001:db8:fffe::2"));
        right().enableIpv6(InetAddress.ofLiteral("2001:db8:fffe::1"));
        ip(left(), "route", "add", "default", "via", "2001:db8:ffff::2");
        ip(right(), "route", "add", "default", "via", "2001:db8:fffe::2");
        router().sysctl("net.ipv6.conf.all.forwarding", "1");
        isIpv6Routed = true;
    }

    private Host add(String name, String address) {
        String namespace = Leftovers.name(number, name);
        Host host;
        synchronized (hosts) {
            if (ending || closed) {
                throw new LabException("the lab is being removed");
            }
            host = new Host(name, namespace, InetAddress.ofLiteral(address), makeDirectory(directory, name));
            Programs.run("ip", "netns", "add", namespace);
            hosts.add(host);
        }
        // Router solicitations and multicast reports of new devices would be traffic that no test has sent.
        host.sysctl("net.ipv6.conf.all.disable_ipv6", "1");
        host.sysctl("net.ipv6.conf.default.disable_ipv6", "1");
        host.sysctl("net.ipv4.conf.all.rp_filter", "0");
        host.sysctl("net.ipv4.conf.default.rp_filter", "0");
        ip(host, "link", "set", "dev", "lo", "up");
        return host;
    }

    private static void join(Host one, String device, Host other, String otherDevice, int mtu, WireMode wireMode) {
        String bytes = Integer.toString(mtu);
        Programs.run(
                "ip",
                "link",
                "add",
                "name",
                device,
                "mtu",
                bytes,
                "netns",
                one.namespace(),
                "type",
                "veth",
                "peer",
                "name",
                otherDevice,
                "mtu",
                bytes,
                "netns",
                other.namespace());
        setOffloads(one, device, wireMode);
        setOffloads(other, otherDevice, wireMode);
        ip(one, "link", "set", "dev", device, "up");
        ip(other, "link", "set", "dev", otherDevice, "up");
    }

    private static void setOffloads(Host host, String device, WireMode wireMode) {
        if (wireMode == WireMode.WIRE) {
            host.exec("ethtool", "-K", device, "tso", "off", "gso", "off", "tx", "off", "gro", "on")
                    .orThrow();
        }
    }

    private static void addAddress(Host host, String device, String address) {
        ip(host, "address", "add", address, "dev", device);
    }

    private static void ip(Host host, String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip", "-netns", host.namespace()));
        command.addAll(List.of(arguments));
        Programs.run(command.toArray(String[]::new));
    }

    private static Path makeDirectory() {
        try {
            return Files.createTempDirectory("culvert-lab-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path makeDirectory(Path parent, String name) {
        try {
            return Files.createDirectory(parent.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteTree(Path root) {
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Describes a lab; one thread. */
    public static final class Builder {
        private WireMode wireMode = WireMode.OFFLOADED;
        private int mtu = 1500;
        private @Nullable Integer routerMtu;
        private boolean ipv6;

        private Builder() {}

        /** What the links carry. */
        public Builder wireMode(WireMode mode) {
            wireMode = mode;
            return this;
        }

        /** Gives the hosts IPv6 addresses too, of RFC 3849's prefix for documentation. */
        public Builder ipv6() {
            ipv6 = true;
            return this;
        }

        /** MTU of every link, in bytes. */
        public Builder mtu(int bytes) {
            mtu = bytes;
            return this;
        }

        /** Puts a router between the hosts that forwards packets up to that many bytes. */
        public Builder router(int bytes) {
            routerMtu = bytes;
            return this;
        }

        /**
         * Builds it.
         *
         * @throws MissingRequirementException if this host lacks a privilege, device or program
         * @throws LabException if a command fails
         */
        public Lab build() {
            Requirements.check(wireMode);
            Leftovers.removeAll();
            return new Lab(this);
        }
    }
}
