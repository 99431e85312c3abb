package io.culvert.cli.iptunnel;

import io.culvert.tunnel.L2tpCookie;
import io.culvert.tunnel.L2tpOptions;
import io.culvert.tunnel.L2tpTunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.UdpEncap;
import io.culvert.wire.AddressText;
import java.net.InetAddress;
import java.util.List;

/** Prints tunnels and sessions of L2TPv3 as {@code ip l2tp show} does, as text or JSON. */
final class L2tpPrinter {

    private final TunnelOptions options;

    /** What ends most lines. */
    private final String newLine;

    L2tpPrinter(TunnelOptions options) {
        this.options = options;
        newLine = options.oneLine() ? "\\" : "\n";
    }

    String tunnels(List<L2tpTunnel> tunnels) {
        if (options.json()) {
            return JsonMembers.list(tunnels.stream().map(this::object).toList(), options.pretty());
        }
        StringBuilder text = new StringBuilder();
        tunnels.forEach(tunnel -> append(text, tunnel));
        return text.toString();
    }

    private void append(StringBuilder text, L2tpTunnel tunnel) {
        UdpEncap encap = tunnel.encap();
        text.append("Tunnel ").append(unsigned(tunnel.id()));
        text.append(", encap ").append(encap == null ? "IP" : "UDP").append(newLine);
        text.append("  From ").append(local(tunnel));
        text.append(" to ").append(AddressText.of(tunnel.remote())).append(newLine);
        text.append("  Peer tunnel ").append(unsigned(tunnel.peerId())).append(newLine);
        if (encap != null) {
            text.append("  UDP source / dest ports: ").append(encap.sport());
            text.append('/').append(encap.dport()).append(newLine);
            // A line feed whatever the options.
            text.append("  UDP checksum: ")
                    .append(encap.csum() ? "enabled" : "disabled")
                    .append('\n');
        }
    }

    private String object(L2tpTunnel tunnel) {
        UdpEncap encap = tunnel.encap();
        JsonMembers members = new JsonMembers(options.pretty());
        members.json("tunnel_id", unsigned(tunnel.id()));
        members.text("encap", encap == null ? "IP" : "UDP");
        members.text("local", local(tunnel));
        members.text("peer", AddressText.of(tunnel.remote()));
        members.json("peer_tunnel", unsigned(tunnel.peerId()));
        if (encap != null) {
            members.number("local_port", encap.sport());
            members.number("peer_port", encap.dport());
            String csum = String.valueOf(encap.csum());
            if (tunnel.mode().isOuterIpv6()) {
                members.json("checksum_tx", csum);
                members.json("checksum_rx", csum);
            } else {
                members.json("checksum", csum);
            }
        }
        return members.object();
    }

    private static String local(L2tpTunnel tunnel) {
        InetAddress local = tunnel.local();
        return local != null ? AddressText.of(local) : tunnel.mode().isOuterIpv6() ? "::" : "0.0.0.0";
    }

    String sessions(List<RunningTunnel> sessions) {
        if (options.json()) {
            return JsonMembers.list(sessions.stream().map(this::object).toList(), options.pretty());
        }
        StringBuilder text = new StringBuilder();
        sessions.forEach(session -> append(text, session));
        return text.toString();
    }

    private void append(StringBuilder text, RunningTunnel session) {
        TunnelSpec spec = session.spec();
        L2tpOptions l2tp = spec.l2tp();
        text.append("Session ").append(unsigned(l2tp.sessionId()));
        text.append(" in tunnel ").append(unsigned(l2tp.tunnelId())).append(newLine);
        text.append("  Peer session ").append(unsigned(l2tp.peerSessionId()));
        text.append(", tunnel ").append(unsigned(l2tp.peerTunnelId())).append(newLine);
        text.append("  interface name: ").append(spec.name()).append(newLine);
        if (session.pty() != null) {
            // Of PPP frames, which ip l2tp makes no session for.
            text.append("  pty: ").append(session.pty()).append(newLine);
        }
        text.append("  offset 0, peer offset 0\n");
        text.append(hasCookie(l2tp.cookie()) ? "  cookie " + l2tp.cookie() : "");
        text.append(hasCookie(l2tp.peerCookie()) ? "  peer cookie " + l2tp.peerCookie() : "");
        if (spec.iseq() || spec.oseq()) {
            text.append(newLine).append("  sequence numbering:");
            text.append(spec.oseq() ? " send" : "").append(spec.iseq() ? " recv" : "");
        }
        text.append('\n');
    }

    private String object(RunningTunnel session) {
        TunnelSpec spec = session.spec();
        L2tpOptions l2tp = spec.l2tp();
        JsonMembers members = new JsonMembers(options.pretty());
        members.json("session_id", unsigned(l2tp.sessionId()));
        members.json("tunnel_id", unsigned(l2tp.tunnelId()));
        members.json("peer_session_id", unsigned(l2tp.peerSessionId()));
        members.json("peer_tunnel_id", unsigned(l2tp.peerTunnelId()));
        members.text("interface", spec.name());
        if (session.pty() != null) {
            members.text("pty", session.pty());
        }
        if (hasCookie(l2tp.cookie())) {
            members.text("cookie", l2tp.cookie().toString());
        }
        if (hasCookie(l2tp.peerCookie())) {
            members.text("peer_cookie", l2tp.peerCookie().toString());
        }
        if (spec.oseq()) {
            members.flag("send_seq");
        }
        if (spec.iseq()) {
            members.flag("recv_seq");
        }
        return members.object();
    }

    private static boolean hasCookie(L2tpCookie cookie) {
        return cookie.length() > 0;
    }

    private static String unsigned(int id) {
        return Integer.toUnsignedString(id);
    }
}
