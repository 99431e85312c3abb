package io.culvert.pipeline;

import io.culvert.linux.Errno;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.PacketSocket;
import io.culvert.tunnel.OuterHeader;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Slot;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** Sends whole frames by a packet socket: no routing, no firewall, and checksums may be left to the device. */
final class PacketQueue extends SendQueue {

    /** Send buffer in bytes: some hundred super-packets. */
    static final int SEND_BUFFER = 16 << 20;

    private final PacketSocket socket;
    private final @Nullable PacketQueue segments;

    private PacketQueue(PacketSocket socket, @Nullable PacketQueue segments, PathErrors errors) {
        super(MessageBatch.NAME_CAPACITY, 0, errors);
        this.socket = socket;
        this.segments = segments;
    }

    /**
     * Opens the socket.
     *
     * @param mark of every packet, by which the device's program knows super-packets that it must label
     * @param errors gets unexpected exceptions
     * @throws io.culvert.linux.ErrnoException if the kernel refuses
     */
    static PacketQueue open(int mark, PathErrors errors) {
        PacketSocket socket = PacketSocket.open(0);
        socket.setVnetHeader(true);
        socket.setMark(mark);
        socket.setSendBuffer(SEND_BUFFER);
        return new PacketQueue(socket, new PacketQueue(socket, null, errors), errors);
    }

    @Override
    int prefixLength() {
        return VirtioHeader.LENGTH + OuterRoute.LINK_LENGTH;
    }

    @Override
    void prepare(int message, Slot slot) {
        VirtioHeader.store(slot, slot.offset - OuterRoute.LINK_LENGTH);
        address(message, slot);
    }

    @Override
    void prepareSegment(int message, Slot slot, UnsafeBuffer segmentHeaders, int ip, int segment) {
        int checksumStart = slot.checksumStart - slot.offset + ip;
        VirtioHeader.storePartial(segmentHeaders, ip - OuterRoute.LINK_LENGTH, checksumStart, slot.checksumOffset);
        address(message, slot);
    }

    @Override
    void prepareSealed(int message, Slot slot, UnsafeBuffer sealed, int ip) {
        sealed.setMemory(ip - prefixLength(), VirtioHeader.LENGTH, (byte) 0);
        address(message, slot);
    }

    private void address(int message, Slot slot) {
        OuterHeader outer = slot.outerHeader();
        int etherType = outer.isIpv6() ? PacketSocket.ETH_P_IPV6 : PacketSocket.ETH_P_IP;
        batch.packetAddress(message, outer.route().deviceIndex(), etherType);
    }

    /** A super-packet that the device does not take, for it was not labelled, goes in segments. */
    @Override
    boolean retry(Slot slot, int errno) {
        if (segments == null || slot.gsoType == 0 || errno != Errno.ENOMEM) {
            return false;
        }
        try {
            segments.addSegments(slot);
        } finally {
            segments.flush();
        }
        return true;
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
        if (segments != null) {
            segments.batch.close();
        }
        socket.close();
        super.close();
    }
}
