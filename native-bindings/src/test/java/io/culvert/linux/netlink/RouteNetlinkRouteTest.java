package io.culvert.linux.netlink;

import static io.culvert.linux.netlink.IpJson.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.RequiresRoot;
import io.culvert.linux.TestNamespace;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@RequiresRoot
class RouteNetlinkRouteTest {

    private TestNamespace namespace;
    private IpJson ip;
    private RouteNetlink netlink;
    private int left;
    private int right;

    @BeforeEach
    void open() {
        namespace = TestNamespace.create();
        ip = new IpJson(namespace);
        netlink = namespace.call(RouteNetlink::open);
        namespace.addVethPair("left", "right");
        namespace.addAddress("left", "192.0.2.1/24");
        namespace.addAddress("left", "2001:db8::1/64");
        namespace.exec("sysctl", "-qw", "net.ipv6.conf.right.disable_ipv6=0");
        left = namespace.interfaceIndex("left");
        right = namespace.interfaceIndex("right");
    }

    @AfterEach
    void close() {
        netlink.close();
        namespace.close();
    }

    @Test
    void listsWhatIpLists() {
        namespace.ip("route", "add", "198.51.100.0/25", "via", "192.0.2.2", "mtu", "1300");
        namespace.ip("route", "add", "198.51.100.128/25", "via", "inet6", "2001:db8::2", "dev", "left");
        namespace.ip("route", "add", "default", "via", "192.0.2.3", "src", "192.0.2.1");
        namespace.ip("route", "add", "unreachable", "203.0.113.0/24", "table", "1000");
        namespace.ip("route", "add", "2001:db8:1::/48", "via", "2001:db8::2");
        namespace.ip("route", "add", "blackhole", "2001:db8:2::/48");

        assertThat(netlink.routes().stream().map(this::describe))
                .contains("198.51.100.128/25 2001:db8::2 " + left + " - 0 1 254")
                .containsExactlyInAnyOrderElementsOf(ipRoutes());
    }

    @Test
    void addsWhatIpThenShows() {
        netlink.addRoute(address("198.51.100.0"), 24, left, address("192.0.2.2"));
        netlink.addRoute(address("203.0.113.0"), 24, left, address("2001:db8::2"));
        netlink.addRoute(address("192.0.2.128"), 25, right, null);
        netlink.addRoute(address("0.0.0.0"), 0, 0, address("192.0.2.3"));
        netlink.addRoute(address("2001:db8:1::"), 48, left, address("2001:db8::2"));
        netlink.addRoute(address("2001:db8:2::"), 48, right, null);

        assertThat(ipRoutes())
                .contains(
                        "198.51.100.0/24 192.0.2.2 " + left + " - 0 1 254",
                        "203.0.113.0/24 2001:db8::2 " + left + " - 0 1 254",
                        "192.0.2.128/25 - " + right + " - 0 1 254",
                        "0.0.0.0/0 192.0.2.3 " + left + " - 0 1 254",
                        "2001:db8:1::/48 2001:db8::2 " + left + " - 0 1 254",
                        "2001:db8:2::/48 - " + right + " - 0 1 254");
        assertThat(namespace.ip("route", "show", "192.0.2.128/25")).contains("scope link");
    }

    @Test
    void removesWhatIpAdded() {
        namespace.ip("route", "add", "198.51.100.0/24", "via", "192.0.2.2");
        namespace.ip("route", "add", "203.0.113.0/24", "via", "inet6", "2001:db8::2", "dev", "left");
        namespace.ip("route", "add", "2001:db8:1::/48", "via", "2001:db8::2");

        netlink.removeRoute(address("198.51.100.0"), 24, left, address("192.0.2.2"));
        netlink.removeRoute(address("203.0.113.0"), 24, left, address("2001:db8::2"));
        netlink.removeRoute(address("2001:db8:1::"), 48, 0, null);

        assertThat(ipRoutes()).noneMatch(route -> route.matches("(198|203|2001:db8:1:).*"));
    }

    @Test
    void showsTheFirstNextHopOfMany() {
        namespace.ip("route", "add", "198.51.100.0/24", "nexthop", "via", "192.0.2.2", "nexthop", "via", "192.0.2.3");

        assertThat(netlink.routes())
                .contains(new RouteInfo(
                        address("198.51.100.0"), 24, address("192.0.2.2"), left, null, 0, RouteInfo.RTN_UNICAST, 254));
    }

    @Test
    void looksUpWhatIpLooksUp() {
        namespace.ip("route", "add", "198.51.100.0/24", "via", "192.0.2.2", "mtu", "1300");
        namespace.ip("route", "add", "203.0.113.0/24", "via", "inet6", "2001:db8::2", "dev", "left");
        namespace.ip("route", "add", "2001:db8:1::/48", "via", "2001:db8::2", "mtu", "1400");

        assertSameLookup("198.51.100.7", "192.0.2.2", 1300);
        assertSameLookup("203.0.113.7", "2001:db8::2", 0);
        assertSameLookup("192.0.2.77", "-", 0);
        assertSameLookup("2001:db8:1::7", "2001:db8::2", 1400);
    }

    @Test
    void looksUpTheLearntPathMtu() {
        namespace.ip("route", "add", "198.51.100.0/24", "via", "192.0.2.2");
        namespace.ip("route", "add", "198.51.100.7", "via", "192.0.2.2", "mtu", "lock", "1000");

        assertThat(netlink.routeTo(address("198.51.100.7"), null, 0).mtu()).isEqualTo(1000);
        assertThat(netlink.routeTo(address("198.51.100.8"), null, 0).mtu()).isZero();
    }

