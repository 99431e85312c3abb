package io.culvert.pipeline;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.RawSocket;
import io.culvert.tunnel.AcknowledgmentPacket;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Tunnel;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** Sends outer IPv4 packets, with their headers, to the peer of a tunnel that received something from it. One thread. */
final class OuterReply implements AutoCloseable {

    private static final int IPPROTO_RAW = 255;
    private static final int CONTROL_CAPACITY = 64;

    private final MessageBatch batch = new MessageBatch(1, 1, MessageBatch.NAME_CAPACITY, CONTROL_CAPACITY);

    private final UnsafeBuffer acknowledgment =
            new UnsafeBuffer(ByteBuffer.allocateDirect(AcknowledgmentPacket.LENGTH));
    private final AcknowledgmentPacket acknowledgmentPacket = new AcknowledgmentPacket();

    /** Opened for the first packet: few gateways ever send one. */
    private @Nullable RawSocket socket;

    /** Sends a slot's packet; returns why it was not sent, or null. */
    @Nullable
    DropReason send(Slot slot) {
        return send(slot.tunnel(), slot.address + slot.offset, slot.length);
    }

    /** Acknowledges what a tunnel of mode pptp has received. One that cannot be sent is lost, as on any network. */
    void acknowledge(Tunnel tunnel) {
        acknowledgmentPacket.write(tunnel, acknowledgment, 0);
        send(tunnel, acknowledgment.addressOffset(), AcknowledgmentPacket.LENGTH);
    }

    private @Nullable DropReason send(Tunnel tunnel, long address, int length) {
        batch.iovec(0, 0, address, length);
        batch.iovecCount(0, 1);
        batch.inet4Address(0, tunnel.remote(), 0);
        batch.packetInfo(0, tunnel.boundIndex(), 0);
        try {
            return reason(open().send(batch, 0, 1));
        } catch (ErrnoException e) {
            return DropReason.SEND_ERROR;
        }
    }

    private RawSocket open() {
        RawSocket opened = socket;
        if (opened == null) {
            opened = RawSocket.open(false, IPPROTO_RAW);
            opened.setHeaderIncluded(true);
            opened.setPathMtuDiscovery(RawSocket.PMTUDISC_INTERFACE);
            socket = opened;
        }
        return opened;
    }

    private static @Nullable DropReason reason(int sent) {
        return sent == 1 ? null : SendQueue.reason(sent < 0 ? -sent : Errno.EIO);
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.close();
        }
        batch.close();
    }
}
