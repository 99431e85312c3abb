package io.culvert.linux.socket;

import java.net.InetAddress;

/**
 * A UDP socket that sends and receives super-packets: many datagrams of one size in one message.
 *
 * <p>{@link #send} and {@link #receive} may run at the same time in two threads, with a batch each.
 */
public final class UdpSocket implements AutoCloseable {

    private final SocketHandle socket;

    private UdpSocket(SocketHandle socket) {
        this.socket = socket;
    }

    /** Opens an unbound socket. An IPv6 socket carries IPv6 only. */
    public static UdpSocket open(boolean ipv6) {
        if (!ipv6) {
            return new UdpSocket(SocketHandle.open(Abi.AF_INET, Abi.SOCK_DGRAM, 0, "AF_INET, SOCK_DGRAM"));
        }
        SocketHandle socket = SocketHandle.open(Abi.AF_INET6, Abi.SOCK_DGRAM, 0, "AF_INET6, SOCK_DGRAM");
        socket.setOption(Abi.IPPROTO_IPV6, Abi.IPV6_V6ONLY, "IPV6_V6ONLY", true);
        return new UdpSocket(socket);
    }

    /**
     * Receives what is sent to {@code local} and {@code port}, and sends from there.
     *
     * @param port 0 lets the kernel choose: {@link #localPort}
     */
    public void bind(InetAddress local, int port) {
        socket.bind(local, port);
    }

    /** The local port, 0 if not bound. */
    public int localPort() {
        return socket.localPort();
    }

    /** Whether the kernel may merge datagrams of one flow into a message: {@link MessageBatch#segmentSize(int)}. Linux 5.0. */
    public void setReceiveOffload(boolean on) {
        socket.setOption(Abi.SOL_UDP, Abi.UDP_GRO, "UDP_GRO", on);
    }

    /** Cuts every sent message into datagrams of this many bytes; 0 sends it as one. */
    public void setSegmentSize(int bytes) {
        socket.setOption(Abi.SOL_UDP, Abi.UDP_SEGMENT, "UDP_SEGMENT", bytes);
    }

    /**
     * Sets the receive buffer, past the system's limit where CAP_NET_ADMIN allows.
     *
     * @return bytes that the kernel gave: twice what was asked, its own bookkeeping included, or less
     */
    public int setReceiveBuffer(int bytes) {
        return socket.setReceiveBuffer(bytes);
    }

    /** Sets the send buffer, as {@link #setReceiveBuffer} does. */
    public int setSendBuffer(int bytes) {
        return socket.setSendBuffer(bytes);
    }

    /** Receives only what {@code filter} accepts, from now on. Its offsets count from the UDP header. */
    public void attach(SocketFilter filter) {
        filter.attach(socket.fd());
    }

    /** Datagrams that did not fit into the receive buffer since the socket was opened, modulo 2<sup>32</sup>. */
    public long receiveDrops() {
        return socket.receiveDrops();
    }

    /**
     * Sends messages {@code first} to {@code first + count - 1} without blocking.
     *
     * @return how many were sent, or, if the first of them failed, {@code -errno}: EIO the interface cannot sum segments,
     *     EINVAL more than 64 segments or 65,507 bytes, EAGAIN the buffer is full, ECONNREFUSED an earlier message was
     *     refused
     */
    public int send(MessageBatch batch, int first, int count) {
        return socket.send(batch, first, count);
    }

    /**
     * Receives up to {@code count} messages from {@code first} on, without blocking. {@link MessageBatch#prepareReceive}
     * them first.
     *
     * @return how many were received, or {@code -errno}: EAGAIN nothing there
     */
    public int receive(MessageBatch batch, int first, int count) {
        return socket.receive(batch, first, count);
    }

    /** The descriptor, to be watched by {@link io.culvert.linux.Epoll}; -1 once closed. */
    public int fd() {
        return socket.fd();
    }

    @Override
    public void close() {
        socket.close();
    }
}
