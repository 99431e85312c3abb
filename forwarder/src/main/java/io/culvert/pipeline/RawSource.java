package io.culvert.pipeline;

import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.RawSocket;
import io.culvert.linux.socket.SocketFilter;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.OuterProtocol;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.TunnelTable;
import io.culvert.tunnel.Verdict;
import io.culvert.wire.Ipv6Flyweight;
import org.jspecify.annotations.Nullable;

/**
 * Receives the outer packets of one protocol by a raw socket. While it is open the kernel answers none of them with
 * protocol unreachable. It is the whole receive side where there is no packet socket; else it takes what a
 * {@link PacketSource} leaves: reassembled fragments, and packets that come by a device without one.
 */
public final class RawSource implements OuterSource {

    private static final int CONTROL_CAPACITY = 128;

    private final RawSocket socket;
    private final OuterProtocol protocol;
    private final DeviceRoles roles;
    private final @Nullable UdpPort port;
    private final Ipv6Flyweight header = new Ipv6Flyweight();
    private final MessageBatch batch =
            new MessageBatch(IngressStage.MAX_BATCH, 1, MessageBatch.NAME_CAPACITY, CONTROL_CAPACITY);

    /**
     * Receives from now on.
     *
     * @param protocol outer protocol
     * @param roles which devices have a packet socket, and which are tunnels
     * @throws io.culvert.linux.ErrnoException if the kernel refuses the socket
     */
    public RawSource(OuterProtocol protocol, DeviceRoles roles) {
        this.protocol = protocol;
        this.roles = roles;
        socket = RawSocket.open(protocol.ipv6(), protocol.number());
        // Else one forged ICMP "fragmentation needed" locks the route's MTU for everybody on the host.
        socket.setPathMtuDiscovery(RawSocket.PMTUDISC_INTERFACE);
        socket.setReceivePacketInfo(true);
        if (protocol.ipv6()) {
            socket.setReceiveTrafficClass(true);
        }
        socket.setReceiveFragmentSize(true);
        socket.setReceiveBuffer(PacketSource.RECEIVE_BUFFER);
        port = protocol.port() == 0 ? null : openPort();
    }

    private UdpPort openPort() {
        try {
            socket.attach(UdpPort.filter(protocol));
            discard();
            return new UdpPort(protocol);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Empties the queue of what came before the filter stood: anybody's datagrams. */
    private void discard() {
        int received;
        do {
            batch.prepareReceive(0, IngressStage.MAX_BATCH);
            received = socket.receive(batch, 0, IngressStage.MAX_BATCH);
        } while (received == IngressStage.MAX_BATCH);
    }

    @Override
    public int fd() {
        return socket.fd();
    }

    @Override
    public int receive(Slots slots, int first, int max, TunnelTable table) {
        for (int i = 0; i < max; i++) {
            batch.iovec(i, 0, slots.get(first + i).address + Slot.HEADROOM, Slot.MAX_PACKET);
        }
        batch.prepareReceive(0, max);
        int received = Math.max(socket.receive(batch, 0, max), 0);
        for (int i = 0; i < received; i++) {
            Slot slot = slots.get(first + i);
            slot.received(table, batch.length(i));
            slot.raw = true;
            if (protocol.ipv6()) {
                restoreIpv6Header(slot, i);
            }
            slot.arrivalIndex = batch.packetInfoInterface(i);
            boolean reassembled = batch.fragmentSize(i) != 0;
            if (!reassembled && roles.hasPacketSource(slot.arrivalIndex)) {
                slot.verdict = Verdict.IGNORE;
            } else if (roles.isTunnel(slot.arrivalIndex)) {
                slot.drop(DropReason.NESTED);
            }
        }
        return received;
    }

    /** A raw IPv6 socket gives the payload alone: the header is put back from what the kernel says of it. */
    private void restoreIpv6Header(Slot slot, int message) {
        int payload = slot.length;
        slot.offset -= Ipv6Flyweight.HEADER_LENGTH;
        slot.length += Ipv6Flyweight.HEADER_LENGTH;
        header.wrap(slot.buffer, slot.offset)
                .trafficClass(batch.trafficClass(message))
                .flowLabel(0)
                .payloadLength(payload)
                .nextHeader(protocol.number())
                .hopLimit(1);
        batch.copyInet6Address(message, slot.address + header.sourceOffset());
        if (!batch.copyPacketInfo6Address(message, slot.address + header.destinationOffset())) {
            slot.drop(DropReason.OUTER_MALFORMED);
        }
    }

    @Override
    public void refuse() {
        socket.attach(SocketFilter.builder().refuse().build());
    }

    @Override
    public long kernelDrops() {
        return socket.receiveDrops();
    }

    @Override
    public void close() {
        if (port != null) {
            port.close();
        }
        socket.close();
        batch.close();
    }
}
