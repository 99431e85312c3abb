package io.culvert.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.linux.RequiresRoot;
import io.culvert.linux.TestNamespace;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@RequiresRoot
class RouteNetlinkNeighbourTest {

    private static final InetAddress PEER_V4 = InetAddress.ofLiteral("192.0.2.2");
    private static final InetAddress PEER_V6 = InetAddress.ofLiteral("2001:db8::2");
    private static final InetAddress NOBODY = InetAddress.ofLiteral("192.0.2.9");
    private static final byte[] MAC = {2, 0, 0, 0, 0, 9};

    private TestNamespace here;
    private TestNamespace there;
    private IpJson ip;
    private RouteNetlink netlink;
    private int index;

    @BeforeEach
    void open() {
        here = TestNamespace.create();
        there = TestNamespace.create();
        ip = new IpJson(here);
        here.ip("link", "add", "left", "type", "veth", "peer", "name", "right", "netns", there.name());
        configure(here, "left", "1");
        configure(there, "right", "2");
        netlink = here.call(RouteNetlink::open);
        index = here.interfaceIndex("left");
    }

    private static void configure(TestNamespace namespace, String device, String host) {
        // Without a packet the kernel solicits from the link-local address; here it is had at once.
        String ipv6 = "net.ipv6.conf." + device + ".";
        namespace.exec("sysctl", "-qw", ipv6 + "accept_dad=0");
        namespace.addAddress(device, "192.0.2." + host + "/24");
        namespace.addAddress(device, "2001:db8::" + host + "/64");
        namespace.ip("link", "set", device, "up");
    }

    @AfterEach
    void close() {
        netlink.close();
        here.close();
        there.close();
    }

    @Test
    void probesUntilResolved() throws Exception {
        for (InetAddress peer : List.of(PEER_V4, PEER_V6)) {
            assertThat(netlink.neighbour(index, peer)).isNull();

            netlink.probeNeighbour(index, peer);
            NeighbourInfo resolved = await(peer, NeighbourInfo::isUsable);

            assertThat(resolved).isNotNull();
            assertThat(resolved.address()).isEqualTo(peer);
            assertThat(colons(resolved.linkAddress()))
                    .isEqualTo(new IpJson(there).link("right").get("address").asString());
        }
    }

    @Test
    void probesInVainWhereNobodyIs() throws Exception {
        here.exec("sysctl", "-qw", "net.ipv4.neigh.left.retrans_time_ms=500");

        netlink.probeNeighbour(index, NOBODY);
        NeighbourInfo incomplete = netlink.neighbour(index, NOBODY);
        NeighbourInfo failed = await(NOBODY, entry -> (entry.state() & NeighbourInfo.NUD_FAILED) != 0);

        assertThat(incomplete).isNotNull();
        assertThat(incomplete.state()).isEqualTo(NeighbourInfo.NUD_INCOMPLETE);
        assertThat(incomplete.isUsable()).isFalse();
        assertThat(failed).isNotNull();
        assertThat(failed.isUsable()).isFalse();
    }

    @Test
    void setsWhatIpThenShows() {
        netlink.setNeighbour(index, NOBODY, MAC);
        netlink.setNeighbour(index, PEER_V6, MAC);

        assertThat(ipNeighbours())
                .contains(
                        "192.0.2.9 02:00:00:00:00:09 [\"PERMANENT\"]", "2001:db8::2 02:00:00:00:00:09 [\"PERMANENT\"]");
        NeighbourInfo entry = netlink.neighbour(index, NOBODY);
        assertThat(entry).isEqualTo(new NeighbourInfo(index, NOBODY, MAC, NeighbourInfo.NUD_PERMANENT, 0));
        assertThat(entry.isUsable()).isTrue();
    }

    @Test
    void listsWhatIpLists() {
        here.ip("neigh", "add", "192.0.2.9", "lladdr", "02:00:00:00:00:09", "dev", "left", "nud", "stale");
        here.ip("neigh", "add", "2001:db8::9", "lladdr", "02:00:00:00:00:08", "dev", "left", "nud", "permanent");

        List<NeighbourInfo> entries = netlink.neighbours().stream()
                .filter(entry -> (entry.state() & NeighbourInfo.NUD_NOARP) == 0)
                .toList();

        assertThat(entries)
                .extracting(entry ->
                        entry.address().getHostAddress() + " " + colons(entry.linkAddress()) + " " + entry.state())
                .contains("192.0.2.9 02:00:00:00:00:09 " + NeighbourInfo.NUD_STALE)
                .contains("2001:db8:0:0:0:0:0:9 02:00:00:00:00:08 " + NeighbourInfo.NUD_PERMANENT);
        assertThat(ipNeighbours()).hasSameSizeAs(entries);
    }

    @Test
    void removesWhatIpAdded() {
        here.ip("neigh", "add", "192.0.2.9", "lladdr", "02:00:00:00:00:09", "dev", "left", "nud", "permanent");

        netlink.removeNeighbour(index, NOBODY);

        assertThat(ipNeighbours()).noneMatch(entry -> entry.startsWith("192.0.2.9 "));
        assertThat(netlink.neighbour(index, NOBODY)).isNull();
        assertThatThrownBy(() -> netlink.removeNeighbour(index, NOBODY))
                .hasMessageContainingAll("remove neighbour 192.0.2.9 dev " + index, "ENOENT", "no such entry");
    }

    private @Nullable NeighbourInfo await(InetAddress address, Predicate<NeighbourInfo> condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        NeighbourInfo entry = netlink.neighbour(index, address);
        while ((entry == null || !condition.test(entry)) && System.nanoTime() < deadline) {
            Thread.sleep(10);
            entry = netlink.neighbour(index, address);
        }
        return entry != null && condition.test(entry) ? entry : null;
    }

    private List<String> ipNeighbours() {
        return ip.list("neigh").stream()
                .map(RouteNetlinkNeighbourTest::describe)
                .toList();
    }

    private static String describe(JsonNode entry) {
        return IpJson.text(entry, "dst", "") + " " + IpJson.text(entry, "lladdr", "") + " " + entry.get("state");
    }

    private static String colons(byte[] bytes) {
        return HexFormat.ofDelimiter(":").formatHex(bytes);
    }
}
