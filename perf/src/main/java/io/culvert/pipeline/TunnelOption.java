package io.culvert.pipeline;

import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.InnerDevice;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.net.InetAddress;

/** The tunnels that benchmarks send through, from the cheapest header to the dearest. */
public enum TunnelOption {
    IPIP,
    GRE,
    GRE_KEY_CSUM_SEQ;

    private static final byte[] LINK = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};
    private static final int OUTER_MTU = 1500;

    /** A tunnel with a resolved route of 1500 bytes; the index, 0 to 65535, makes remote and key its own. */
    public Tunnel tunnel(int index) {
        return tunnel(index, gateway(), peer(index));
    }

    /** The other end of {@link #tunnel}: what it sends, that receives. */
    Tunnel peerTunnel(int index) {
        return tunnel(index, peer(index), gateway());
    }

    private static InetAddress gateway() {
        return InetAddress.ofLiteral("203.0.113.1");
    }

    private static InetAddress peer(int index) {
        return InetAddress.ofLiteral("198.18." + (index >>> 8) + "." + (index & 0xff));
    }

    private Tunnel tunnel(int index, InetAddress local, InetAddress remote) {
        TunnelSpecBuilder spec = TunnelSpec.builder("t" + index, this == IPIP ? Mode.IPIP : Mode.GRE)
                .local(local)
                .remote(remote)
                .ttl(64);
        if (this == GRE_KEY_CSUM_SEQ) {
            spec.key(index).csum(true).seq(true);
        }
        Tunnel tunnel = new Tunnel(spec.build(), new NoDevice(), 1, 0);
        tunnel.route(OuterRoute.resolved(2, OUTER_MTU, tunnel.spec().local(), LINK));
        DropReason unusable = tunnel.outerHeader().unusable();
        if (unusable != null) {
            throw new IllegalStateException(tunnel + " cannot send: " + unusable.text());
        }
        return tunnel;
    }

    /** Benchmarks end before the egress stage. */
    private static final class NoDevice implements InnerDevice {
        @Override
        public int read(long address, int length) {
            throw new UnsupportedOperationException("nothing is read");
        }

        @Override
        public int write(long address, int length) {
            throw new UnsupportedOperationException("nothing is written");
        }

        @Override
        public int writePieces(long iovecs, int count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean namesProtocols() {
            return false;
        }

        @Override
        public boolean takesUdpSuperPackets() {
            return true;
        }
    }
}
