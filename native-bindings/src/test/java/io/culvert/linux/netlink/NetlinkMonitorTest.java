package io.culvert.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.RequiresRoot;
import io.culvert.linux.TestNamespace;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes are made by {@code ip}; the kernel queues their events before it answers it, so no test has to wait. */
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
        monitor = namespace.call(NetlinkMonitor::open);
    }

    @AfterEach
    void close() {
        monitor.close();
        namespace.close();
    }

    @Test
    void saysNothingWhileNothingChanges() {
        assertThat(poll()).isEmpty();
    }

    @Test
    void seesDevicesComeChangeAndGo() {
        namespace.ip("link", "add", "br0", "type", "bridge");
        assertThat(poll()).contains("link br0 down 1500 bridge");

        namespace.ip("link", "set", "br0", "mtu", "1400", "up");
        assertThat(poll()).contains("link br0 up 1400 bridge");

        namespace.ip("link", "set", "br0", "name", "br1");
        assertThat(poll()).contains("link br1 up 1400 bridge");

        namespace.ip("link", "del", "br1");
        assertThat(poll()).contains("link removed br1");
    }

    @Test
    void seesTheCarrierGoWithThePeer() {
        namespace.ip("link", "set", "right", "down");
        poll();

        assertThat(events.lastLink("left").isUp()).isTrue();
        assertThat(events.lastLink("left").hasCarrier()).isFalse();
    }

    @Test
    void doesNotTakeLeavingABridgeForADeletion() {
        namespace.ip("link", "add", "br0", "type", "bridge");
        namespace.ip("link", "set", "left", "master", "br0");
        namespace.ip("link", "set", "left", "nomaster");

        assertThat(poll()).contains("link left up 1500 veth").doesNotContain("link removed left");
    }

    @Test
    void seesAddresses() {
        int index = namespace.interfaceIndex("left");
        namespace.exec("sysctl", "-qw", "net.ipv6.conf.left.disable_ipv6=0");
        namespace.ip("addr", "add", "192.0.2.1/24", "dev", "left");
        namespace.ip("addr", "add", "2001:db8::1/64", "dev", "left", "nodad");
        assertThat(poll())
                .contains("address 192.0.2.1/24 dev " + index, "address 2001:db8:0:0:0:0:0:1/64 dev " + index);

        namespace.ip("addr", "del", "192.0.2.1/24", "dev", "left");
        namespace.ip("addr", "del", "2001:db8::1/64", "dev", "left");
        assertThat(poll())
                .contains(
                        "address removed 192.0.2.1/24 dev " + index,
                        "address removed 2001:db8:0:0:0:0:0:1/64 dev " + index);
    }

    @Test
    void seesRoutes() {
        int index = namespace.interfaceIndex("left");
        namespace.ip("addr", "add", "192.0.2.1/24", "dev", "left");
        poll();
        namespace.ip("route", "add", "198.51.100.0/24", "via", "192.0.2.2");
        assertThat(poll()).containsExactly("route 198.51.100.0/24 via 192.0.2.2 dev " + index);

        namespace.ip("route", "del", "198.51.100.0/24");
        assertThat(poll()).containsExactly("route removed 198.51.100.0/24 via 192.0.2.2 dev " + index);
    }

    @Test
    void isNotToldOfIpv4RoutesThatGoWithTheirDevice() {
        namespace.ip("addr", "add", "192.0.2.1/24", "dev", "left");
        namespace.ip("route", "add", "198.51.100.0/24", "via", "192.0.2.2");
        poll();
        namespace.ip("link", "set", "left", "down");

        assertThat(poll()).contains("link left down 1500 veth").noneMatch(event -> event.startsWith("route"));
        assertThat(namespace.ip("route", "show")).isEmpty();
    }

    @Test
    void seesNeighbours() {
        int index = namespace.interfaceIndex("left");
        namespace.ip("neigh", "add", "192.0.2.2", "lladdr", "02:00:00:00:00:02", "dev", "left");
        assertThat(poll()).contains("neighbour 192.0.2.2 dev " + index + " usable");

        namespace.ip("neigh", "del", "192.0.2.2", "dev", "left");
        assertThat(poll()).anyMatch(event -> event.startsWith("neighbour removed 192.0.2.2 dev " + index));
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

        List<String> all = new ArrayList<>(poll());
        assertThat(all).hasSize(256);
        all.addAll(poll());
        all.addAll(poll());
        assertThat(all).hasSize(600).doesNotContain("overrun");
    }

    private void addRoutes(int count) {
        StringBuilder batch = new StringBuilder();
        for (int i = 0; i < count; i++) {
            batch.append("route add 198.18.")
                    .append(i / 256)
                    .append('.')
                    .append(i % 256)
                    .append("/32 dev lo\\n");
        }
        namespace.exec("sh", "-c", "printf '" + batch + "' | ip -batch -");
    }

    private List<String> poll() {
        return poll(monitor);
    }

    /** The events of one poll. */
    private List<String> poll(NetlinkMonitor polled) {
        events.seen.clear();
        polled.poll(events);
        return List.copyOf(events.seen);
    }

    /** Writes down what it is told. */
    private static final class Events implements NetlinkListener {

        private final List<String> seen = new ArrayList<>();
        private final List<Link> links = new ArrayList<>();

        Link lastLink(String name) {
            return links.stream()
                    .filter(link -> link.name().equals(name))
                    .reduce((first, second) -> second)
                    .orElseThrow();
        }

        @Override
        public void linkChanged(Link link) {
            links.add(link);
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
                    + neighbour.index() + (neighbour.isUsable() ? " usable" : ""));
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
