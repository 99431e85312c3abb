package io.culvert.tunnel;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Tunnels for tests, between {@link Packets#LOCAL} and {@link Packets#REMOTE}. */
public final class TestTunnels {

    /** Interface index of the underlay device of {@link #resolved}. */
    public static final int UNDERLAY = 2;

    private static final int DEVICE_INDEX = 100;

    private static final InnerDevice NO_DEVICE = new InnerDevice() {
        @Override
        public int read(long address, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(long address, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int writePieces(long iovecs, int count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean namesProtocols() {
            return true;
        }

        @Override
        public boolean takesUdpSuperPackets() {
            return true;
        }
    };

    private TestTunnels() {}

    /** A specification to be, with both outer addresses. */
    public static TunnelSpecBuilder spec(Mode mode) {
        return TunnelSpec.builder("t1", mode).local(address(Packets.LOCAL)).remote(address(Packets.REMOTE));
    }

    /** A tunnel that is bound to no underlay device. */
    public static Tunnel tunnel(TunnelSpecBuilder spec) {
        return tunnel(spec, 0);
    }

    /** A tunnel that is bound to that underlay device. */
    public static Tunnel tunnel(TunnelSpecBuilder spec, int boundIndex) {
        return withSequences(new Tunnel(spec.build(), NO_DEVICE, DEVICE_INDEX, boundIndex));
    }

    /** A tunnel whose security associations must be given sequence numbers before they send. */
    public static Tunnel unreserved(TunnelSpecBuilder spec) {
        return new Tunnel(spec.build(), NO_DEVICE, DEVICE_INDEX, 0);
    }

    /** A tunnel whose inner side is that device. */
    public static Tunnel tunnel(TunnelSpecBuilder spec, InnerDevice device) {
        return new Tunnel(spec.build(), device, DEVICE_INDEX, 0);
    }

    /** The tunnel, whose security associations may take all sequence numbers that there are. */
    static Tunnel withSequences(Tunnel tunnel) {
        tunnel.associations().all().forEach(association -> association.reserve(Long.MAX_VALUE));
        return tunnel;
    }

    /** A route with a link header of that content. */
    public static OuterRoute resolved(int mtu, int source, byte[] link) {
        return OuterRoute.resolved(UNDERLAY, mtu, address(source), link);
    }

    /** An IPv4 address from its number in host order; 0 is none. */
    public static @Nullable InetAddress address(int address) {
        return address == 0 ? null : ipv4(address);
    }

    /** An IPv4 address from its number in host order. */
    static InetAddress ipv4(int address) {
        try {
            return InetAddress.getByAddress(
                    ByteBuffer.allocate(Integer.BYTES).putInt(address).array());
        } catch (java.net.UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
