package io.culvert.pipeline;

import io.culvert.linux.socket.SocketFilter;
import io.culvert.linux.socket.UdpSocket;
import io.culvert.tunnel.OuterProtocol;
import io.culvert.wire.Addresses;

/**
 * A UDP port whose datagrams other sockets of the gateway receive with their outer headers. While it is open the kernel
 * answers none of them with port unreachable, and nobody else gets the port.
 */
final class UdpPort implements AutoCloseable {

    /** Where the destination port is in a UDP header. */
    static final int OFFSET = 2;

    private final UdpSocket socket;

    /** @throws io.culvert.linux.ErrnoException if the port is somebody else's */
    UdpPort(OuterProtocol protocol) {
        socket = UdpSocket.open(protocol.ipv6());
        try {
            socket.attach(SocketFilter.refuseAll());
            socket.bind(Addresses.of(new byte[protocol.ipv6() ? 16 : 4]), protocol.port());
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Receives, by a raw socket, only what is sent to that port. One for IPv6 has no IP header in front. */
    static SocketFilter filter(OuterProtocol protocol) {
        SocketFilter.Builder filter = SocketFilter.builder();
        if (protocol.ipv6()) {
            filter.loadHalf(OFFSET);
        } else {
            filter.indexByIpv4HeaderLength(0).loadHalfIndexed(OFFSET);
        }
        return filter.jumpIfNotEqual(protocol.port(), "refuse")
                .accept()
                .label("refuse")
                .refuse()
                .build();
    }

    @Override
    public void close() {
        socket.close();
    }
}
