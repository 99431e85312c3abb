package io.culvert.cli.iptunnel;

import io.culvert.cli.iptunnel.RunningTunnel.Received;
import io.culvert.cli.iptunnel.RunningTunnel.Transmitted;
import io.culvert.config.Tos;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.SitOptions;
import io.culvert.tunnel.TunnelSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prints tunnels as {@code ip -j tunnel show} does, its white space included. */
final class TunnelJson {

    private final boolean statistics;
    private final boolean pretty;

    TunnelJson(boolean statistics, boolean pretty) {
        this.statistics = statistics;
        this.pretty = pretty;
    }

    String list(List<RunningTunnel> tunnels) {
        if (tunnels.isEmpty()) {
            return pretty ? "[ ]\n" : "[]\n";
        }
        List<String> objects = new ArrayList<>();
        for (RunningTunnel tunnel : tunnels) {
            List<String> members = members(tunnel);
            objects.add(
                    pretty
                            ? "{\n        " + String.join(",\n        ", members) + "\n    }\n"
                            : "{" + String.join(",", members) + "}\n");
        }
        return pretty ? "[ " + String.join(",", objects) + " ]\n" : "[" + String.join(",", objects) + "]\n";
    }

    private List<String> members(RunningTunnel tunnel) {
        TunnelSpec spec = tunnel.spec();
        List<String> members = new ArrayList<>();
        if (spec.mode().isOuterIpv6()) {
            Ipv6Printer.members(spec).forEach(each -> members.add(member(each[0], each[1])));
        } else {
            addIpv4(members, spec);
        }
        addKeys(members, TunnelPrinter.shownKey(spec, spec.ikey()), TunnelPrinter.shownKey(spec, spec.okey()));
        if (spec.mode().isKeyed()) {
            members.add(member("flags", flags(spec)));
        }
        if (statistics) {
            members.add(member("stats64", stats64(tunnel.received(), tunnel.transmitted())));
        }
        return members;
    }

    private void addIpv4(List<String> members, TunnelSpec spec) {
        members.add(member("ifname", quote(spec.name())));
        members.add(member("mode", quote(spec.mode().family())));
        members.add(member("remote", quote(TunnelPrinter.address(spec.remote(), "0.0.0.0"))));
        members.add(member("local", quote(TunnelPrinter.address(spec.local(), "0.0.0.0"))));
        spec.sit().prlDefault().forEach(router -> members.add(member("pdr", quote(router.getHostAddress()))));
        spec.sit().prlNodefault().forEach(router -> members.add(member("pr", quote(router.getHostAddress()))));
        if (spec.dev() != null) {
            members.add(member("dev", quote(spec.dev())));
        }
        if (spec.ttl() != 0) {
            members.add(member("ttl", String.valueOf(spec.ttl())));
        }
        if ((spec.tos() & ~TunnelPrinter.INHERIT) != 0) {
            members.add(member("tos", quote(Tos.nameOf(spec.tos()))));
        }
        if (!spec.pmtudisc()) {
            members.add(member("nopmtudisc", "null"));
        }
        if (spec.mode().identity() == Mode.SIT && spec.sit().sixRdPrefix().length() > 0) {
            addSixRd(members, spec.sit());
        }
    }

    private void addSixRd(List<String> members, SitOptions options) {
        members.add(member(
                "6rd-prefix", quote(TunnelPrinter.ipv6(options.sixRdPrefix().address()))));
        members.add(member("6rd-prefixlen", String.valueOf(options.sixRdPrefix().length())));
        if (!options.sixRdRelayPrefix().address().isAnyLocalAddress()) {
            members.add(member(
                    "6rd-relay_prefix",
                    quote(options.sixRdRelayPrefix().address().getHostAddress())));
            members.add(member(
                    "6rd-relay_prefixlen",
                    String.valueOf(options.sixRdRelayPrefix().length())));
        }
    }

    private void addKeys(List<String> members, @Nullable Integer ikey, @Nullable Integer okey) {
        if (ikey != null && ikey.equals(okey)) {
            members.add(member("key", Integer.toUnsignedString(ikey)));
            return;
        }
        if (ikey != null) {
            members.add(member("ikey", Integer.toUnsignedString(ikey)));
        }
        if (okey != null) {
            members.add(member("okey", Integer.toUnsignedString(okey)));
        }
    }

    private String flags(TunnelSpec spec) {
        List<String> flags = new ArrayList<>();
        if (spec.iseq()) {
            flags.add(quote("rx_drop_ooseq"));
        }
        if (spec.icsum()) {
            flags.add(quote("rx_csum"));
        }
        if (spec.oseq()) {
            flags.add(quote("tx_seq"));
        }
        if (spec.ocsum()) {
            flags.add(quote("tx_csum"));
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

    private String member(String key, String value) {
        return quote(key) + (pretty ? ": " : ":") + value;
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
