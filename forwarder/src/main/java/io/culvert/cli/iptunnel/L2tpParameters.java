package io.culvert.cli.iptunnel;

import io.culvert.tunnel.Ipv6Outer;
import io.culvert.tunnel.L2tpCookie;
import io.culvert.tunnel.L2tpOptions;
import io.culvert.tunnel.L2tpTunnel;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.UdpEncap;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a command line says of a tunnel or session of L2TPv3, at {@code ip l2tp}'s defaults. */
final class L2tpParameters {

    /** 0.0.0.0, which has a family, other than the word {@code any}. */
    static final InetAddress ANY = InetAddress.ofLiteral("0.0.0.0");

    /** What the kernel's sockets send with. */
    private static final int TTL = 64;

    boolean tunnel;
    boolean session;
    int tunnelId;
    int peerTunnelId;
    int sessionId;
    int peerSessionId;

    @Nullable
    InetAddress local;

    @Nullable
    InetAddress remote;

    boolean udp = true;
    int sport;
    int dport;
    boolean csum;
    boolean csum6Tx = true;
    boolean csum6Rx = true;
    String name = "";
    L2tpCookie cookie = L2tpCookie.NONE;
    L2tpCookie peerCookie = L2tpCookie.NONE;
    boolean sublayer = true;
    boolean ppp;
    boolean iseq;
    boolean oseq;

    /**
     * The tunnel.
     *
     * @throws TunnelException if it is none of a gateway's
     */
    L2tpTunnel toTunnel() throws TunnelException {
        boolean isIpv6 = local instanceof Inet6Address;
        if (udp && isIpv6 && csum6Tx != csum6Rx) {
            throw TunnelException.refused("udp6_csum_tx and udp6_csum_rx are one option here: say the same of both");
        }
        UdpEncap encap = udp ? new UdpEncap(UdpEncap.Kind.L2TP, sport, dport, isIpv6 ? csum6Tx : csum) : null;
        return new L2tpTunnel(
                tunnelId,
                peerTunnelId,
                isIpv6 ? Mode.IP6L2TP : Mode.L2TP,
                withoutAny(local),
                Objects.requireNonNull(remote),
                encap);
    }

    private static @Nullable InetAddress withoutAny(@Nullable InetAddress address) {
        return address == null || address.isAnyLocalAddress() ? null : address;
    }

    /** The session in that tunnel, with the outer header that Linux gives it. */
    TunnelSpec toSession(L2tpTunnel in, String device) {
        Ipv6Outer ipv6 = Ipv6Outer.DEFAULT;
        return in.session(device)
                .ttl(TTL)
                .ipv6(in.mode().isOuterIpv6() ? ipv6.withEncapLimit(Ipv6Outer.NO_LIMIT) : ipv6)
                .iseq(iseq)
                .oseq(oseq)
                .l2tp(new L2tpOptions(
                        in.id(), in.peerId(), sessionId, peerSessionId, cookie, peerCookie, sublayer, ppp))
                .build();
    }
}
