package io.culvert.tunnel;

import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the sessions of one L2TPv3 tunnel have in common, as {@code ip l2tp add tunnel} says it. It carries nothing itself:
 * packets name sessions only.
 *
 * @param id this end's name of it, unsigned; 0 for that of sessions which do not say it
 * @param peerId the peer's name of it, unsigned
 * @param mode l2tp or ip6l2tp
 * @param local outer source; null for any
 * @param remote outer destination
 * @param encap UDP between outer header and shim; null for none
 */
public record L2tpTunnel(
        int id,
        int peerId,
        Mode mode,
        @Nullable InetAddress local,
        InetAddress remote,
        @Nullable UdpEncap encap) {

    /** The tunnel of a session; null if the specification is none of a session. */
    public static @Nullable L2tpTunnel of(TunnelSpec spec) {
        if (!spec.mode().isL2tp()) {
            return null;
        }
        return new L2tpTunnel(
                spec.l2tp().tunnelId(),
                spec.l2tp().peerTunnelId(),
                spec.mode(),
                spec.local(),
                Objects.requireNonNull(spec.remote()),
                spec.encap());
    }

    /** A session in it, to which its own IDs, cookies and sublayer are still to be said. */
    public TunnelSpecBuilder session(String device) {
        return TunnelSpec.builder(device, mode).local(local).remote(remote).encap(encap);
    }
}
