package io.culvert.linux.netlink;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import java.lang.foreign.MemorySegment;

/**
 * Watches the links, addresses, routes and neighbours of the network namespace in which the opening thread is. Open it
 * before the first list is read, then no change falls between the two. One thread uses an object at a time.
 */
public final class NetlinkMonitor implements AutoCloseable {

    private static final int GROUPS = Abi.RTMGRP_LINK
            | Abi.RTMGRP_NEIGH
            | Abi.RTMGRP_IPV4_IFADDR
            | Abi.RTMGRP_IPV4_ROUTE
            | Abi.RTMGRP_IPV6_IFADDR
            | Abi.RTMGRP_IPV6_ROUTE;

    /** Room for some thousand changes: a routing daemon that withdraws a table sends them in one go. */
    private static final int RECEIVE_BUFFER = 4 << 20;

    /** Datagrams read in one poll, so that the polling thread gets to its other work under a flood. */
    private static final int BATCH = 256;

    /** Datagrams thrown away after a loss; more than any receive buffer holds is a flood that does not end. */
    private static final int DISCARDED_AT_MOST = 1 << 20;

    private final NetlinkSocket socket;

    private NetlinkMonitor(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Starts to watch the calling thread's network namespace. */
    public static NetlinkMonitor open() {
        return open(RECEIVE_BUFFER);
    }

    static NetlinkMonitor open(int receiveBuffer) {
        NetlinkSocket socket = new NetlinkSocket(Abi.SOCK_NONBLOCK, GROUPS);
        socket.setReceiveBuffer(receiveBuffer);
        return new NetlinkMonitor(socket);
    }

    /** Readable, for epoll(7) or poll(2), when there is something to poll for. Not to be read or closed by the caller. */
    public int fd() {
        return socket.fd();
    }

    /**
     * Tells the listener of the changes that wait; of a limited number, so that {@link #fd} may still be readable after.
     *
     * @throws ErrnoException if the socket is broken
     */
    public void poll(NetlinkListener listener) {
        for (int datagram = 0; datagram < BATCH; datagram++) {
            int length = socket.receive();
            if (length == -Errno.EAGAIN) {
                return;
            }
            if (length == -Errno.ENOBUFS || length == 0) {
                discard();
                listener.overrun();
                return;
            }
            MessageReader messages = socket.messages(ErrnoException.check(length, "recvfrom(AF_NETLINK)"));
            while (messages.next()) {
                dispatch(messages.type(), messages.payload(), listener);
            }
        }
    }

    /** What still waits after a loss is older than the lists that the listener is about to read. */
    private void discard() {
        for (int datagram = 0; datagram < DISCARDED_AT_MOST; datagram++) {
            int length = socket.receive();
            if (length < 0 && length != -Errno.ENOBUFS) {
                return;
            }
        }
    }

    static void dispatch(int type, MemorySegment payload, NetlinkListener listener) {
        switch (type) {
            case Abi.RTM_NEWLINK, Abi.RTM_DELLINK -> {
                Link link = LinkMessage.parse(payload);
                if (link != null && type == Abi.RTM_NEWLINK) {
                    listener.linkChanged(link);
                } else if (link != null) {
                    listener.linkRemoved(link);
                }
            }
            case Abi.RTM_NEWADDR, Abi.RTM_DELADDR -> {
                AddressInfo address = AddressMessage.parse(payload);
                if (address != null) {
                    listener.addressChanged(address, type == Abi.RTM_DELADDR);
                }
            }
            case Abi.RTM_NEWROUTE, Abi.RTM_DELROUTE -> {
                RouteInfo route = RouteMessage.parse(payload);
                if (route != null) {
                    listener.routeChanged(route, type == Abi.RTM_DELROUTE);
                }
            }
            case Abi.RTM_NEWNEIGH, Abi.RTM_DELNEIGH -> {
                NeighbourInfo neighbour = NeighbourMessage.parse(payload);
                if (neighbour != null) {
                    listener.neighbourChanged(neighbour, type == Abi.RTM_DELNEIGH);
                }
            }
            default -> {}
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
