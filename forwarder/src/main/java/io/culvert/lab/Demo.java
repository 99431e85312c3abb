package io.culvert.lab;

import io.culvert.tunnel.L2tpCookie;
import io.culvert.tunnel.L2tpOptions;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.PptpOptions;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Two hosts, a gateway on each, and pings and TCP through a tunnel of every mode, or frames where PPP is carried. All tunnels stand at the same time, so
 * that each gateway starts once. One thread.
 */
public final class Demo {

    private static final int PINGS = 20;
    private static final int PING_PAYLOAD = 56;
    private static final int WARM_UP_PINGS = 200;
    private static final Duration WARM_UP_TIMEOUT = Duration.ofMillis(20);
    private static final Duration WARM_UP_TIME = Duration.ofSeconds(1);

    private final Consumer<String> progress;
    private final Duration transferTime;

    /**
     * @param progress is told what is being done, in a few words
     * @param transferTime how long TCP runs through each tunnel
     */
    public Demo(Consumer<String> progress, Duration transferTime) {
        this.progress = progress;
        this.transferTime = transferTime;
    }

    /**
     * What one tunnel did.
     *
     * @param label the mode and its options, as {@code ip tunnel} words
     * @param rttMillis median round-trip time
     * @param gigabitsPerSecond TCP payload, one flow
     * @param word what the judge of the wire format says, or why the tunnel failed
     */
    public record Row(String label, double rttMillis, double gigabitsPerSecond, WireJudge.Word word) {}

    /** A tunnel to show. */
    private record Tunnel(
            String label, TunnelSpec left, TunnelSpec right, InetAddress leftInner, InetAddress rightInner) {}

    /**
     * Runs it all and cleans up.
     *
     * @param rows is given each row when it is known
     * @return whether every tunnel worked
     * @throws MissingRequirementException if this host lacks a privilege, device or program
     * @throws LabException if the hosts or gateways cannot be made, or this JVM is ending
     */
    public boolean run(Consumer<Row> rows) {
        boolean allRight = true;
        progress.accept("making two network namespaces");
        try (Lab lab = Lab.builder().ipv6().build()) {
            List<Tunnel> tunnels = tunnels(lab);
            progress.accept("starting a gateway in each");
            LabGateway.Builder left = LabGateway.on(lab.left());
            LabGateway.Builder right = LabGateway.on(lab.right());
            for (Tunnel tunnel : tunnels) {
                left.tunnel(tunnel.left);
                right.tunnel(tunnel.right);
            }
            try (LabGateway one = left.launch();
                    LabGateway other = right.launch()) {
                one.awaitReady();
                other.awaitReady();
                for (Tunnel tunnel : tunnels) {
                    addIpv6(lab.left(), tunnel.left, tunnel.leftInner);
                    addIpv6(lab.right(), tunnel.right, tunnel.rightInner);
                }
                warmUp(lab, tunnels.getFirst());
                for (Tunnel tunnel : tunnels) {
                    Row row = show(lab, tunnel, one, other);
                    allRight &= row.word.ok();
                    rows.accept(row);
                }
            }
        }
        return allRight;
    }

    /** Lets the gateways' code be compiled, which the first tunnel would pay for else. */
    private void warmUp(Lab lab, Tunnel tunnel) {
        progress.accept("warming up");
        try (Ping ping = Ping.open(lab.left(), tunnel.rightInner)) {
            ping.run(WARM_UP_PINGS, PING_PAYLOAD, WARM_UP_TIMEOUT);
            TcpTransfer.timed(lab.left(), lab.right(), tunnel.rightInner, WARM_UP_TIME);
        } catch (LabException e) {
            progress.accept(tunnel.label + " does not work");
        }
    }

    private Row show(Lab lab, Tunnel tunnel, LabGateway one, LabGateway other) {
        try (Traffic traffic = traffic(lab, tunnel, one, other)) {
            progress.accept(tunnel.label + ": pings");
            Ping.Summary summary;
            WireJudge.Word word;
            if (WireJudge.isThere()) {
                String filter = WireJudge.filter(tunnel.left);
                try (Capture capture = lab.left().capture(Host.UNDERLAY, filter)) {
                    summary = traffic.ping(PINGS, PING_PAYLOAD);
                    word = WireJudge.judge(capture.stop(), tunnel.left);
                }
            } else {
                summary = traffic.ping(PINGS, PING_PAYLOAD);
                word = WireJudge.NONE;
            }
            if (summary.received() < summary.sent()) {
                String lost = summary.received() + " of " + summary.sent() + " pings answered";
                return failed(tunnel, lost);
            }
            progress.accept(tunnel.label + ": as much as goes through");
            return new Row(tunnel.label, summary.medianMillis(), traffic.gigabitsPerSecond(transferTime), word);
        } catch (LabException e) {
            if (lab.isClosed()) {
                throw e;
            }
            return failed(tunnel, String.valueOf(e.getMessage()));
        }
    }

