package io.culvert.gateway;

import io.culvert.icmp.OuterError;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.RawSocket;
import io.culvert.linux.socket.SocketFilter;
import io.culvert.wire.Icmpv4Flyweight;
import io.culvert.wire.Icmpv6Flyweight;
import io.culvert.wire.IpProtocol;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Receives the ICMP errors of one IP version that quote a packet of a protocol which tunnels use; the kernel sorts out all
 * others. The conductor's thread only.
 */
final class ErrorSocket implements AutoCloseable {

    /** Longest message that is looked at, in bytes: RFC 4443 section 2.4 (c). */
    private static final int MAX_MESSAGE = 1280;

    private static final int CONTROL_CAPACITY = 128;
    private static final int[] PROTOCOLS = {
        IpProtocol.IPV4,
        IpProtocol.IPV6,
        IpProtocol.GRE,
        IpProtocol.ESP,
        IpProtocol.MINIMAL_ENCAPSULATION,
        IpProtocol.L2TP,
        IpProtocol.UDP,
        IpProtocol.DESTINATION_OPTIONS
    };

    private final boolean ipv6;
    private final RawSocket socket;
    private final MessageBatch batch = new MessageBatch(1, 1, MessageBatch.NAME_CAPACITY, CONTROL_CAPACITY);
    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(MAX_MESSAGE));

    /** What became of a look for a message. */
    enum Outcome {
        NOTHING,
        MALFORMED,
        ERROR
    }

    /** @throws io.culvert.linux.ErrnoException if the kernel refuses the socket */
    ErrorSocket(boolean ipv6) {
        this.ipv6 = ipv6;
        socket = RawSocket.open(ipv6, ipv6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP);
        socket.attach(ipv6 ? ipv6Filter() : ipv4Filter());
        // Else an error that quotes ICMP would change routes by this very socket.
        socket.setPathMtuDiscovery(RawSocket.PMTUDISC_INTERFACE);
        socket.setReceivePacketInfo(true);
    }

    /** Type and code stand right behind the header, TTL and protocol of the quoted packet 16 bytes on. */
    private static SocketFilter ipv4Filter() {
        SocketFilter.Builder filter = SocketFilter.builder()
                .indexByIpv4HeaderLength(0)
                .loadHalfIndexed(0)
                .and(0xff00)
                .jumpIfEqual(Icmpv4Flyweight.DESTINATION_UNREACHABLE << Byte.SIZE, "error")
                .jumpIfEqual(Icmpv4Flyweight.TIME_EXCEEDED << Byte.SIZE, "error")
                .jumpIfEqual(Icmpv4Flyweight.PARAMETER_PROBLEM << Byte.SIZE, "error")
                .refuse()
                .label("error")
                .loadHalfIndexed(Icmpv4Flyweight.HEADER_LENGTH + 8)
                .and(0xff);
        return ofOurs(filter);
    }

    private static SocketFilter ipv6Filter() {
        SocketFilter.Builder filter = SocketFilter.builder()
                .loadByte(0)
                .jumpIfGreater(Icmpv6Flyweight.PARAMETER_PROBLEM, "refuse")
                .loadByte(Icmpv6Flyweight.HEADER_LENGTH + 6);
        return ofOurs(filter);
    }

    private static SocketFilter ofOurs(SocketFilter.Builder filter) {
        for (int protocol : PROTOCOLS) {
            filter.jumpIfEqual(protocol, "accept");
        }
        return filter.label("refuse").refuse().label("accept").accept().build();
    }

    int fd() {
        return socket.fd();
    }

    /** Takes the next message, if there is one, into {@code error}. */
    Outcome receive(OuterError error) {
        batch.iovec(0, 0, memory.addressOffset(), MAX_MESSAGE);
        batch.prepareReceive(0, 1);
        if (socket.receive(batch, 0, 1) != 1) {
            return Outcome.NOTHING;
        }
        int length = batch.length(0);
        boolean isSound = ipv6 ? error.parseIpv6(memory, 0, length) : error.parseIpv4(memory, 0, length);
        return isSound ? Outcome.ERROR : Outcome.MALFORMED;
    }

    /** Index of the device that the last message came by. */
    int arrivalIndex() {
        return batch.packetInfoInterface(0);
    }

    /** Messages that the kernel dropped because too many waited. */
    long kernelDrops() {
        return socket.receiveDrops();
    }

    @Override
    public void close() {
        socket.close();
        batch.close();
    }
}
