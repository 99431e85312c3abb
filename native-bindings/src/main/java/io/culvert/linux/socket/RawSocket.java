package io.culvert.linux.socket;

import java.net.InetAddress;

/**
 * A raw IP socket (raw(7)): IP packets of one protocol, received whole, because the kernel reassembles fragments first.
 * IPv4 packets come with their header, IPv6 packets without.
 *
 * <p>{@link #send} and {@link #receive} may run at the same time in two threads, with a batch each.
 */
public final class RawSocket implements AutoCloseable {

    /** Never set DF, and fragment where needed. */
    public static final int PMTUDISC_DONT = 0;
    /** Set DF as the route says. */
    public static final int PMTUDISC_WANT = 1;
    /** Always set DF; EMSGSIZE above the path MTU. */
    public static final int PMTUDISC_DO = 2;
    /** Set DF, and take no notice of the path MTU: EMSGSIZE above the interface's MTU alone. */
    public static final int PMTUDISC_PROBE = 3;
    /** Never set DF, and learn no path MTU, so that nobody can forge one. */
    public static final int PMTUDISC_INTERFACE = 4;
    /** As {@link #PMTUDISC_INTERFACE}, but packets above the interface's MTU are fragmented. */
    public static final int PMTUDISC_OMIT = 5;

    private final SocketHandle socket;
    private final boolean ipv6;

    private RawSocket(SocketHandle socket, boolean ipv6) {
        this.socket = socket;
        this.ipv6 = ipv6;
    }

    /**
     * Opens a socket, which receives from then on.
     *
     * @param protocol the IP protocol, 1 to 255; 255 (IPPROTO_RAW) only sends
     * @throws io.culvert.linux.ErrnoException EPERM without CAP_NET_RAW
     */
    public static RawSocket open(boolean ipv6, int protocol) {
        int domain = ipv6 ? Abi.AF_INET6 : Abi.AF_INET;
        String what = (ipv6 ? "AF_INET6" : "AF_INET") + ", SOCK_RAW, protocol " + protocol;
        return new RawSocket(SocketHandle.open(domain, Abi.SOCK_RAW, protocol, what), ipv6);
    }

    /**
     * Whether sent packets bring their IP header. The kernel fills in IPv4's total length and checksum, and its
     * identification if 0; it fragments them only at a learnt path MTU. IPv6: Linux 4.5.
     */
    public void setHeaderIncluded(boolean on) {
        if (ipv6) {
            socket.setOption(Abi.IPPROTO_IPV6, Abi.IPV6_HDRINCL, "IPV6_HDRINCL", on);
        } else {
            socket.setOption(Abi.IPPROTO_IP, Abi.IP_HDRINCL, "IP_HDRINCL", on);
        }
    }

    /** What to do about DF and the path MTU: one of the {@code PMTUDISC_} constants. */
    public void setPathMtuDiscovery(int mode) {
        if (ipv6) {
            socket.setOption(Abi.IPPROTO_IPV6, Abi.IPV6_MTU_DISCOVER, "IPV6_MTU_DISCOVER", mode);
        } else {
            socket.setOption(Abi.IPPROTO_IP, Abi.IP_MTU_DISCOVER, "IP_MTU_DISCOVER", mode);
        }
    }

    /**
     * Whether ICMP errors and a full queueing discipline (ENOBUFS) are told. They wait in the error queue, which must be
     * {@linkplain #drainErrors drained}: until then the descriptor shows {@link io.culvert.linux.Epoll#ERR}, and the next
     * {@link #receive}, or {@link #send} with the header included, fails with the error instead of doing its work.
     */
    public void setReceiveErrors(boolean on) {
        if (ipv6) {
            socket.setOption(Abi.IPPROTO_IPV6, Abi.IPV6_RECVERR, "IPV6_RECVERR", on);
        } else {
            socket.setOption(Abi.IPPROTO_IP, Abi.IP_RECVERR, "IP_RECVERR", on);
        }
    }

    /** Whether the host itself gets what is sent to IPv4 multicast groups of which it is a member. */
    public void setMulticastLoop(boolean on) {
        socket.setOption(Abi.IPPROTO_IP, Abi.IP_MULTICAST_LOOP, "IP_MULTICAST_LOOP", on);
    }

    /** Whether received packets tell their interface: {@link MessageBatch#packetInfoInterface}. */
    public void setReceivePacketInfo(boolean on) {
        if (ipv6) {
            socket.setOption(Abi.IPPROTO_IPV6, Abi.IPV6_RECVPKTINFO, "IPV6_RECVPKTINFO", on);
        } else {
            socket.setOption(Abi.IPPROTO_IP, Abi.IP_PKTINFO, "IP_PKTINFO", on);
        }
    }

    /** Whether received IPv6 packets tell their traffic class: {@link MessageBatch#trafficClass}. */
    public void setReceiveTrafficClass(boolean on) {
        socket.setOption(Abi.IPPROTO_IPV6, Abi.IPV6_RECVTCLASS, "IPV6_RECVTCLASS", on);
    }

    /** Whether received packets tell how they were fragmented: {@link MessageBatch#fragmentSize}. */
    public void setReceiveFragmentSize(boolean on) {
        if (ipv6) {
            socket.setOption(Abi.IPPROTO_IPV6, Abi.IPV6_RECVFRAGSIZE, "IPV6_RECVFRAGSIZE", on);
        } else {
            socket.setOption(Abi.IPPROTO_IP, Abi.IP_RECVFRAGSIZE, "IP_RECVFRAGSIZE", on);
        }
    }

    /**
     * Sends to and receives from one interface only.
     *
     * @throws io.culvert.linux.ErrnoException ENODEV if there is no interface of that name
     */
    public void bindToDevice(String interfaceName) {
        socket.bindToDevice(interfaceName);
    }

    /**
     * Receives only what is sent to {@code local}, and sends from there.
     *
     * @throws io.culvert.linux.ErrnoException EADDRNOTAVAIL if no interface has the address
     */
    public void bind(InetAddress local) {
        socket.bind(local, 0);
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

    /** Receives only what {@code filter} accepts, from now on. Its offsets count from the IPv4 header. */
    public void attach(SocketFilter filter) {
        filter.attach(socket.fd());
    }

    /** Packets that did not fit into the receive buffer since the socket was opened, modulo 2<sup>32</sup>. */
    public long receiveDrops() {
        return socket.receiveDrops();
    }

    /** Empties the error queue; returns how many errors were in it. */
    public int drainErrors() {
        return socket.drainErrors();
    }

    /**
     * Sends messages {@code first} to {@code first + count - 1} without blocking.
     *
     * @return how many were sent, or, if the first of them failed, {@code -errno}: EMSGSIZE longer than the MTU, ENOBUFS
     *     or EAGAIN the queue or buffer is full, ENETUNREACH no route, EPERM a packet filter refused it
     */
    public int send(MessageBatch batch, int first, int count) {
        return socket.send(batch, first, count);
    }

    /**
     * Receives up to {@code count} packets into the messages from {@code first} on, without blocking. {@link
     * MessageBatch#prepareReceive} them first.
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
