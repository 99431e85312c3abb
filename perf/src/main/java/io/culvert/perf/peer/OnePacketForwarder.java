package io.culvert.perf.peer;

import io.culvert.linux.Epoll;
import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.RawSocket;
import io.culvert.linux.tun.TunDevice;
import io.culvert.linux.tun.TunRequest;
import io.culvert.wire.IpProtocol;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * IPv4 in IPv4 by the simplest loop there is: a TUN device without offloads, a raw socket of protocol 4, a thread each way,
 * one packet a system call. A program of its own; ends by a signal.
 */
public final class OnePacketForwarder {

    private static final int ROOM = 1 << 16;
    private static final int SOCKET_BUFFER = 16 << 20;

    private final TunDevice device;
    private final RawSocket socket;
    private final int remote;

    private OnePacketForwarder(TunDevice device, RawSocket socket, int remote) {
        this.device = device;
        this.socket = socket;
        this.remote = remote;
    }

    /** Forwards between a new device and a host: {@code DEVICE REMOTE}. */
    public static void main(String[] arguments) {
        InetAddress remote = InetAddress.ofLiteral(arguments[1]);
        TunDevice device = TunDevice.open(TunRequest.tun(arguments[0]));
        RawSocket socket = RawSocket.open(false, IpProtocol.IPV4);
        socket.setReceiveBuffer(SOCKET_BUFFER);
        socket.setSendBuffer(SOCKET_BUFFER);
        OnePacketForwarder forwarder = new OnePacketForwarder(
                device, socket, ByteBuffer.wrap(remote.getAddress()).getInt());
        Thread.ofPlatform().name("one-packet-in").start(forwarder::receive);
        IO.println("ready");
        forwarder.send();
    }

    private void send() {
        UnsafeBuffer packet = new UnsafeBuffer(ByteBuffer.allocateDirect(ROOM));
        try (Epoll epoll = Epoll.open(1);
                MessageBatch message = new MessageBatch(1, 1, MessageBatch.NAME_CAPACITY, 0)) {
            epoll.add(device.fd(), Epoll.IN, 0);
            message.inet4Address(0, remote, 0);
            while (true) {
                int length = device.read(packet.addressOffset(), ROOM);
                if (length > 0) {
                    message.iovec(0, 0, packet.addressOffset(), length);
                    // What the kernel refuses is lost, as on any link.
                    var _ = socket.send(message, 0, 1);
                } else {
                    await(epoll, length);
                }
            }
        }
    }

    private void receive() {
        UnsafeBuffer packet = new UnsafeBuffer(ByteBuffer.allocateDirect(ROOM));
        try (Epoll epoll = Epoll.open(1);
                MessageBatch message = new MessageBatch(1, 1, MessageBatch.NAME_CAPACITY, 0)) {
            epoll.add(socket.fd(), Epoll.IN, 0);
            message.iovec(0, 0, packet.addressOffset(), ROOM);
            while (true) {
                message.prepareReceive(0, 1);
                int received = socket.receive(message, 0, 1);
                if (received == 1) {
                    int header = (packet.getByte(0) & 0x0f) * 4;
                    var _ = device.write(packet.addressOffset() + header, message.length(0) - header);
                } else {
                    await(epoll, received);
                }
            }
        }
    }

    private static void await(Epoll epoll, int result) {
        if (result == -Errno.EBADF || result == -Errno.EBADFD) {
            throw new ErrnoException("read", -result, "the device was deleted");
        }
        // Other errors pass: the device is still down, or the other end is not there yet.
        var _ = epoll.await(-1);
    }
}
