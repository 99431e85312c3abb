package io.culvert.offload;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.linux.Epoll;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.Poll;
import io.culvert.linux.bpf.BpfProgram;
import io.culvert.linux.bpf.TcxLink;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.PacketSocket;
import io.culvert.linux.socket.SocketFilter;
import io.culvert.linux.tun.VnetHeader;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Proves the egress program on this kernel: encapsulated super-packets of two segments, IPv4 and IPv6, go out of the
 * loopback device and must come in, whole with their segment size, or as two segments. Unlabelled, the kernel refuses
 * them.
 */
final class SuperLaneSelfTest {

    private static final int LOOPBACK_INDEX = 1;
    private static final int ADDRESS = 0x7f00_0001;
    private static final int LINK_LENGTH = 14;
    private static final int OUTER = VnetHeader.LENGTH + LINK_LENGTH;
    private static final int INNER = OUTER + Ipv4Flyweight.MIN_HEADER_LENGTH;
    private static final int TCP_LENGTH = 20;
    private static final int SEGMENT = 100;
    private static final int PAYLOAD = 2 * SEGMENT;
    private static final int MAX_LENGTH = INNER + Ipv6Flyweight.HEADER_LENGTH + TCP_LENGTH + PAYLOAD;
    private static final int TCP_CHECKSUM_OFFSET = 16;
    private static final int TIMEOUT_MILLIS = 1000;

    private SuperLaneSelfTest() {}

    /**
     * @throws ErrnoException if the kernel refuses the packet
     * @throws IllegalStateException if it does not arrive
     */
    @SuppressWarnings("try") // the program is at work while it is attached
    static void run(ProgramHook hook, BpfProgram egress) {
        try (ProgramHook.Attached ignored = hook.attach(egress, LOOPBACK_INDEX, TcxLink.EGRESS)) {
            run(IpProtocol.IPV4);
            run(IpProtocol.IPV6);
        }
    }

    private static void run(int outerProtocol) {
        try (Arena arena = Arena.ofConfined();
                MessageBatch batch = new MessageBatch(1, 1, MessageBatch.NAME_CAPACITY, 0);
                PacketSocket receiver = PacketSocket.open(0);
                PacketSocket sender = PacketSocket.open(0)) {
            receiver.attach(onlyTestPackets(outerProtocol));
            receiver.setIgnoreOutgoing(true);
            receiver.bind(LOOPBACK_INDEX, PacketSocket.ETH_P_ALL);
            sender.setVnetHeader(true);
            sender.setMark(TunnelGsoProgram.MARK);
            MemorySegment packet = arena.allocate(MAX_LENGTH, Long.BYTES);
            int length =
                    write(new UnsafeBuffer(packet.address(), MAX_LENGTH), packet, outerProtocol == IpProtocol.IPV6);
            batch.iovec(0, 0, packet.address(), length);
            batch.packetAddress(0, LOOPBACK_INDEX, PacketSocket.ETH_P_IP);
            ErrnoException.check(sender.send(batch, 0, 1), "send(super-packet to the loopback device)");
            if (Poll.await(receiver.fd(), Epoll.IN, TIMEOUT_MILLIS) <= 0) {
                throw new IllegalStateException("the labelled super-packet did not arrive: is the loopback device up?");
            }
        }
    }

    /** Writes the packet and returns its length with link and virtio-net header, in bytes. */
    private static int write(UnsafeBuffer buffer, MemorySegment packet, boolean ipv6) {
        int tcp = INNER + (ipv6 ? Ipv6Flyweight.HEADER_LENGTH : Ipv4Flyweight.MIN_HEADER_LENGTH);
        int tcpLength = TCP_LENGTH + PAYLOAD;
        VnetHeader.flags(packet, 0, VnetHeader.NEEDS_CSUM);
        VnetHeader.gsoType(packet, 0, ipv6 ? VnetHeader.GSO_TCPV6 : VnetHeader.GSO_TCPV4);
        VnetHeader.gsoSize(packet, 0, SEGMENT);
        VnetHeader.headerLength(packet, 0, tcp + TCP_LENGTH - VnetHeader.LENGTH);
        VnetHeader.checksumStart(packet, 0, tcp - VnetHeader.LENGTH);
        VnetHeader.checksumOffset(packet, 0, TCP_CHECKSUM_OFFSET);
        buffer.putShort(OUTER - Short.BYTES, (short) PacketSocket.ETH_P_IP, BIG_ENDIAN);
        writeIpv4(buffer, OUTER, ipv6 ? IpProtocol.IPV6 : IpProtocol.IPV4, tcp + tcpLength - OUTER);
        long pseudoHeader;
        if (ipv6) {
            pseudoHeader = writeIpv6(buffer, tcpLength);
        } else {
            writeIpv4(buffer, INNER, IpProtocol.TCP, tcp + tcpLength - INNER);
            pseudoHeader = InternetChecksum.pseudoHeaderIpv4(ADDRESS, ADDRESS, IpProtocol.TCP, tcpLength);
        }
        buffer.putByte(tcp + 12, (byte) ((TCP_LENGTH / Integer.BYTES) << 4));
        buffer.putShort(tcp + TCP_CHECKSUM_OFFSET, (short) InternetChecksum.fold(pseudoHeader), BIG_ENDIAN);
        return tcp + tcpLength;
    }

    /** From and to the loopback address; returns the pseudo-header's sum. */
    private static long writeIpv6(UnsafeBuffer buffer, int payloadLength) {
        return new Ipv6Flyweight()
                .wrap(buffer, INNER)
                .flowLabel(0)
                .payloadLength(payloadLength)
                .nextHeader(IpProtocol.TCP)
                .hopLimit(1)
                .source(0, 1)
                .destination(0, 1)
                .pseudoHeader(IpProtocol.TCP, payloadLength);
    }

    private static void writeIpv4(UnsafeBuffer buffer, int offset, int protocol, int totalLength) {
        buffer.putByte(offset, (byte) 0x45);
        new Ipv4Flyweight()
                .wrap(buffer, offset)
                .totalLength(totalLength)
                .ttl(1)
                .protocol(protocol)
                .source(ADDRESS)
                .destination(ADDRESS)
                .updateChecksum();
    }

    private static SocketFilter onlyTestPackets(int outerProtocol) {
        return SocketFilter.builder()
                .loadByte(LINK_LENGTH + 9)
                .jumpIfNotEqual(outerProtocol, "refuse")
                .loadWord(LINK_LENGTH + 12)
                .jumpIfNotEqual(ADDRESS, "refuse")
                .accept()
                .label("refuse")
                .refuse()
                .build();
    }
}
