package io.culvert.linux.netlink;

import static io.culvert.linux.netlink.IpJson.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.RequiresRoot;
import io.culvert.linux.TestNamespace;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@RequiresRoot
class RouteNetlinkAddressTest {

    private static final InetAddress V4 = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress V6 = InetAddress.ofLiteral("2001:db8::1");

    private TestNamespace namespace;
    private IpJson ip;
    private RouteNetlink netlink;
    private int index;

    @BeforeEach
    void open() {
        namespace = TestNamespace.create();
        ip = new IpJson(namespace);
        netlink = namespace.call(RouteNetlink::open);
        namespace.ip("tuntap", "add", "tun0", "mode", "tun");
        index = namespace.interfaceIndex("tun0");
    }

    @AfterEach
    void close() {
        netlink.close();
        namespace.close();
    }

    @Test
    void addsWhatIpThenShows() {
        netlink.addAddress(index, V4, 30);
        netlink.addAddress(index, V6, 64);

        assertThat(ipAddresses()).contains(index + " 192.0.2.1/30 0", index + " 2001:db8::1/64 0");
        assertThat(ourAddresses()).containsExactlyInAnyOrderElementsOf(ipAddresses());
    }

    @Test
    void removesWhatIpAdded() {
        namespace.ip("addr", "add", "192.0.2.1/30", "dev", "tun0");
        namespace.ip("addr", "add", "2001:db8::1/64", "dev", "tun0");

        netlink.removeAddress(index, V4, 30);
        netlink.removeAddress(index, V6, 64);

        assertThat(ipAddresses()).noneMatch(address -> address.startsWith(index + " "));
    }

    @Test
    void tellsTheOwnAddressFromThePeers() {
        namespace.ip("addr", "add", "192.0.2.1", "peer", "192.0.2.9/32", "dev", "tun0");

        assertThat(netlink.addresses())
                .extracting(AddressInfo::address)
                .contains(V4)
                .doesNotContain(InetAddress.ofLiteral("192.0.2.9"));
    }

    @Test
    void keepsMappedAddressesIpv6() throws Exception {
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        mapped[15] = 1;

        assertThat(Family.IPV6.address(mapped)).isInstanceOf(Inet6Address.class);
        assertThat(Family.of(Family.IPV6.address(mapped))).isEqualTo(Family.IPV6);
    }

    @Test
    void namesTheAddressThatIsRefused() {
        netlink.addAddress(index, V4, 30);

        assertThatThrownBy(() -> netlink.addAddress(index, V4, 30))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("add address 192.0.2.1/30 to link " + index + ": EEXIST");
        assertThatThrownBy(() -> netlink.removeAddress(index, V6, 64))
                .hasMessageContainingAll("remove address 2001:db8:0:0:0:0:0:1/64", "EADDRNOTAVAIL");
        assertThatThrownBy(() -> netlink.addAddress(index, V4, 33)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> netlink.addAddress(index, V6, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void listsWholeWhileTheTableChanges() throws Exception {
        StringBuilder batch = new StringBuilder();
        for (int i = 1; i <= 250; i++) {
            batch.append("addr add 198.51.100.").append(i).append("/32 dev tun0\\n");
        }
        namespace.exec("sh", "-c", "printf '" + batch + "' | ip -batch -");
        Thread changer = namespace.call(() -> Thread.ofPlatform().start(this::addAndRemove));
        for (int i = 0; i < 100; i++) {
            List<String> listed = netlink.addresses().stream()
                    .map(AddressInfo::address)
                    .map(InetAddress::getHostAddress)
                    .filter(address -> address.startsWith("198.51.100."))
                    .toList();
            assertThat(listed).hasSize(250).doesNotHaveDuplicates();
        }
        changer.interrupt();
        changer.join();
    }

    /** Between the others in the device's list, so that what follows moves. */
    private void addAndRemove() {
        try (RouteNetlink other = RouteNetlink.open()) {
            while (!Thread.interrupted()) {
                other.addAddress(1, V4, 32);
                other.removeAddress(1, V4, 32);
            }
        }
    }

    private List<String> ourAddresses() {
        return netlink.addresses().stream()
                .map(address -> address.index() + " " + shortened(address.address()) + "/" + address.prefixLength()
                        + " " + address.scope())
                .toList();
    }

    private List<String> ipAddresses() {
        return ip.list("addr").stream()
                .flatMap(link -> link.get("addr_info")
                        .valueStream()
                        .map(address -> link.get("ifindex").asInt() + " " + describe(address)))
                .toList();
    }

    private static String describe(JsonNode address) {
        return shortened(InetAddress.ofLiteral(text(address, "local", ""))) + "/" + text(address, "prefixlen", "") + " "
                + text(address, "scope", "")
                        .replace("global", "0")
                        .replace("link", "253")
                        .replace("host", "254");
    }

    private static String shortened(InetAddress address) {
        return address.getHostAddress().replaceFirst("(:0)+:", "::");
    }
}
