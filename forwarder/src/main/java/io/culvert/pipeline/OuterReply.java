package io.culvert.pipeline;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.RawSocket;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Tunnel;
import org.jspecify.annotations.Nullable;

/** Sends a slot's packet, an outer IPv4 packet with its header, back to the tunnel's peer. One thread. */
final class OuterReply implements AutoCloseable {

    private static final int IPPROTO_RAW = 255;
    private static final int CONTROL_CAPACITY = 64;

    private final MessageBatch batch = new MessageBatch(1, 1, MessageBatch.NAME_CAPACITY, CONTROL_CAPACITY);

    /** Opened for the first packet: few gateways ever send one. */
    private @Nullable RawSocket socket;

    /** Returns why it was not sent, or null. */
    @Nullable
    DropReason send(Slot slot) {
        Tunnel tunnel = slot.tunnel();
        batch.iovec(0, 0, slot.address + slot.offset, slot.length);
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
