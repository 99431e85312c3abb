package io.culvert.gateway;

import io.culvert.tunnel.Keepalive;
import io.culvert.tunnel.KeepalivePacket;
import io.culvert.tunnel.Tunnel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sends the keepalives of tunnels and judges by those that come back whether each tunnel is up, as Cisco routers do: a
 * tunnel is down once as many as its retries stay away, and up again with the first that comes. The conductor's thread only.
 */
final class Keepalives {

    private static final System.Logger LOG = System.getLogger(Keepalives.class.getName());

    private final Output output;
    private final Map<String, Probe> probes = new HashMap<>();

    /** What it does to the world. */
    interface Output {

        /** Sends a whole outer packet of the tunnel. */
        void send(Tunnel tunnel, byte[] packet);

        /** Says whether the tunnel's device has a carrier. */
        void carrier(Tunnel tunnel, boolean on);
    }

    /** One tunnel's keepalives. */
    private static final class Probe {
        private long nextNanos;
        private int missing;

        Probe(long nowNanos) {
            nextNanos = nowNanos;
        }
    }

    Keepalives(Output output) {
        this.output = output;
    }

    /** Does what the time demands; about once a second. */
    void tick(List<Tunnel> tunnels, long nowNanos) {
        probes.keySet()
                .retainAll(tunnels.stream().map(tunnel -> tunnel.spec().name()).toList());
        for (Tunnel tunnel : tunnels) {
            Keepalive keepalive = tunnel.spec().keepalive();
            if (keepalive != null && keepalive.interval() > 0) {
                Probe probe = probes.computeIfAbsent(tunnel.spec().name(), _ -> new Probe(nowNanos));
                judge(tunnel, keepalive, probe, nowNanos);
            } else if (probes.remove(tunnel.spec().name()) != null) {
                silent(tunnel, false);
            }
        }
    }

    private void judge(Tunnel tunnel, Keepalive keepalive, Probe probe, long nowNanos) {
        if (tunnel.keepalives().take() > 0) {
            probe.missing = 0;
            silent(tunnel, false);
        }
        if (nowNanos - probe.nextNanos < 0) {
            return;
        }
        if (probe.missing >= keepalive.retries()) {
            silent(tunnel, true);
        }
        output.send(tunnel, KeepalivePacket.of(tunnel.spec()));
        probe.missing++;
        probe.nextNanos = nowNanos + keepalive.interval() * 1_000_000_000L;
    }

    private void silent(Tunnel tunnel, boolean now) {
        if (tunnel.keepalives().isSilent() == now) {
            return;
        }
        tunnel.keepalives().silent(now);
        output.carrier(tunnel, !now);
        LOG.log(
                System.Logger.Level.INFO,
                "tunnel \"" + tunnel + "\": "
                        + (now ? "no keepalive comes back: it is down" : "a keepalive came back: it is up"));
    }
}
