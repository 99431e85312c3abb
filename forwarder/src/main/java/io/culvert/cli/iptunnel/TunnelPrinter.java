package io.culvert.cli.iptunnel;

import io.culvert.cli.iptunnel.RunningTunnel.Received;
import io.culvert.cli.iptunnel.RunningTunnel.Transmitted;
import io.culvert.config.Tos;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.SitOptions;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.wire.AddressText;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints tunnels as {@code ip tunnel show} does. */
final class TunnelPrinter {

    /** The last bit of {@link TunnelSpec#tos()}. */
    static final int INHERIT = 1;

    private final TunnelOptions options;

    /** What starts a new line inside a tunnel's text. */
    private final String newLine;

    TunnelPrinter(TunnelOptions options) {
        this.options = options;
        this.newLine = options.oneLine() ? "\\" : "\n";
    }

    /** All of them, as the options say: text, with statistics, or JSON. */
    String list(List<RunningTunnel> tunnels) {
        if (options.json()) {
            return new TunnelJson(options.statistics(), options.pretty()).list(tunnels);
        }
        StringBuilder text = new StringBuilder();
        for (RunningTunnel tunnel : tunnels) {
            text.append(line(tunnel.spec()));
            if (tunnel.pty() != null) {
                // Of mode pptp, which ip does not have.
                text.append(" pty ").append(tunnel.pty());
            }
            if (options.statistics()) {
                text.append(newLine).append(statistics(tunnel.received(), tunnel.transmitted()));
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** One tunnel, without the line feed at its end. */
    String line(TunnelSpec spec) {
        boolean isIpv6 = spec.mode().isOuterIpv6();
        String any = isIpv6 ? "::" : "any";
        StringBuilder text = new StringBuilder(spec.name()).append(": ").append(spec.family());
        text.append(" remote ").append(address(spec.remote(), any));
        text.append(" local ").append(address(spec.local(), any));
        if (isIpv6) {
            Ipv6Printer.append(text, spec);
        } else {
            appendIpv4(text, spec);
        }
        if (spec.mode() == Mode.PPTP) {
            text.append(" call_id ").append(spec.pptp().callId());
            text.append(" peer_call_id ").append(spec.pptp().peerCallId());
        }
        keys(spec)
                .forEach(
                        (word, key) -> text.append(' ').append(word).append(' ').append(key));
        if (spec.mode().isKeyed()) {
            appendFlag(text, spec.iseq(), "Drop packets out of sequence.");
            appendFlag(text, spec.icsum(), "Checksum in received packet is required.");
            appendFlag(text, spec.oseq(), "Sequence packets on output.");
            appendFlag(text, spec.ocsum(), "Checksum output packets.");
        }
        return text.toString();
    }

    private static void appendIpv4(StringBuilder text, TunnelSpec spec) {
        spec.sit().prlDefault().forEach(router -> text.append(" pdr ").append(router.getHostAddress()));
        spec.sit().prlNodefault().forEach(router -> text.append(" pr ").append(router.getHostAddress()));
        if (spec.dev() != null) {
            text.append(" dev ").append(spec.dev());
        }
        text.append(" ttl ").append(spec.ttl() == 0 ? "inherit" : String.valueOf(spec.ttl()));
        if (spec.tos() != 0) {
            text.append(" tos ").append(tos(spec.tos()));
        }
        if (!spec.pmtudisc()) {
            text.append(" nopmtudisc");
        }
        if (spec.mode().identity() == Mode.SIT && spec.sit().sixRdPrefix().length() > 0) {
            appendSixRd(text, spec.sit());
        }
    }

    private static void appendSixRd(StringBuilder text, SitOptions options) {
        text.append(" 6rd-prefix ").append(prefix(options.sixRdPrefix()));
        if (!options.sixRdRelayPrefix().address().isAnyLocalAddress()) {
            text.append(" 6rd-relay_prefix ").append(prefix(options.sixRdRelayPrefix()));
        }
    }

    private static String prefix(Prefix prefix) {
        return AddressText.of(prefix.address()) + "/" + prefix.length();
    }

    static String address(@Nullable InetAddress address, String any) {
        return address == null ? any : AddressText.of(address);
    }

    private static String tos(int tos) {
        if (tos == INHERIT) {
            return "inherit";
        }
        return ((tos & INHERIT) != 0 ? "inherit/" : "") + Tos.nameOf(tos & ~INHERIT);
    }

    /** The keys as {@code ip} shows them, by their words; mode vti always has both, 0 if none was given. */
    static Map<String, String> keys(TunnelSpec spec) {
        Integer none = spec.mode() == Mode.VTI ? Integer.valueOf(0) : null;
        Integer ikey = spec.ikey() == null ? none : spec.ikey();
        Integer okey = spec.okey() == null ? none : spec.okey();
        Map<String, String> keys = new LinkedHashMap<>();
        if (ikey != null && ikey.equals(okey)) {
            keys.put("key", Integer.toUnsignedString(ikey));
            return keys;
        }
        if (ikey != null) {
            keys.put("ikey", Integer.toUnsignedString(ikey));
        }
        if (okey != null) {
            keys.put("okey", Integer.toUnsignedString(okey));
        }
        return keys;
    }

    private void appendFlag(StringBuilder text, boolean isSet, String sentence) {
        if (isSet) {
            text.append(newLine).append("  ").append(sentence);
        }
    }

    private String statistics(Received received, Transmitted transmitted) {
        return "RX: Packets    Bytes        Errors CsumErrs OutOfSeq Mcasts" + newLine
                + String.format(
                        "    %-10d %-12d %-6d %-8d %-8d %-8d",
                        received.packets(),
                        received.bytes(),
                        received.errors(),
                        received.checksumErrors(),
                        received.outOfSequence(),
                        0)
                + newLine
                + "TX: Packets    Bytes        Errors DeadLoop NoRoute  NoBufs" + newLine
                + String.format(
                        "    %-10d %-12d %-6d %-8d %-8d %-6d",
                        transmitted.packets(),
                        transmitted.bytes(),
                        transmitted.errors(),
                        transmitted.loops(),
                        transmitted.noRoute(),
                        transmitted.noBuffers());
    }
}
