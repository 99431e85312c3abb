package io.culvert.pipeline;

import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.PacketSocket;
import io.culvert.linux.socket.SocketFilter;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.OuterProtocol;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.TunnelTable;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv6Flyweight;
import java.util.Set;

/**
 * Receives a device's outer packets by a packet socket, super-packets and unfinished checksums as the kernel has them.
 * Fragments are left to the kernel, which hands them reassembled to {@link RawSource}.
 */
public final class PacketSource implements OuterSource {

    /** Receive buffer in bytes: some hundred super-packets, for the time in which the path's thread does not run. */
    static final int RECEIVE_BUFFER = 32 << 20;

    private static final int ETHERTYPE_OFFSET = 12;
    private static final int FRAGMENT_OFFSET = OuterRoute.LINK_LENGTH + 6;
    private static final int PROTOCOL_OFFSET = OuterRoute.LINK_LENGTH + 9;
    private static final int DESTINATION_OFFSET = OuterRoute.LINK_LENGTH + 16;
    private static final int NEXT_HEADER_OFFSET = OuterRoute.LINK_LENGTH + 6;
    private static final int IPV6_PORT_OFFSET = OuterRoute.LINK_LENGTH + Ipv6Flyweight.HEADER_LENGTH + UdpPort.OFFSET;
    private static final int FRAGMENT_BITS = 0x3fff;
    private static final int PREFIX = OuterRoute.LINK_LENGTH + VirtioHeader.LENGTH;
    private static final int RECEIVE_OFFSET = Slot.HEADROOM - PREFIX;
    private static final int RECEIVE_LENGTH = PREFIX + Slot.MAX_PACKET;

    private final int deviceIndex;
    private final PacketSocket socket;
    private final MessageBatch batch = new MessageBatch(IngressStage.MAX_BATCH, 1, 0, 0);
    private long kernelDrops;

    /**
     * Opens the socket, which receives nothing before {@link #accept}.
     *
     * @param deviceIndex an Ethernet-like device
     * @throws io.culvert.linux.ErrnoException if the kernel refuses the socket
     */
    public PacketSource(int deviceIndex) {
        this.deviceIndex = deviceIndex;
        socket = PacketSocket.open(0);
        socket.setVnetHeader(true);
        socket.setIgnoreOutgoing(true);
        socket.setReceiveBuffer(RECEIVE_BUFFER);
        refuse();
        socket.bind(deviceIndex, PacketSocket.ETH_P_ALL);
    }

    /** Receives packets of these outer protocols from now on; the conductor. */
    public void accept(Set<OuterProtocol> protocols) {
        socket.attach(filter(protocols));
    }

    /** Index of the device it receives from. */
    public int deviceIndex() {
        return deviceIndex;
    }

    @Override
    public int fd() {
        return socket.fd();
    }

    @Override
    public int receive(Slots slots, int first, int max, TunnelTable table) {
        for (int i = 0; i < max; i++) {
            batch.iovec(i, 0, slots.get(first + i).address + RECEIVE_OFFSET, RECEIVE_LENGTH);
        }
        batch.prepareReceive(0, max);
        int received = Math.max(socket.receive(batch, 0, max), 0);
        for (int i = 0; i < received; i++) {
            Slot slot = slots.get(first + i);
            slot.received(table, batch.length(i) - PREFIX);
            VirtioHeader.load(slot, RECEIVE_OFFSET);
            slot.arrivalIndex = deviceIndex;
            if ((batch.flags(i) & MessageBatch.MSG_TRUNC) != 0) {
                slot.drop(DropReason.OUTER_MALFORMED);
            }
        }
        return received;
    }

    @Override
    public final void refuse() {
        socket.attach(SocketFilter.builder().refuse().build());
    }

    @Override
    public long kernelDrops() {
        kernelDrops += socket.statistics().drops();
        return kernelDrops;
    }

    @Override
    public void close() {
        socket.close();
        batch.close();
    }

    /** Whole packets of these protocols, for this host or for an IPv4 multicast group. */
    private static SocketFilter filter(Set<OuterProtocol> protocols) {
        SocketFilter.Builder program = SocketFilter.builder()
                .loadPacketType()
                .jumpIfEqual(PacketSocket.PACKET_HOST, "ours")
                .jumpIfNotEqual(PacketSocket.PACKET_MULTICAST, "refuse")
                .loadHalf(ETHERTYPE_OFFSET)
                .jumpIfNotEqual(PacketSocket.ETH_P_IP, "refuse")
                .loadByte(DESTINATION_OFFSET)
                .and(0xf0)
                .jumpIfNotEqual(0xe0, "refuse")
                .label("ours")
                .loadHalf(ETHERTYPE_OFFSET)
                .jumpIfEqual(PacketSocket.ETH_P_IPV6, "ipv6")
                .jumpIfNotEqual(PacketSocket.ETH_P_IP, "refuse")
                .loadHalf(FRAGMENT_OFFSET)
                .jumpIfAnySet(FRAGMENT_BITS, "refuse")
                .loadByte(PROTOCOL_OFFSET);
        accept(program, protocols, false);
        program.jumpIfNotEqual(IpProtocol.UDP, "refuse")
                .indexByIpv4HeaderLength(OuterRoute.LINK_LENGTH)
                .loadHalfIndexed(OuterRoute.LINK_LENGTH + UdpPort.OFFSET);
        acceptPorts(program, protocols, false);
        program.jump("refuse").label("ipv6").loadByte(NEXT_HEADER_OFFSET);
        accept(program, protocols, true);
        program.jumpIfNotEqual(IpProtocol.UDP, "refuse").loadHalf(IPV6_PORT_OFFSET);
        acceptPorts(program, protocols, true);
        return program.label("refuse").refuse().label("accept").accept().build();
    }

    private static void accept(SocketFilter.Builder program, Set<OuterProtocol> protocols, boolean ipv6) {
        boolean any = false;
        for (OuterProtocol protocol : protocols) {
            any |= protocol.ipv6() == ipv6;
            if (protocol.ipv6() == ipv6 && protocol.port() == 0) {
                program.jumpIfEqual(protocol.number(), "accept");
            }
        }
        if (ipv6 && any) {
            // What is behind options is for decapsulation to see: a filter cannot walk them.
            program.jumpIfEqual(IpProtocol.DESTINATION_OPTIONS, "accept")
                    .jumpIfEqual(IpProtocol.HOP_BY_HOP_OPTIONS, "accept");
        }
    }

    /** Accepts these UDP ports, one of which was loaded. */
    private static void acceptPorts(SocketFilter.Builder program, Set<OuterProtocol> protocols, boolean ipv6) {
        for (OuterProtocol protocol : protocols) {
            if (protocol.ipv6() == ipv6 && protocol.port() != 0) {
                program.jumpIfEqual(protocol.port(), "accept");
            }
        }
    }
}
