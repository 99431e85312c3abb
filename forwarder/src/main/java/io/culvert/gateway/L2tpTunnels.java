package io.culvert.gateway;

import io.culvert.tunnel.L2tpTunnel;
import io.culvert.tunnel.TunnelSpec;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * The tunnels of L2TPv3 by their IDs, with sessions or without: as in Linux one stays when its last session goes. They carry
 * nothing, so they are in no table and in no file; each session has its tunnel's parameters. The conductor's thread only.
 */
final class L2tpTunnels {

    private final TreeMap<Integer, L2tpTunnel> byId = new TreeMap<>(Integer::compareUnsigned);

    /**
     * A tunnel that has no session yet.
     *
     * @throws GatewayException if there is one with that ID
     */
    void add(L2tpTunnel tunnel) {
        if (byId.putIfAbsent(tunnel.id(), tunnel) != null) {
            throw new GatewayException(
                    GatewayException.REFUSED,
                    "L2TP tunnel " + Integer.toUnsignedString(tunnel.id())
                            + " exists: delete it first with `culvert l2tp del tunnel tunnel_id "
                            + Integer.toUnsignedString(tunnel.id()) + "`");
        }
    }

    /**
     * Forgets a tunnel whose sessions are gone.
     *
     * @throws GatewayException if there is none with that ID
     */
    void remove(int id) {
        if (byId.remove(id) == null) {
            throw new GatewayException(
                    GatewayException.REFUSED,
                    "there is no L2TP tunnel " + Integer.toUnsignedString(id) + ": see `culvert l2tp show tunnel`");
        }
    }

    /** Notes the tunnels of sessions that came or changed. */
    void note(Collection<TunnelSpec> specs) {
        for (TunnelSpec spec : specs) {
            L2tpTunnel tunnel = L2tpTunnel.of(spec);
            if (tunnel != null && tunnel.id() != 0) {
                byId.put(tunnel.id(), tunnel);
            }
        }
    }

    /** Has no other tunnels from now on than those of these sessions. */
    void reset(Collection<TunnelSpec> specs) {
        byId.clear();
        note(specs);
    }

    /** All of them, by their IDs. */
    List<L2tpTunnel> all() {
        return List.copyOf(byId.values());
    }
}
