package io.culvert.gateway;

import io.culvert.linux.ErrnoException;
import io.culvert.tunnel.RouterSolicitor;
import io.culvert.tunnel.Tunnel;
import java.util.List;
import java.util.function.Predicate;

/** What the gateway itself sends to peers: keepalives, router solicitations and acknowledgments. The conductor's thread only. */
final class OwnPackets implements Keepalives.Output, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(OwnPackets.class.getName());

    private final TunnelsInForce inForce;
    private final OuterSender sender = new OuterSender();
    private final Keepalives keepalives = new Keepalives(this);

    OwnPackets(TunnelsInForce inForce) {
        this.inForce = inForce;
    }

    /**
     * Sends what is due, once a second.
     *
     * @param isDown whether a tunnel's device is down
     */
    void tick(Predicate<Tunnel> isDown) {
        List<Tunnel> tunnels = inForce.register().tunnels();
        for (Tunnel tunnel : tunnels) {
            RouterSolicitor solicitor = tunnel.routerSolicitor();
            if (solicitor != null && !isDown.test(tunnel)) {
                solicitor.due(System.nanoTime()).forEach(packet -> sender.send(tunnel, packet));
            }
        }
        keepalives.tick(tunnels, System.nanoTime());
    }

    /** Acknowledges what the paths have received and not acknowledged, as nothing went to the peer. */
    void acknowledge() {
        for (Tunnel tunnel : inForce.register().calls()) {
            if (tunnel.call().owesAcknowledgment()) {
                sender.acknowledge(tunnel);
            }
        }
    }

    @Override
    public void send(Tunnel tunnel, byte[] packet) {
        sender.send(tunnel, packet);
    }

    @Override
    public void carrier(Tunnel tunnel, boolean on) {
        try {
            inForce.register().port(tunnel).carrier(on);
        } catch (ErrnoException e) {
            // Kernels before 4.21 know no carrier of such devices: routes stay, and the state tells all the same.
            LOG.log(System.Logger.Level.DEBUG, "{0}", e.getMessage());
        }
    }

    @Override
    public void close() {
        sender.close();
    }
}
