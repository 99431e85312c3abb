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
import io.culvert.wire.Ipv6Options;
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
    private static final int LIMITED_IPV6 = Ipv6Flyweight.HEADER_LENGTH + Ipv6Options.LIMIT_HEADER_LENGTH;
    private static final int TCP_LENGTH = 20;
    private static final int SEGMENT = 100;
    private static final int PAYLOAD = 2 * SEGMENT;
    private static final int MAX_LENGTH = OUTER + LIMITED_IPV6 + Ipv6Flyweight.HEADER_LENGTH + TCP_LENGTH + PAYLOAD;
    private static final int TCP_CHECKSUM_OFFSET = 16;
    private static final int TIMEOUT_MILLIS = 1000;

    private SuperLaneSelfTest() {}

    /**
     * What a test packet is made of.
     *
     * @param outerLength of the outer header with its options, bytes
     * @param innerIpv6 the inner IP version
     */
    private record Shape(int outerLength, boolean innerIpv6) {

        boolean outerIpv6() {
            return outerLength >= Ipv6Flyweight.HEADER_LENGTH;
        }

        int etherType() {
            return outerIpv6() ? PacketSocket.ETH_P_IPV6 : PacketSocket.ETH_P_IP;
        }

        int protocol() {
            return innerIpv6 ? IpProtocol.IPV6 : IpProtocol.IPV4;
        }

        int inner() {
            return OUTER + outerLength;
        }

        int tcp() {
            return inner() + (innerIpv6 ? Ipv6Flyweight.HEADER_LENGTH : Ipv4Flyweight.MIN_HEADER_LENGTH);
        }

        int length() {
            return tcp() + TCP_LENGTH + PAYLOAD;
        }
    }

    /**
     * Proves outer IPv4.
     *
     * @throws ErrnoException if the kernel refuses the packet
     * @throws IllegalStateException if it does not arrive
     */
    static void run(ProgramHook hook, BpfProgram egress) {
        run(hook, egress, new Shape(Ipv4Flyweight.MIN_HEADER_LENGTH, false));
        run(hook, egress, new Shape(Ipv4Flyweight.MIN_HEADER_LENGTH, true));
    }

    /** Proves outer IPv6, as {@link #run(ProgramHook, BpfProgram)} does outer IPv4. */
    static void runIpv6(ProgramHook hook, BpfProgram egress) {
        for (int outerLength : new int[] {Ipv6Flyweight.HEADER_LENGTH, LIMITED_IPV6}) {
            run(hook, egress, new Shape(outerLength, false));
            run(hook, egress, new Shape(outerLength, true));
        }
    }

    @SuppressWarnings("try") // the program is at work while it is attached
    private static void run(ProgramHook hook, BpfProgram egress, Shape shape) {
        try (ProgramHook.Attached ignored = hook.attach(egress, LOOPBACK_INDEX, TcxLink.EGRESS);
                Arena arena = Arena.ofConfined();
                MessageBatch batch = new MessageBatch(1, 1, MessageBatch.NAME_CAPACITY, 0);
                PacketSocket receiver = PacketSocket.open(0);
                PacketSocket sender = PacketSocket.open(0)) {
            receiver.attach(onlyTestPackets(shape));
            receiver.setIgnoreOutgoing(true);
            receiver.bind(LOOPBACK_INDEX, PacketSocket.ETH_P_ALL);
            sender.setVnetHeader(true);
            sender.setMark(TunnelGsoProgram.MARK);
            MemorySegment packet = arena.allocate(MAX_LENGTH, Long.BYTES);
            write(new UnsafeBuffer(packet.address(), MAX_LENGTH), packet, shape);
            batch.iovec(0, 0, packet.address(), shape.length());
            batch.packetAddress(0, LOOPBACK_INDEX, shape.etherType());
            ErrnoException.check(sender.send(batch, 0, 1), "send(super-packet to the loopback device)");
            if (Poll.await(receiver.fd(), Epoll.IN, TIMEOUT_MILLIS) <= 0) {
                throw new IllegalStateException("the labelled super-packet did not arrive: is the loopback device up?");
            }
        }
    }

    /** Writes the packet with link and virtio-net header. */
    private static void write(UnsafeBuffer buffer, MemorySegment packet, Shape shape) {
        int tcp = shape.tcp();
        VnetHeader.flags(packet, 0, VnetHeader.NEEDS_CSUM);
        VnetHeader.gsoType(packet, 0, shape.innerIpv6() ? VnetHeader.GSO_TCPV6 : VnetHeader.GSO_TCPV4);
        VnetHeader.gsoSize(packet, 0, SEGMENT);
        VnetHeader.headerLength(packet, 0, tcp + TCP_LENGTH - VnetHeader.LENGTH);
        VnetHeader.checksumStart(packet, 0, tcp - VnetHeader.LENGTH);
        VnetHeader.checksumOffset(packet, 0, TCP_CHECKSUM_OFFSET);
        buffer.putShort(OUTER - Short.BYTES, (short) shape.etherType(), BIG_ENDIAN);
        if (shape.outerLength() == LIMITED_IPV6) {
            int options = OUTER + Ipv6Flyweight.HEADER_LENGTH;
            writeIpv6(buffer, OUTER, IpProtocol.DESTINATION_OPTIONS, shape.length());
            buffer.putByte(options, (byte) shape.protocol());
            // PadN over the rest.
            buffer.putByte(options + 2, (byte) 1);
            buffer.putByte(options + 3, (byte) 4);
        } else {
            writeIp(buffer, OUTER, shape.outerIpv6(), shape.protocol(), shape.length());
        }
        writeIp(buffer, shape.inner(), shape.innerIpv6(), IpProtocol.TCP, shape.length());
        int tcpLength = shape.length() - tcp;
        long pseudoHeader = shape.innerIpv6()
                ? new Ipv6Flyweight().wrap(buffer, shape.inner()).pseudoHeader(IpProtocol.TCP, tcpLength)
                : InternetChecksum.pseudoHeaderIpv4(ADDRESS, ADDRESS, IpProtocol.TCP, tcpLength);
        buffer.putByte(tcp + 12, (byte) ((TCP_LENGTH / Integer.BYTES) << 4));
        buffer.putShort(tcp + TCP_CHECKSUM_OFFSET, (short) InternetChecksum.fold(pseudoHeader), BIG_ENDIAN);
    }

    /** A header from and to the loopback address of a packet that ends at that offset. */
    private static void writeIp(UnsafeBuffer buffer, int offset, boolean ipv6, int protocol, int end) {
        if (ipv6) {
            writeIpv6(buffer, offset, protocol, end);
            return;
        }
        buffer.putByte(offset, (byte) 0x45);
        new Ipv4Flyweight()
                .wrap(buffer, offset)
                .totalLength(end - offset)
                .ttl(1)
                .protocol(protocol)
                .source(ADDRESS)
                .destination(ADDRESS)
                .updateChecksum();
    }

    private static void writeIpv6(UnsafeBuffer buffer, int offset, int nextHeader, int end) {
        new Ipv6Flyweight()
                .wrap(buffer, offset)
                .flowLabel(0)
                .payloadLength(end - offset - Ipv6Flyweight.HEADER_LENGTH)
                .nextHeader(nextHeader)
                .hopLimit(1)
                .source(0, 1)
                .destination(0, 1);
    }

    private static SocketFilter onlyTestPackets(Shape shape) {
        int outerProtocol = shape.outerLength() == LIMITED_IPV6 ? IpProtocol.DESTINATION_OPTIONS : shape.protocol();
        return SocketFilter.builder()
                .loadHalf(LINK_LENGTH - Short.BYTES)
                .jumpIfNotEqual(shape.etherType(), "refuse")
                .loadByte(LINK_LENGTH + (shape.outerIpv6() ? 6 : 9))
                .jumpIfNotEqual(outerProtocol, "refuse")
                .loadWord(LINK_LENGTH + (shape.outerIpv6() ? 20 : 12))
                .jumpIfNotEqual(shape.outerIpv6() ? 1 : ADDRESS, "refuse")
                .accept()
                .label("refuse")
                .refuse()
                .build();
    }
}