    private static Traffic traffic(Lab lab, Tunnel tunnel, LabGateway one, LabGateway other) {
        return tunnel.left.isPpp()
                ? new PppTraffic(one, other, tunnel.left.name())
                : new IpTraffic(lab, tunnel.rightInner);
    }

    private static Row failed(Tunnel tunnel, String why) {
        return new Row(tunnel.label, Double.NaN, Double.NaN, new WireJudge.Word(false, "failed: " + why));
    }

    /** Every mode with the options that change its wire format. */
    private static List<Tunnel> tunnels(Lab lab) {
        List<Tunnel> tunnels = new ArrayList<>();
        for (Mode mode : Mode.values()) {
            tunnels.add(tunnel(lab, tunnels.size(), mode, false, false));
            if (mode.isKeyed()) {
                tunnels.add(tunnel(lab, tunnels.size(), mode, true, false));
                if (!mode.isErspan()) {
                    tunnels.add(tunnel(lab, tunnels.size(), mode, true, true));
                }
            }
        }
        return tunnels;
    }

    private static Tunnel tunnel(Lab lab, int number, Mode mode, boolean keyed, boolean checked) {
        String label = mode.word() + (keyed ? " key " + number : "") + (checked ? " csum seq" : "");
        String leftInner = inner(lab.left(), mode, number, 1);
        String rightInner = inner(lab.right(), mode, number, 2);
        TunnelSpecBuilder spec = TunnelSpec.builder(mode.word() + number, mode)
                .key(keyed ? number : null)
                .csum(checked)
                .seq(checked);
        if (mode.isL2tp()) {
            spec.l2tp(session(number));
        }
        if (mode == Mode.PPTP) {
            spec.pptp(new PptpOptions(number, number));
        }
        InetAddress leftOuter = outer(lab.left(), mode, number, 1);
        InetAddress rightOuter = outer(lab.right(), mode, number, 2);
        DemoKeys keys = mode.isProtected() ? new DemoKeys(lab.left().directory(), number) : null;
        TunnelSpec left = end(spec.sa(keys == null ? List.of() : keys.left()), mode, leftOuter, rightOuter, leftInner);
        TunnelSpec right =
                end(spec.sa(keys == null ? List.of() : keys.right()), mode, rightOuter, leftOuter, rightInner);
        return new Tunnel(label, left, right, InetAddress.ofLiteral(leftInner), InetAddress.ofLiteral(rightInner));
    }

    /** The same at both ends, with a cookie. */
    private static L2tpOptions session(int number) {
        L2tpCookie cookie = L2tpCookie.parse("014d3636deadbeef");
        return new L2tpOptions(number + 1, number + 1, cookie, cookie, true);
    }

    private static String inner(Host host, Mode mode, int number, int end) {
        return switch (mode) {
            case SIT, IP6IP6 -> "2001:db8:" + number + "::" + end;
            case ISATAP -> "2001:db8:" + number + "::5efe:" + host.address().getHostAddress();
            default -> "192.0.2." + (4 * number + end);
        };
    }

    /** The lab has no IPv6, so a device that is to have it needs leave, and its address after that. */
    private static void addIpv6(Host host, TunnelSpec spec, InetAddress inner) {
        if (inner instanceof Inet6Address) {
            host.sysctl("net.ipv6.conf." + spec.name() + ".disable_ipv6", "0");
            host.exec("ip", "addr", "add", inner.getHostAddress() + "/64", "dev", spec.name());
        }
    }

    /** Over IPv6 each tunnel has addresses of its own: nothing else tells ip6ip6, ipip6 and any6 apart. */
    private static InetAddress outer(Host host, Mode mode, int number, int end) {
        if (!mode.isOuterIpv6()) {
            return host.address();
        }
        String address = "2001:db8:ffff::" + number + ":" + end;
        host.exec("ip", "addr", "add", address + "/64", "dev", Host.UNDERLAY, "nodad")
                .orThrow();
        return InetAddress.ofLiteral(address);
    }

    private static TunnelSpec end(
            TunnelSpecBuilder spec, Mode mode, InetAddress local, InetAddress remote, String inner) {
        return spec.local(local)
                .remote(mode == Mode.ISATAP ? null : remote)
                .addresses(inner.contains(":") || mode == Mode.PPTP ? List.of() : List.of(Prefix.parse(inner + "/30")))
                .build();
    }
}
