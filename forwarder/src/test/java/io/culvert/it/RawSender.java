package io.culvert.it;

import io.culvert.lab.Host;
import io.culvert.lab.LabException;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.RawSocket;
import io.culvert.wire.Ipv4Flyweight;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.agrona.concurrent.UnsafeBuffer;

/** Sends whole IPv4 packets from a host, as they are but for total length and header checksum. One thread. */
final class RawSender implements AutoCloseable {

    /** Only sends, and takes packets with their header (raw(7)). */
    private static final int IPPROTO_RAW = 255;

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final RawSocket socket;
    private final MessageBatch batch = new MessageBatch(1, 1, MessageBatch.NAME_CAPACITY, 0);
    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(Ipv4Flyweight.MAX_TOTAL_LENGTH));
    private final Ipv4Flyweight header = new Ipv4Flyweight().wrap(memory, 0);

    private RawSender(RawSocket socket) {
        this.socket = socket;
    }

    static RawSender open(Host host) {
        return new RawSender(host.call("raw-sender", TIMEOUT, () -> RawSocket.open(false, IPPROTO_RAW)));
    }

    /** Sends by that device only, whatever routes say. */
    static RawSender open(Host host, String device) {
        return new RawSender(host.call("raw-sender", TIMEOUT, () -> {
            RawSocket socket = RawSocket.open(false, IPPROTO_RAW);
            socket.bindToDevice(device);
            return socket;
        }));
    }

    /**
     * Sends a packet to its destination address.
     *
     * @throws LabException if the kernel does not take it
     */
    void send(byte[] packet) {
        memory.putBytes(0, packet);
        batch.iovec(0, 0, memory.addressOffset(), packet.length);
        batch.inet4Address(0, header.destination(), 0);
        if (ErrnoException.check(socket.send(batch, 0, 1), "sendmmsg(raw packet)") != 1) {
            throw new LabException("a packet of " + packet.length + " bytes was not sent");
        }
    }

    @Override
    public void close() {
        socket.close();
        batch.close();
    }
}
