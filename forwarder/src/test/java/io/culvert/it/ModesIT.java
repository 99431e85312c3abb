package io.culvert.it;

import static io.culvert.config.GatewayConfig.Lane.AUTO;
import static io.culvert.config.GatewayConfig.Lane.RAW;
import static io.culvert.config.GatewayConfig.Lane.SPLIT;
import static io.culvert.config.GatewayConfig.Lane.SUPER;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.lab.Capture;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.TcpTransfer;
import io.culvert.lab.Tshark;
import io.culvert.lab.WireMode;
import io.culvert.testing.Judges;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Payload;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.SitOptions;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * TCP arrives byte for byte through tunnels of the modes beside ipip and gre, and through tunnels without a remote, which
 * find it in addresses or by the routes of their device.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ModesIT {

    private static final String DEVICE = "culvert1";
    private static final long BYTES = 48_000_000;
    /** The largest frame of the link between the hosts but for super-packets, in bytes. */
    private static final int LARGEST_FRAME = 1514;

    private static final String FROM = "ip and src host 203.0.113.1";
    private static final String FROM_IPV6 = "ip6 and src host 2001:db8:ffff::1 and not icmp6";
    private static final Duration LIMIT = Duration.ofSeconds(40);

    /** A tunnel without endpoints, and an inner address of each end in the same network. */
    private record Tunnel(String name, Mode mode, boolean hasRemote, SitOptions options, String left, String right) {

        Payload payload() {
            return name.equals("proto any") ? Payload.ANY : Payload.IP6IP;
        }
    }

    private record Case(Tunnel tunnel, Lane lane, WireMode wireMode) {
        @Override
        public String toString() {
            return tunnel.name + ", lane " + lane + ", " + wireMode;
        }
    }

    private static final Tunnel CONFIGURED =
            new Tunnel("configured", Mode.SIT, true, SitOptions.DEFAULT, "2001:db8::1/64", "2001:db8::2/64");
    private static final Tunnel IPV4 =
            new Tunnel("proto any", Mode.SIT, true, SitOptions.DEFAULT, "192.0.2.1/30", "192.0.2.2/30");
    private static final Tunnel SIX_TO_FOUR =
            new Tunnel("6to4", Mode.SIT, false, SitOptions.DEFAULT, "2002:cb00:7101::1/16", "2002:cb00:7102::1/16");
    private static final Tunnel SIX_RD = new Tunnel(
            "6rd",
            Mode.SIT,
            false,
            SitOptions.DEFAULT.withSixRd(Prefix.parse("2001:db8::/29"), Prefix.parse("203.0.113.0/24")),
            "2001:db8:800::1/29",
            "2001:db8:1000::1/29");
    private static final Tunnel ISATAP = new Tunnel(
            "isatap",
            Mode.ISATAP,
            false,
            SitOptions.DEFAULT,
            "2001:db8::5efe:203.0.113.1/64",
            "2001:db8::5efe:203.0.113.2/64");
    private static final Tunnel MINENC =
            new Tunnel("minenc", Mode.MINENC, true, SitOptions.DEFAULT, "192.0.2.1/30", "192.0.2.2/30");
    private static final Tunnel BY_ROUTE =
            new Tunnel("gre by route", Mode.GRE, false, SitOptions.DEFAULT, "192.0.2.1/32", "192.0.2.2/32");

    private static final Tunnel GRETAP =
            new Tunnel("gretap", Mode.GRETAP, true, SitOptions.DEFAULT, "192.0.2.1/30", "192.0.2.2/30");
    private static final Tunnel IP6GRETAP =
            new Tunnel("ip6gretap", Mode.IP6GRETAP, true, SitOptions.DEFAULT, "192.0.2.1/30", "192.0.2.2/30");

    static Stream<Case> cases() {
        return Stream.of(
                new Case(CONFIGURED, AUTO, WireMode.OFFLOADED),
                new Case(CONFIGURED, AUTO, WireMode.WIRE),
                new Case(CONFIGURED, SPLIT, WireMode.WIRE),
                new Case(CONFIGURED, RAW, WireMode.OFFLOADED),
                new Case(IPV4, AUTO, WireMode.WIRE),
                new Case(SIX_TO_FOUR, AUTO, WireMode.WIRE),
                new Case(SIX_TO_FOUR, RAW, WireMode.WIRE),
                new Case(SIX_RD, AUTO, WireMode.OFFLOADED),
                new Case(ISATAP, AUTO, WireMode.WIRE),
                new Case(MINENC, AUTO, WireMode.OFFLOADED),
                new Case(MINENC, RAW, WireMode.WIRE),
                new Case(GRETAP, SUPER, WireMode.OFFLOADED),
                new Case(GRETAP, AUTO, WireMode.WIRE),
                new Case(GRETAP, SPLIT, WireMode.WIRE),
                new Case(GRETAP, RAW, WireMode.OFFLOADED),
                new Case(IP6GRETAP, SUPER, WireMode.OFFLOADED),
                new Case(BY_ROUTE, AUTO, WireMode.WIRE),
                new Case(BY_ROUTE, RAW, WireMode.OFFLOADED));
    }

    @BeforeEach
    void requireJudges() {
        Judges.requireTool("tcpdump", "tcpdump");
        Judges.requireTool("tshark", "tshark");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void arrivesWithTheSameDigestInTheRightFormat(Case test) {
        Tunnel tunnel = test.tunnel;
        InetAddress right = Prefix.parse(tunnel.right).address();
        List<Map<String, String>> packets;
        boolean outerIpv6 = tunnel.mode.isOuterIpv6();
        Lab.Builder builder = Lab.builder().wireMode(test.wireMode);
        try (Lab lab = (outerIpv6 ? builder.ipv6() : builder).build();
                LabGateway left = gateway(test, lab.left(), lab.right(), tunnel.left);
                LabGateway other = gateway(test, lab.right(), lab.left(), tunnel.right)) {
            left.awaitReady();
            other.awaitReady();
            pointOut(test.tunnel, lab.left(), lab.right(), tunnel.right);
            pointOut(test.tunnel, lab.right(), lab.left(), tunnel.left);
            transfer(lab, right, BYTES);
            try (Capture capture = lab.left().capture(Host.UNDERLAY, outerIpv6 ? FROM_IPV6 : FROM)) {
                transfer(lab, right, 200_000);
                packets = Tshark.decode(
                        capture.stop(),
                        "ip.proto",
                        "ip.src",
                        "ip.dst",
                        "ip.checksum.status",
                        "frame.len",
                        "ipv6.dst",
                        "gre.proto",
                        "_ws.malformed");
            }
        }
        assertThat(packets).hasSizeGreaterThan(5);
        for (Map<String, String> packet : packets) {
            assertOuterHeader(tunnel, packet);
            assertThat(packet.getOrDefault("_ws.malformed", "")).isEmpty();
        }
        if (test.lane == SUPER) {
            assertThat(packets)
                    .as("super-packets that the device hands over and the link takes whole")
                    .anyMatch(packet -> Integer.parseInt(packet.getOrDefault("frame.len", "0")) > LARGEST_FRAME);
        }
    }

    private static void assertOuterHeader(Tunnel tunnel, Map<String, String> packet) {
        if (tunnel.mode.isOuterIpv6()) {
            assertThat(packet.getOrDefault("gre.proto", "")).startsWith("0x6558");
            assertThat(packet.getOrDefault("ipv6.dst", "")).startsWith("2001:db8:ffff::2");
        } else {
            assertThat(packet.getOrDefault("ip.proto", "")).startsWith(protocol(tunnel));
            assertThat(packet.getOrDefault("ip.dst", "")).startsWith("203.0.113.2");
            assertThat(packet.getOrDefault("ip.checksum.status", "")).startsWith("1");
        }
    }

    private static String protocol(Tunnel tunnel) {
        return tunnel.mode == Mode.SIT && tunnel.hasRemote && tunnel.payload() == Payload.ANY
                ? "4,"
                : String.valueOf(tunnel.mode.protocol());
    }

    /** Tells a host where the other end of a tunnel without a remote is. */
    private static void pointOut(Tunnel tunnel, Host here, Host there, String inner) {
        String address = Prefix.parse(inner).address().getHostAddress();
        String outer = there.address().getHostAddress();
        if (tunnel == BY_ROUTE) {
            run(here, "route", "add", address, "via", outer, "dev", DEVICE, "onlink");
        }
    }

    private static void run(Host host, String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        host.exec(LIMIT, command).orThrow();
    }

    private static void transfer(Lab lab, InetAddress right, long bytes) {
        TcpTransfer.Result result = TcpTransfer.checked(lab.left(), lab.right(), right, bytes, LIMIT);
        assertThat(result.bytes()).isEqualTo(bytes);
        assertThat(result.received()).isEqualTo(result.sent());
    }

    private static LabGateway gateway(Case test, Host here, Host there, String inner) {
        // The lab has no IPv6 outside of tunnels.
        here.sysctl("net.ipv6.conf.default.disable_ipv6", "0");
        TunnelSpecBuilder spec = TunnelSpec.builder(DEVICE, test.tunnel.mode)
                .local(address(test, here))
                .addresses(List.of(Prefix.parse(inner)))
                .sit(test.tunnel.options);
        if (test.tunnel.mode == Mode.SIT) {
            spec.payload(test.tunnel.payload());
        }
        if (test.tunnel.hasRemote) {
            spec.remote(address(test, there));
        }
        return LabGateway.on(here).lane(test.lane).tunnel(spec.build()).launch();
    }

    private static InetAddress address(Case test, Host host) {
        return test.tunnel.mode.isOuterIpv6() ? host.ipv6Address() : host.address();
    }
}
