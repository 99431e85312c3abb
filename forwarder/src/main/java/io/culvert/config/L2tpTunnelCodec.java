package io.culvert.config;

import io.culvert.tunnel.L2tpCookie;
import io.culvert.tunnel.L2tpOptions;
import io.culvert.tunnel.L2tpTunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpec.Problem;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A tunnel of L2TPv3 as a tree with those keys of {@code [[tunnel]]} that its sessions have in common. */
public final class L2tpTunnelCodec {

    private static final List<String> KEYS = Stream.concat(
                    Stream.of("mode", "local", "remote", L2tpKeys.TUNNEL_ID, L2tpKeys.PEER_TUNNEL_ID),
                    EncapKeys.ALL.stream())
            .toList();

    /** What a tree needs to be one of a session. */
    private static final String ANY_NAME = "session";

    private static final int ANY_SESSION = 1;

    private L2tpTunnelCodec() {}

    /**
     * What a tree says.
     *
     * @param tunnel the tunnel; null if there is any problem
     * @param problems everything that is wrong
     */
    public record Decoded(@Nullable L2tpTunnel tunnel, List<Problem> problems) {}

    /** Reads a tree as that of a session in the tunnel, so that the same is right and wrong for both. */
    public static Decoded decode(ObjectNode tree) {
        ObjectNode session = tree.deepCopy()
                .put("name", ANY_NAME)
                .put(L2tpKeys.SESSION_ID, ANY_SESSION)
                .put(L2tpKeys.PEER_SESSION_ID, ANY_SESSION);
        TunnelSpecCodec.Decoded decoded = TunnelSpecCodec.decode(session);
        TunnelSpec spec = decoded.spec();
        L2tpTunnel tunnel = spec == null ? null : L2tpTunnel.of(spec);
        if (spec != null && (tunnel == null || tunnel.id() == 0)) {
            Problem problem = new Problem(
                    L2tpKeys.TUNNEL_ID, "an L2TP tunnel needs a tunnel_id", "set it, and mode l2tp or ip6l2tp");
            return new Decoded(null, List.of(problem));
        }
        return new Decoded(tunnel, decoded.problems());
    }

    /** Writes a tunnel. */
    public static ObjectNode encode(L2tpTunnel tunnel) {
        L2tpOptions options = new L2tpOptions(
                tunnel.id(), tunnel.peerId(), ANY_SESSION, ANY_SESSION, L2tpCookie.NONE, L2tpCookie.NONE, true, false);
        return TunnelSpecCodec.encode(tunnel.session(ANY_NAME).l2tp(options).build())
                .retain(KEYS);
    }
}
