package io.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.culvert.linux.socket.Structs.SockaddrLl;
import io.culvert.linux.socket.Structs.TpacketStats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/**
 * A packet socket (packet(7)) for whole Ethernet frames, below the kernel's IP stack. It gets a copy of each frame; the
 * IP stack still gets its own.
 *
 * <p>{@link #send} and {@link #receive} may run at the same time in two threads, with a batch each.
 */
public final class PacketSocket implements AutoCloseable {

    /** EtherType: IPv4. */
    public static final int ETH_P_IP = 0x0800;
    /** EtherType: IPv6. */
    public static final int ETH_P_IPV6 = 0x86dd;
    /** EtherType: every frame, the outgoing ones too unless they are ignored. */
    public static final int ETH_P_ALL = 3;

    /** Packet type: for this host. */
    public static final int PACKET_HOST = 0;
    /** Packet type: link-layer broadcast. */
    public static final int PACKET_BROADCAST = 1;
    /** Packet type: link-layer multicast. */
    public static final int PACKET_MULTICAST = 2;
    /** Packet type: for another host, seen because the interface is promiscuous. */
    public static final int PACKET_OTHERHOST = 3;
    /** Packet type: sent by this host. */
    public static final int PACKET_OUTGOING = 4;

    /** Fan-out: by flow hash, so that a flow stays on one socket. */
    public static final int FANOUT_HASH = 0;
    /** Fan-out: in turn. */
    public static final int FANOUT_LB = 1;
    /** Fan-out: by the processor that the frame arrived on. */
    public static final int FANOUT_CPU = 2;

    private final SocketHandle socket;

    private PacketSocket(SocketHandle socket) {
        this.socket = socket;
    }

    /**
     * Opens a socket. It receives from every interface until {@link #bind}; open with 0, attach the filter, then bind,
     * to receive nothing unwanted.
     *
     * @param etherType what to receive; 0 for nothing, such as a socket that only sends
     * @throws io.culvert.linux.ErrnoException EPERM without CAP_NET_RAW
     */
    public static PacketSocket open(int etherType) {
        return new PacketSocket(SocketHandle.open(Abi.AF_PACKET, Abi.SOCK_RAW, networkOrder(etherType), "AF_PACKET"));
    }

    /**
     * Receives from one interface only.
     *
     * @param ifindex the interface, 0 for all
     * @param etherType what to receive, 0 for nothing
     */
    public void bind(int ifindex, int etherType) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment address = call.allocate(SockaddrLl.SIZE, 8);
            address.set(JAVA_SHORT, SockaddrLl.FAMILY, (short) Abi.AF_PACKET);
            address.set(JAVA_SHORT, SockaddrLl.PROTOCOL, (short) networkOrder(etherType));
            address.set(JAVA_INT, SockaddrLl.IFINDEX, ifindex);
            socket.bind(address, "AF_PACKET, interface " + ifindex);
        }
    }

    /** Whether a {@link io.culvert.linux.tun.VnetHeader} stands before every frame, sent and received. */
    public void setVnetHeader(boolean on) {
        socket.setOption(Abi.SOL_PACKET, Abi.PACKET_VNET_HDR, "PACKET_VNET_HDR", on);
    }

    /** Whether frames that this host sends are kept away. Linux 4.20. */
    public void setIgnoreOutgoing(boolean on) {
        socket.setOption(Abi.SOL_PACKET, Abi.PACKET_IGNORE_OUTGOING, "PACKET_IGNORE_OUTGOING", on);
    }

    /** Whether sent frames go past queueing disciplines, and so past the eBPF programs of tc and tcx as well. */
    public void setQdiscBypass(boolean on) {
        socket.setOption(Abi.SOL_PACKET, Abi.PACKET_QDISC_BYPASS, "PACKET_QDISC_BYPASS", on);
    }

    /** Marks every packet sent from now on, for filters and programs on its way; needs CAP_NET_ADMIN. */
    public void setMark(int mark) {
        socket.setOption(Abi.SOL_SOCKET, Abi.SO_MARK, "SO_MARK", mark);
    }

    /**
     * Shares what is received with the other sockets of a group. The socket must be bound to receive.
     *
     * @param group 0 to 65535, one network namespace's own
     * @param type {@link #FANOUT_HASH}, {@link #FANOUT_LB} or {@link #FANOUT_CPU}, the same for the whole group
     */
    public void setFanout(int group, int type) {
        socket.setOption(Abi.SOL_PACKET, Abi.PACKET_FANOUT, "PACKET_FANOUT", (group & 0xffff) | (type << 16));
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

    /** Receives only what {@code filter} accepts, from now on. Its offsets count from the Ethernet header. */
    public void attach(SocketFilter filter) {
        filter.attach(socket.fd());
    }

    /**
     * What happened since the last call.
     *
     * @param packets frames that the filter accepted, those dropped included
     * @param drops frames that did not fit into the receive buffer
     */
    public record Statistics(long packets, long drops) {}

    /** Reads the kernel's counters, which starts them anew. */
    public Statistics statistics() {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment stats = call.allocate(TpacketStats.SIZE, 4);
            socket.readOption(Abi.SOL_PACKET, Abi.PACKET_STATISTICS, "PACKET_STATISTICS", stats);
            return new Statistics(
                    Integer.toUnsignedLong(stats.get(JAVA_INT, TpacketStats.PACKETS)),
                    Integer.toUnsignedLong(stats.get(JAVA_INT, TpacketStats.DROPS)));
        }
    }

    /**
     * Sends messages {@code first} to {@code first + count - 1} without blocking.
     *
     * @return how many were sent, or, if the first of them failed, {@code -errno}: EMSGSIZE longer than the MTU, ENOBUFS
     *     or EAGAIN the queue or buffer is full, ENETDOWN the link is down, ENOMEM a super-packet that the kernel cannot
     *     cut
     */
    public int send(MessageBatch batch, int first, int count) {
        return socket.send(batch, first, count);
    }

    /**
     * Receives up to {@code count} frames into the messages from {@code first} on, without blocking. {@link
     * MessageBatch#prepareReceive} them first.
     *
     * @return how many were received, or {@code -errno}: EAGAIN nothing there, ENETDOWN the link went down
     */
    public int receive(MessageBatch batch, int first, int count) {
        return socket.receive(batch, first, count);
    }

    /** The descriptor, to be watched by {@link io.culvert.linux.Epoll}; -1 once closed. */
    public int fd() {
        return socket.fd();
    }

    private static int networkOrder(int etherType) {
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
                ? etherType
                : Short.reverseBytes((short) etherType) & 0xffff;
    }

    @Override
    public void close() {
        socket.close();
    }
}
