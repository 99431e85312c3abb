package io.culvert.gateway;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.RawSocket;
import io.culvert.tunnel.AcknowledgmentPacket;
import io.culvert.tunnel.Tunnel;
import io.culvert.wire.Ipv4Flyweight;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sends the few outer IPv4 packets that the gateway itself has to say, which no tunnel counts; the kernel finds the way. The
 * conductor's thread only.
 */
final class OuterSender implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(OuterSender.class.getName());
    private static final int IPPROTO_RAW = 255;
    private static final int CAPACITY = 2048;
    private static final int CONTROL_CAPACITY = 64;

    private final RawSocket socket = RawSocket.open(false, IPPROTO_RAW);
    private final MessageBatch batch = new MessageBatch(1, 1, MessageBatch.NAME_CAPACITY, CONTROL_CAPACITY);
    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(CAPACITY));
    private final AcknowledgmentPacket acknowledgment = new AcknowledgmentPacket();
    private final Ipv4Flyweight header = new Ipv4Flyweight().wrap(memory, 0);

    /** @throws ErrnoException if the kernel refuses the socket */
    OuterSender() {
        socket.setHeaderIncluded(true);
        socket.setPathMtuDiscovery(RawSocket.PMTUDISC_INTERFACE);
    }

    /** Sends a whole outer packet to its destination; one that the kernel refuses is lost, as on any network. */
    void send(Tunnel tunnel, byte[] packet) {
        memory.putBytes(0, packet);
        batch.iovec(0, 0, memory.addressOffset(), packet.length);
        batch.iovecCount(0, 1);
        batch.inet4Address(0, header.destination(), 0);
        batch.packetInfo(0, tunnel.boundIndex(), 0);
        int sent = socket.send(batch, 0, 1);
        if (sent < 0) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "tunnel \"" + tunnel + "\": " + new ErrnoException("sendmmsg", -sent).getMessage());
        }
    }

    /** Acknowledges what a tunnel of mode pptp has received. */
    void acknowledge(Tunnel tunnel) {
        byte[] packet = new byte[AcknowledgmentPacket.LENGTH];
        acknowledgment.write(tunnel, new UnsafeBuffer(packet), 0);
        send(tunnel, packet);
    }

    @Override
    public void close() {
        socket.close();
        batch.close();
    }
}
