package io.culvert.pipeline;

import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.PacketSocket;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Slot;

/** Sends whole frames by a packet socket: no routing, no firewall, and checksums may be left to the device. */
final class PacketQueue extends SendQueue {

    /** Send buffer in bytes: some hundred super-packets. */
    static final int SEND_BUFFER = 16 << 20;

    private final PacketSocket socket;

    PacketQueue() {
        super(MessageBatch.NAME_CAPACITY, 0);
        socket = PacketSocket.open(0);
        socket.setVnetHeader(true);
        socket.setSendBuffer(SEND_BUFFER);
    }

    @Override
    void prepare(int message, Slot slot) {
        int frame = slot.offset - OuterRoute.LINK_LENGTH;
        VirtioHeader.store(slot, frame);
        batch.iovec(
                message,
                0,
                slot.address + frame - VirtioHeader.LENGTH,
                VirtioHeader.LENGTH + OuterRoute.LINK_LENGTH + slot.length);
        batch.packetAddress(message, slot.outerHeader().route().deviceIndex(), PacketSocket.ETH_P_IP);
    }

    @Override
    int send(int first, int messages) {
        return socket.send(batch, first, messages);
    }

    @Override
    int fd() {
        return socket.fd();
    }

    @Override
    public void close() {
        socket.close();
        super.close();
    }
}
