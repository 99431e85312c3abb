package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.lab.Guest;
import io.culvert.lab.GuestLab;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.LabProcess;
import io.culvert.testing.Hex;
import io.culvert.testing.Judges;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.SitOptions;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** A host at an isatap tunnel configures itself by what the tunnel's routers advertise, and by nothing else. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class IsatapRouterIT {

    private static final Duration SOON = Duration.ofSeconds(20);

    private static final String DEVICE = "is0";
    private static final String ROUTER = "2001:db8:7:0:200:5efe:c633:6401";
    private static final String BEYOND = "2001:db8:6::1";

    private static TunnelSpec tunnel(Host host, InetAddress local, SitOptions options) {
        host.sysctl("net.ipv6.conf.default.disable_ipv6", "0");
        host.sysctl("net.ipv6.conf.default.accept_ra", "1");
        return TunnelSpec.builder(DEVICE, Mode.ISATAP)
                .local(local)
                .ttl(64)
                .sit(options)
                .build();
    }

    private static JsonNode address(Host host) {
        for (JsonNode address : host.ipJson("-6", "addr", "show", "dev", DEVICE, "scope", "global")
                .path(0)
                .path("addr_info")) {
            return address;
        }
        return tools.jackson.databind.node.MissingNode.getInstance();
    }

    private static JsonNode defaultRoute(Host host) {
        return host.ipJson("-6", "route", "show", "default", "dev", DEVICE).path(0);
    }

    /** The router is Linux's own isatap device with radvd on it. */
    @ParameterizedTest
    @EnumSource(names = {"AUTO", "RAW"})
    void configuresItselfByLinuxRouter(Lane lane) {
        Judges.requireTool("radvd", "radvd");
        GuestLab lab = GuestLab.shared();
        Guest guest = lab.guest();
        SitOptions options = SitOptions.DEFAULT.withPrl(List.of(GuestLab.GUEST), List.of());
        guest.exec("ethtool -K eth0 tx " + (lane == Lane.RAW ? "off" : "on")).orThrow();
        try {
            // The router is there first: who asks in vain for eight seconds asks again two minutes later.
            for (String command : List.of(
                    "ip tunnel add is0 mode isatap local 198.51.100.2 ttl 64",
                    "sysctl -w net.ipv6.conf.all.forwarding=1",
                    "ip link set dev is0 up",
                    "ip address add 2001:db8:5::200:5efe:c633:6402/64 nodad dev is0",
                    "ip address add " + BEYOND + "/128 dev lo",
                    "printf '%s\\n' 'interface is0 { AdvSendAdvert on; UnicastOnly on; AdvDefaultLifetime 1800;'"
                            + " 'prefix 2001:db8:5::/64 { AdvValidLifetime 3600; AdvPreferredLifetime 1800; }; };'"
                            + " >/run/radvd.conf",
                    "radvd -C /run/radvd.conf -d 1 -m stderr -n -p /run/radvd.pid >/run/radvd.log 2>&1 & sleep 1; cat"
                            + " /run/radvd.log")) {
                guest.exec(command).orThrow();
            }
            assertConfigures(lab, lane, options);
        } finally {
            guest.exec("kill $(cat /run/radvd.pid); ip link delete is0; ip address del " + BEYOND + "/128 dev lo;"
                    + " sysctl -w net.ipv6.conf.all.forwarding=0");
        }
    }

    private static void assertConfigures(GuestLab lab, Lane lane, SitOptions options) {
        try (LabGateway gateway = LabGateway.on(lab.host())
                .lane(lane)
                .tunnel(tunnel(lab.host(), GuestLab.HOST, options))
                .start()) {
            Await.until("the host has an address", () -> !address(lab.host()).isMissingNode());

            JsonNode address = address(lab.host());
            assertThat(address.path("local").asString("")).isEqualTo("2001:db8:5:0:200:5efe:c633:6401");
            assertThat(address.path("dynamic").asBoolean(false)).isTrue();
            assertThat(address.path("valid_life_time").asInt()).isBetween(3_500, 3_600);
            assertThat(address.path("preferred_life_time").asInt()).isBetween(1_700, 1_800);
            JsonNode route = defaultRoute(lab.host());
            assertThat(route.path("gateway").asString("")).isEqualTo("fe80::200:5efe:c633:6402");
            assertThat(route.path("protocol").asString("")).isEqualTo("ra");
            Await.until(
                    "beyond the router is reached",
                    () -> lab.host()
                                    .exec("ping", "-6", "-c", "3", "-i", "0.1", "-W", "2", BEYOND)
                                    .exit()
                            == 0);
            assertThat(lab.guest()
                            .exec("ping -c 3 -W 10 2001:db8:5::200:5efe:c633:6401")
                            .out())
                    .contains("3 packets received");
            assertThat(Counts.of(gateway).drops(DEVICE, "decapsulation")).isEmpty();
        }
    }

    /** The host is one that isatapd makes and keeps, in Linux's kernel; the router's radvd has the gateway's device. */
    @Test
    void configuresAHostOfIsatapd() {
        Judges.requireTool("radvd", "radvd");
        GuestLab lab = GuestLab.shared();
        Guest guest = lab.guest();
        try (LabGateway gateway = LabGateway.on(lab.host())
                        .tunnel(tunnel(lab.host(), GuestLab.HOST, SitOptions.DEFAULT))
                        .start();
                LabProcess radvd = startRadvd(lab.host())) {
            guest.exec("echo root:x:0:0::/: >/etc/passwd; isatapd --name " + DEVICE + " --link eth0 --user root "
                            + GuestLab.HOST.getHostAddress() + " >/run/isatapd.log 2>&1 & echo $! >/run/isatapd.pid")
                    .orThrow();
            Await.until(
                    "the host has an address",
                    () -> guest.exec("ip -6 address show dev " + DEVICE + " scope global")
                            .out()
                            .contains("inet6 2001:db8:7:0:200:5efe:c633:6402/64 "));

            assertThat(guest.exec("ip -6 route show default dev " + DEVICE).out())
                    .contains("via fe80::200:5efe:c633:6401 proto ra");
            assertThat(guest.exec("ping -c 3 -W 10 " + ROUTER).out()).contains("3 packets received");
            assertThat(Counts.of(gateway).drops(DEVICE, "decapsulation")).isEmpty();
            assertThat(radvd.isAlive()).isTrue();
        } finally {
            guest.exec("kill $(cat /run/isatapd.pid); rm /etc/passwd");
            lab.host().sysctl("net.ipv6.conf.all.forwarding", "0");
        }
    }

    private static LabProcess startRadvd(Host host) {
        Path file = host.directory().resolve("radvd.conf");
        try {
            Files.writeString(
                    file,
                    "interface " + DEVICE + " { AdvSendAdvert on; UnicastOnly on; AdvDefaultLifetime 1800;"
                            + " prefix 2001:db8:7::/64 {}; };");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        host.sysctl("net.ipv6.conf.all.forwarding", "1");
        host.exec("ip", "address", "add", ROUTER + "/64", "nodad", "dev", DEVICE)
                .orThrow();
        String pid = host.directory().resolve("radvd.pid").toString();
        LabProcess radvd = host.start("radvd", "-C", file.toString(), "-d", "1", "-m", "stderr", "-n", "-p", pid);
        radvd.awaitError("polling for", SOON);
        return radvd;
    }

    private static byte[] advertisement() {
        return Hex.bytes(Judges.python(
                        IsatapRouterIT.class,
                        "/it/router_advertisements.py",
                        "203.0.113.1",
                        "203.0.113.2",
                        "2001:db8:5::",
                        "1800",
                        "3600",
                        "1800")
                .getFirst());
    }

    private static LabGateway gateway(Lab lab, SitOptions options) {
        return LabGateway.on(lab.left())
                .tunnel(tunnel(lab.left(), lab.left().address(), options))
                .start();
    }

    /** A router of the second kind gives addresses and routes, but not the default route; one that is of none gives nothing. */
    @Test
    void takesNoMoreFromARouterThanItsPlaceInTheListAllows() {
        Judges.requireScapy();
        byte[] advertisement = advertisement();
        try (Lab lab = Lab.twoHosts();
                LabGateway gateway = gateway(lab, SitOptions.DEFAULT);
                RawSender sender = RawSender.open(lab.right())) {
            sender.send(advertisement);
            Await.until(
                    "the advertisement of a stranger is dropped",
                    () -> Counts.of(gateway)
                            .drops(DEVICE, "decapsulation")
                            .containsKey(DropReason.UNLISTED_ROUTER.word()));
            assertThat(address(lab.left()).isMissingNode()).isTrue();

            assertThat(prl(gateway, "prl-nodefault").exit()).isZero();
            sender.send(advertisement);
            Await.until("the prefix is taken", () -> !address(lab.left()).isMissingNode());
            assertThat(address(lab.left()).path("local").asString("")).isEqualTo("2001:db8:5:0:200:5efe:cb00:7101");
            assertThat(defaultRoute(lab.left()).isMissingNode()).isTrue();

            assertThat(prl(gateway, "prl-delete").exit()).isZero();
            assertThat(prl(gateway, "prl-default").exit()).isZero();
            sender.send(advertisement);
            Await.until("the router is taken", () -> !defaultRoute(lab.left()).isMissingNode());
        }
    }

    private static io.culvert.lab.CommandResult prl(LabGateway gateway, String operation) {
        return gateway.culvert("tunnel", "prl", operation, "203.0.113.2", "dev", DEVICE);
    }
}
