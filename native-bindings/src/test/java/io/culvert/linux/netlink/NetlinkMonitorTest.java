package io.culvert.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.Epoll;
import io.culvert.linux.Poll;
import io.culvert.linux.RequiresRoot;
import io.culvert.linux.TestNamespace;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes are made by {@code ip}. Most events are queued before it ends, those of carriers and IPv6 a little later. */
@RequiresRoot
class NetlinkMonitorTest {

    private static final int SMALLEST_BUFFER = 1;

    private final Events events = new Events();
    private TestNamespace namespace;
    private NetlinkMonitor monitor;

    @BeforeEach
    void open() {
        namespace = TestNamespace.create();
        namespace.addVethPair("left", "right");
        // A device that comes up late would send its events into the test.
        for (String device : List.of("left", "right")) {
            namespace.exec("sh", "-c", "until grep -q up /sys/class/net/" + device + "/operstate; do sleep 0.01; done");
        }
        monitor = namespace.call(NetlinkMonitor::open);
    }

    @AfterEach
    void close() {
        monitor.close();
        namespace.close();
    }

    @Test
    void saysNothingWhileNothingChanges() {
        assertThat(poll(monitor)).isEmpty();
    }

    @Test
    void seesDevicesComeChangeAndGo() {
        namespace.ip("link", "add", "br0", "type", "bridge");
        assertThat(until("link br0 down 1500 bridge")).doesNotContain("overrun");

        namespace.ip("link", "set", "br0", "mtu", "1400", "up");
        assertThat(until("link br0 up 1400 bridge")).doesNotContain("link removed br0");

        namespace.ip("link", "set", "br0", "name", "br1");
        assertThat(until("link br1 up 1400 bridge")).doesNotContain("link removed br0");

        namespace.ip("link", "del", "br1");
        assertThat(until("link removed br1")).doesNotContain("link removed br0");
    }

    @Test
    void seesTheCarrierGoWithThePeer() {
        namespace.ip("link", "set", "right", "down");

        assertThat(until("no carrier left")).contains("link right down 1500 veth", "link left up 1500 veth");
    }

    @Test
    void doesNotTakeLeavingABridgeForADeletion() {
        namespace.ip("link", "add", "br0", "type", "bridge");
        namespace.ip("link", "set", "left", "master", "br0");
        namespace.ip("link", "set", "left", "nomaster");
        namespace.ip("link", "set", "left", "mtu", "1400");

        assertThat(until("link left up 1400 veth")).doesNotContain("link removed left");
    }

    @Test
    void seesAddresses() {
        int index = namespace.interfaceIndex("left");
        namespace.addAddress("left", "192.0.2.1/24");
        until("address 192.0.2.1/24 dev " + index);
        namespace.addAddress("left", "2001:db8::1/64");
        until("address 2001:db8:0:0:0:0:0:1/64 dev " + index);

        namespace.ip("addr", "del", "192.0.2.1/24", "dev", "left");
        until("address removed 192.0.2.1/24 dev " + index);
        namespace.ip("addr", "del", "2001:db8::1/64", "dev", "left");
        until("address removed 2001:db8:0:0:0:0:0:1/64 dev " + index);
    }

    @Test
    void seesRoutes() {
        int index = namespace.interfaceIndex("left");
        String route = "198.51.100.0/24 via 192.0.2.2 dev " + index;
        namespace.ip("addr", "add", "192.0.2.1/24", "dev", "left");
        namespace.ip("route", "add", "198.51.100.0/24", "via", "192.0.2.2");
        assertThat(until("route " + route)).doesNotContain("route removed " + route);

        namespace.ip("route", "del", "198.51.100.0/24");
        assertThat(until("route removed " + route)).doesNotContain("route " + route);
    }