    @Test
    void looksUpFromASourceAndThroughADevice() {
        namespace.ip("addr", "add", "192.0.2.200/32", "dev", "left");
        namespace.ip("rule", "add", "from", "192.0.2.200", "lookup", "1000");
        namespace.ip("route", "add", "default", "dev", "right", "table", "1000");

        assertThat(netlink.routeTo(address("192.0.2.9"), address("192.0.2.200"), 0)
                        .outputIndex())
                .isEqualTo(right);
        assertThat(netlink.routeTo(address("192.0.2.9"), address("192.0.2.1"), 0)
                        .outputIndex())
                .isEqualTo(left);
        assertThat(netlink.routeTo(address("192.0.2.9"), null, left).preferredSource())
                .isEqualTo(address("192.0.2.1"));
        assertThatThrownBy(() -> netlink.routeTo(address("192.0.2.9"), address("2001:db8::1"), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tellsLocalFromUnicast() {
        assertThat(netlink.routeTo(address("192.0.2.1"), null, 0).type()).isEqualTo(RouteInfo.RTN_LOCAL);
        assertThat(netlink.routeTo(address("192.0.2.2"), null, 0).type()).isEqualTo(RouteInfo.RTN_UNICAST);
        assertThat(netlink.routeTo(address("192.0.2.255"), null, 0).type()).isEqualTo(RouteInfo.RTN_BROADCAST);
    }

    @Test
    void saysWhyThereIsNoRoute() {
        namespace.ip("route", "add", "unreachable", "203.0.113.0/24");
        namespace.ip("route", "add", "prohibit", "198.51.100.0/24");

        assertThat(lookupError("8.8.8.8")).isEqualTo(Errno.ENETUNREACH);
        assertThat(lookupError("203.0.113.1")).isEqualTo(Errno.EHOSTUNREACH);
        assertThat(lookupError("198.51.100.1")).isEqualTo(Errno.EACCES);
    }

    @Test
    void namesTheRouteThatIsRefused() {
        assertThatThrownBy(() -> netlink.addRoute(address("198.51.100.0"), 24, 0, address("203.0.113.1")))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("add route 198.51.100.0/24 via 203.0.113.1: ENETUNREACH")
                .hasMessageContaining("Nexthop has invalid gateway");
        assertThatThrownBy(() -> netlink.removeRoute(address("198.51.100.0"), 24, left, null))
                .hasMessageContainingAll("remove route 198.51.100.0/24 dev " + left, "no such entry");
        assertThatThrownBy(() -> netlink.addRoute(address("2001:db8::"), 129, left, null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private int lookupError(String destination) {
        try {
            return netlink.routeTo(address(destination), null, 0).type();
        } catch (ErrnoException e) {
            return e.errno();
        }
    }

    private void assertSameLookup(String destination, String gateway, int mtu) {
        RouteInfo ours = netlink.routeTo(address(destination), null, 0);
        JsonNode theirs = ip.list("route", "get", destination).getFirst();

        assertThat(shortened(ours.gateway())).isEqualTo(gateway).isEqualTo(gateway(theirs));
        assertThat(ours.outputIndex()).isEqualTo(index(theirs));
        assertThat(shortened(ours.preferredSource())).isEqualTo(text(theirs, "prefsrc", "-"));
        assertThat(ours.mtu()).isEqualTo(mtu).isEqualTo(mtu(theirs));
    }

    private String describe(RouteInfo route) {
        return String.join(
                " ",
                shortened(route.destination()) + "/" + route.prefixLength(),
                shortened(route.gateway()),
                Integer.toString(route.outputIndex()),
                shortened(route.preferredSource()),
                Integer.toString(route.mtu()),
                Integer.toString(route.type()),
                Integer.toUnsignedString(route.table()));
    }

    private List<String> ipRoutes() {
        List<JsonNode> v4 = ip.list("-4", "route", "show", "table", "all");
        List<JsonNode> v6 = ip.list("-6", "route", "show", "table", "all");
        return Stream.concat(
                        v4.stream().map(route -> describe(route, "0.0.0.0/0", 32)),
                        v6.stream().map(route -> describe(route, "::/0", 128)))
                .toList();
    }

    private String describe(JsonNode route, String anywhere, int bits) {
        String destination = text(route, "dst", "").replace("default", anywhere);
        return String.join(
                " ",
                destination.contains("/") ? destination : destination + "/" + bits,
                gateway(route),
                Integer.toString(index(route)),
                text(route, "prefsrc", "-"),
                Integer.toString(mtu(route)),
                text(route, "type", "1"),
                text(route, "table", "254"));
    }

    private static String gateway(JsonNode route) {
        return route.has("via") ? text(route.get("via"), "host", "-") : text(route, "gateway", "-");
    }

    private static int mtu(JsonNode route) {
        return route.path("metrics").path(0).path("mtu").asInt(0);
    }

    private int index(JsonNode route) {
        return route.has("dev") ? namespace.interfaceIndex(text(route, "dev", "")) : 0;
    }

    private static String shortened(@Nullable InetAddress address) {
        if (address == null) {
            return "-";
        }
        String text = address.getHostAddress();
        return text.equals("0:0:0:0:0:0:0:0") ? "::" : text.replaceFirst("(^|:)0(:0)+(:|$)", "::");
    }

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }
}
