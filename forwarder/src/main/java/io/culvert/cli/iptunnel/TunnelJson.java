package io.culvert.cli.iptunnel;

import io.culvert.cli.iptunnel.RunningTunnel.Received;
import io.culvert.cli.iptunnel.RunningTunnel.Transmitted;
import io.culvert.config.Tos;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.wire.AddressText;
import java.util.ArrayList;
import java.util.List;

/** Prints tunnels as {@code ip -j tunnel show} does, its white space included. */
final class TunnelJson {

    private final boolean statistics;
    private final boolean pretty;

    TunnelJson(boolean statistics, boolean pretty) {
        this.statistics = statistics;
        this.pretty = pretty;
    }

    String list(List<RunningTunnel> tunnels) {
        return JsonMembers.list(tunnels.stream().map(this::object).toList(), pretty);
    }

    /** With the line feed that {@code ip} has behind it. */
    private String object(RunningTunnel tunnel) {
        TunnelSpec spec = tunnel.spec();
        boolean isIpv6 = spec.mode().isOuterIpv6();
        JsonMembers members = new JsonMembers(pretty);
        members.text("ifname", spec.name());
        members.text("mode", spec.family());
        members.text("remote", TunnelPrinter.address(spec.remote(), isIpv6 ? "::" : "0.0.0.0"));
        members.text("local", TunnelPrinter.address(spec.local(), isIpv6 ? "::" : "0.0.0.0"));
        if (isIpv6) {
            Ipv6Printer.addMembers(members, spec);
        } else {
            addIpv4(members, spec);
        }
        if (spec.mode() == Mode.PPTP) {
            members.number("call_id", spec.pptp().callId());
            members.number("peer_call_id", spec.pptp().peerCallId());
        }
        if (tunnel.pty() != null) {
            members.text("pty", tunnel.pty());
        }
        TunnelPrinter.keys(spec).forEach((word, key) -> members.json(word, key));
        if (spec.mode().isKeyed()) {
            members.json("flags", flags(spec));
        }
        if (statistics) {
            members.json("stats64", stats64(tunnel.received(), tunnel.transmitted()));
        }
        return members.object() + "\n";
    }

    private static void addIpv4(JsonMembers members, TunnelSpec spec) {
        spec.sit().prlDefault().forEach(router -> members.text("pdr", router.getHostAddress()));
        spec.sit().prlNodefault().forEach(router -> members.text("pr", router.getHostAddress()));
        if (spec.dev() != null) {
            members.text("dev", spec.dev());
        }
        if (spec.ttl() != 0) {
            members.number("ttl", spec.ttl());
        }
        if ((spec.tos() & ~TunnelPrinter.INHERIT) != 0) {
            members.text("tos", Tos.nameOf(spec.tos()));
        }
        if (!spec.pmtudisc()) {
            members.flag("nopmtudisc");
        }
        if (spec.mode().identity() == Mode.SIT && spec.sit().sixRdPrefix().length() > 0) {
            addSixRd(members, spec.sit().sixRdPrefix(), spec.sit().sixRdRelayPrefix());
        }
    }

    private static void addSixRd(JsonMembers members, Prefix prefix, Prefix relayPrefix) {
        members.text("6rd-prefix", AddressText.of(prefix.address()));
        members.number("6rd-prefixlen", prefix.length());
        if (!relayPrefix.address().isAnyLocalAddress()) {
            members.text("6rd-relay_prefix", AddressText.of(relayPrefix.address()));
            members.number("6rd-relay_prefixlen", relayPrefix.length());
        }
    }

    private String flags(TunnelSpec spec) {
        List<String> flags = new ArrayList<>();
        if (spec.iseq()) {
            flags.add(JsonMembers.quote("rx_drop_ooseq"));
        }
        if (spec.icsum()) {
            flags.add(JsonMembers.quote("rx_csum"));
        }
        if (spec.oseq()) {
            flags.add(JsonMembers.quote("tx_seq"));
        }
        if (spec.ocsum()) {
            flags.add(JsonMembers.quote("tx_csum"));
        }
        if (!pretty) {
            return "[" + String.join(",", flags) + "]";
        }
        return flags.isEmpty() ? "[ ]" : "[ " + String.join(",", flags) + " ]";
    }

    /** {@code ip} prints its text table into the JSON here, which no parser takes: these are {@code ip link}'s words. */
    private static String stats64(Received received, Transmitted transmitted) {
        return String.format(
                "{\"rx\":{\"packets\":%d,\"bytes\":%d,\"errors\":%d,\"frame_errors\":%d,\"fifo_errors\":%d,\"multicast\":0},"
                        + "\"tx\":{\"packets\":%d,\"bytes\":%d,\"errors\":%d,\"collisions\":%d,\"carrier_errors\":%d,\"dropped\":%d}}",
                received.packets(),
                received.bytes(),
                received.errors(),
                received.checksumErrors(),
                received.outOfSequence(),
                transmitted.packets(),
                transmitted.bytes(),
                transmitted.errors(),
                transmitted.loops(),
                transmitted.noRoute(),
                transmitted.noBuffers());
    }
}