    @Test
    void isNotToldOfIpv4RoutesThatGoWithTheirDevice() {
        namespace.ip("addr", "add", "192.0.2.1/24", "dev", "left");
        namespace.ip("route", "add", "198.51.100.0/24", "via", "192.0.2.2");
        until("route 198.51.100.0/24 via 192.0.2.2 dev " + namespace.interfaceIndex("left"));
        namespace.ip("link", "set", "left", "down");
        namespace.ip("link", "set", "right", "mtu", "1400");

        assertThat(until("link right up 1400 veth"))
                .contains("link left down 1500 veth")
                .noneMatch(event -> event.startsWith("route"));
        assertThat(namespace.ip("route", "show")).isEmpty();
    }

    @Test
    void seesNeighbours() {
        String entry = "192.0.2.2 dev " + namespace.interfaceIndex("left");
        namespace.ip("neigh", "add", "192.0.2.2", "lladdr", "02:00:00:00:00:02", "dev", "left");
        until("neighbour " + entry + " usable");

        namespace.ip("neigh", "del", "192.0.2.2", "dev", "left");
        until("neighbour removed " + entry);
    }

    @Test
    void tellsOfALossOnceAndGoesOn() {
        try (NetlinkMonitor small = namespace.call(() -> NetlinkMonitor.open(SMALLEST_BUFFER))) {
            addRoutes(300);

            assertThat(poll(small)).containsExactly("overrun");
            assertThat(poll(small)).isEmpty();
            namespace.ip("link", "set", "left", "mtu", "1400");
            assertThat(poll(small)).contains("link left up 1400 veth");
        }
    }

    @Test
    void takesAFloodInSeveralPolls() {
        addRoutes(600);

        assertThat(poll(monitor)).hasSize(256);
        assertThat(poll(monitor)).hasSize(256);
        assertThat(poll(monitor)).hasSize(600 - 2 * 256).doesNotContain("overrun");
    }

    private void addRoutes(int count) {
        String batch = IntStream.range(0, count)
                .mapToObj(i -> "route add 198.18." + i / 256 + "." + i % 256 + "/32 dev lo")
                .collect(Collectors.joining("\n"));
        namespace.exec("sh", "-c", "echo '" + batch + "' | ip -batch -");
    }

    /** The events of one poll. */
    private List<String> poll(NetlinkMonitor polled) {
        events.seen.clear();
        polled.poll(events);
        return List.copyOf(events.seen);
    }

    /** The events up to the poll that brings the expected one. */
    private List<String> until(String expected) {
        List<String> all = new ArrayList<>();
        while (!all.contains(expected)) {
            assertThat(Poll.await(monitor.fd(), Epoll.IN, 5000))
                    .as("after 5 s of %s, of %s", all, expected)
                    .isEqualTo(Epoll.IN);
            all.addAll(poll(monitor));
        }
        return all;
    }

    /** Writes down what it is told. */
    private static final class Events implements NetlinkListener {

        private final List<String> seen = new ArrayList<>();

        @Override
        public void linkChanged(Link link) {
            if (link.isUp() && !link.hasCarrier()) {
                seen.add("no carrier " + link.name());
            }
            seen.add("link " + link.name() + (link.isUp() ? " up " : " down ") + link.mtu() + " " + link.kind());
        }

        @Override
        public void linkRemoved(Link link) {
            seen.add("link removed " + link.name());
        }

        @Override
        public void addressChanged(AddressInfo address, boolean removed) {
            seen.add((removed ? "address removed " : "address ") + name(address.address()) + "/"
                    + address.prefixLength() + " dev " + address.index());
        }

        @Override
        public void routeChanged(RouteInfo route, boolean removed) {
            InetAddress gateway = route.gateway();
            seen.add((removed ? "route removed " : "route ") + name(route.destination()) + "/" + route.prefixLength()
                    + (gateway == null ? "" : " via " + name(gateway)) + " dev " + route.outputIndex());
        }

        @Override
        public void neighbourChanged(NeighbourInfo neighbour, boolean removed) {
            seen.add((removed ? "neighbour removed " : "neighbour ") + name(neighbour.address()) + " dev "
                    + neighbour.index() + (neighbour.isUsable() && !removed ? " usable" : ""));
        }

        @Override
        public void overrun() {
            seen.add("overrun");
        }

        private static String name(InetAddress address) {
            return address.getHostAddress();
        }
    }
}
