package io.culvert.pipeline;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.RawSocket;
import io.culvert.tunnel.PartialChecksum;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Tunnel;
import io.culvert.wire.InternetChecksum;
import org.agrona.concurrent.UnsafeBuffer;

/** Sends outer packets by a raw socket: the kernel finds route and neighbour, and its firewall sees them. */
final class RawQueue extends SendQueue {

    private static final int IPPROTO_RAW = 255;
    private static final int CONTROL_CAPACITY = 64;

    private static final int IPV6_DESTINATION = 24;

    /** Of the destination address, from the outer IPv4 header. */
    private static final int IPV4_DESTINATION = 16;

    private final RawSocket socket;
    private final boolean ipv6;

    /** @param ipv6 which outer packets it sends */
    RawQueue(boolean ipv6, PathErrors errors) {
        super(MessageBatch.NAME_CAPACITY, CONTROL_CAPACITY, errors);
        this.ipv6 = ipv6;
        // This protocol matches no packet on the wire, so neither packets nor ICMP errors are queued here.
        socket = RawSocket.open(ipv6, IPPROTO_RAW);
        socket.setHeaderIncluded(true);
        socket.setPathMtuDiscovery(RawSocket.PMTUDISC_INTERFACE);
        if (!ipv6) {
            // What is sent to a group is for the others.
            socket.setMulticastLoop(false);
        }
        // Without it the kernel reports packets as sent that the device's queue dropped.
        socket.setReceiveErrors(true);
        socket.setSendBuffer(PacketQueue.SEND_BUFFER);
    }

    @Override
    int prefixLength() {
        return 0;
    }

    @Override
    void prepare(int message, Slot slot) {
        PartialChecksum.complete(slot);
        address(message, slot);
    }

    @Override
    void prepareSegment(int message, Slot slot, UnsafeBuffer segmentHeaders, int ip, int segment) {
        int transport = slot.checksumStart - slot.offset + ip;
        int transportHeader = segmenter().headersLength() - (slot.checksumStart - slot.offset);
        long headersSum = InternetChecksum.sum(segmentHeaders, transport, transportHeader, 0);
        int checksum = InternetChecksum.checksum(
                slot.buffer, segmenter().payloadOffset(segment), segmenter().payloadLength(segment), headersSum);
        if (checksum == 0 && PartialChecksum.isUdp(slot)) {
            checksum = 0xffff;
        }
        segmentHeaders.putShort(transport + slot.checksumOffset, (short) checksum, BIG_ENDIAN);
        address(message, slot);
    }

    @Override
    void prepareSealed(int message, Slot slot, UnsafeBuffer sealed, int ip) {
        address(message, slot);
    }

    private void address(int message, Slot slot) {
        Tunnel tunnel = slot.tunnel();
        if (ipv6) {
            batch.inet6Address(message, slot.address + slot.offset + IPV6_DESTINATION, tunnel.boundIndex(), 0);
            batch.packetInfo6(message, tunnel.boundIndex());
        } else if (tunnel.peers() == null && !tunnel.hasGroup()) {
            batch.inet4Address(message, tunnel.remote(), 0);
            batch.packetInfo(message, tunnel.boundIndex(), 0);
        } else {
            // By the underlay device, lest a destination that nobody has checked yet leads into the tunnel again; and
            // to a group by the one that it was joined on.
            batch.inet4Address(message, slot.buffer.getInt(slot.offset + IPV4_DESTINATION, BIG_ENDIAN), 0);
            batch.packetInfo(message, slot.outerHeader().route().deviceIndex(), 0);
        }
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
