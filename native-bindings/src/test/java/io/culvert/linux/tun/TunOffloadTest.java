package io.culvert.linux.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.culvert.linux.Epoll;
import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.Packets;
import io.culvert.linux.Poll;
import io.culvert.linux.RequiresRoot;
import io.culvert.linux.TestNamespace;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.UdpSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the vnet header means to the kernel; its own UDP sockets are at the other end. */
@RequiresRoot
class TunOffloadTest {

    private static final String HERE = "192.0.2.1";
    private static final String THERE = "192.0.2.2";
    private static final int PORT = 4000;
    private static final int CAPACITY = 65_536;
    private static final int IP = VnetHeader.LENGTH;
    private static final int ALL_OFFLOADS = TunDevice.TUN_F_CSUM
            | TunDevice.TUN_F_TSO4
            | TunDevice.TUN_F_TSO6
            | TunDevice.TUN_F_TSO_ECN
            | TunDevice.TUN_F_USO4
            | TunDevice.TUN_F_USO6;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(CAPACITY, 8);
    private TestNamespace namespace;
    private TunDevice device;
    private DatagramChannel channel;

    @BeforeEach
    void open() throws IOException {
        namespace = TestNamespace.create();
        device = namespace.call(() -> TunDevice.open(TunRequest.tun("tun7").withVnetHeader()));
        namespace.addAddress("tun7", HERE + "/24");
        namespace.ip("link", "set", "tun7", "up");
        channel = namespace.call(() -> DatagramChannel.open(StandardProtocolFamily.INET));
        channel.bind(new InetSocketAddress(HERE, PORT));
    }

    @AfterEach
    void close() throws IOException {
        channel.close();
        device.close();
        namespace.close();
        arena.close();
    }

    @Test
    void plainPacketsHaveAnEmptyHeader() throws IOException {
        int length = readDatagram(1000);

        assertThat(length).isEqualTo(IP + 28 + 1000);
        assertThat(Packets.get(buffer, 0, IP)).containsOnly(0);
        assertThat(Packets.get(buffer, IP + 28, 1000)).isEqualTo(Packets.pattern(1000));
    }

    @Test
    void checksumIsLeftToTheReaderWhoOffersToSum() throws IOException {
        device.setOffload(TunDevice.TUN_F_CSUM);

        readDatagram(1000);

        assertThat(VnetHeader.flags(buffer, 0)).isEqualTo(VnetHeader.NEEDS_CSUM);
        assertThat(VnetHeader.gsoType(buffer, 0)).isEqualTo(VnetHeader.GSO_NONE);
        assertThat(VnetHeader.checksumStart(buffer, 0)).isEqualTo(Packets.IPV4_HEADER);
        assertThat(VnetHeader.checksumOffset(buffer, 0)).isEqualTo(6);
        int field = ByteBuffer.wrap(Packets.get(buffer, IP + 26, 2)).getShort() & 0xffff;
        assertThat(field).isEqualTo(Packets.pseudoHeaderSum(HERE, THERE, 17, 1008));
    }

    @Test
    void superPacketIsReadWhole() {
        device.setOffload(ALL_OFFLOADS);

        int length = readSegmented(10_500, 1000);

        assertThat(length).isEqualTo(IP + 28 + 10_500);
        assertThat(VnetHeader.flags(buffer, 0)).isEqualTo(VnetHeader.NEEDS_CSUM);
        assertThat(VnetHeader.gsoType(buffer, 0)).isEqualTo(VnetHeader.GSO_UDP_L4);
        assertThat(VnetHeader.gsoSize(buffer, 0)).isEqualTo(1000);
        assertThat(VnetHeader.headerLength(buffer, 0)).isEqualTo(28);
        assertThat(VnetHeader.checksumStart(buffer, 0)).isEqualTo(20);
        assertThat(VnetHeader.checksumOffset(buffer, 0)).isEqualTo(6);
        assertThat(Packets.get(buffer, IP + 28, 10_500)).isEqualTo(Packets.pattern(10_500));
    }

    @Test
    void superPacketIsCutForAReaderWhoDoesNotTakeIt() {
        device.setOffload(ALL_OFFLOADS);
        device.setOffload(0);

        for (int sent = 0; sent < 10_500; sent += 1000) {
            int length = sent == 0 ? readSegmented(10_500, 1000) : read();
            assertThat(length).isEqualTo(IP + 28 + Math.min(1000, 10_500 - sent));
            assertThat(VnetHeader.gsoType(buffer, 0)).isEqualTo(VnetHeader.GSO_NONE);
        }
    }

    @Test
    void writtenPacketMayLeaveItsChecksumToTheKernel() throws IOException {
        byte[] datagram = Packets.udp(PORT, PORT, Packets.pseudoHeaderSum(THERE, HERE, 17, 108), Packets.pattern(100));

        assertThat(write(datagram, VnetHeader.GSO_NONE, 0)).isEqualTo(IP + 20 + 108);

        assertThat(receive()).isEqualTo(Packets.pattern(100));
    }

    @Test
    void packetWithAWrongChecksumIsNotDelivered() throws IOException {
        byte[] wrong = Packets.ipv4(THERE, HERE, 17, Packets.udp(PORT, PORT, 0x1234, Packets.pattern(50)));
        VnetHeader.clear(buffer, 0);
        assertThat(device.write(buffer.address(), IP + Packets.put(buffer, IP, wrong)))
                .isPositive();
        writtenPacketMayLeaveItsChecksumToTheKernel();
    }

    @Test
    void writtenSuperPacketArrivesAsItsDatagrams() throws IOException {
        byte[] datagram =
                Packets.udp(PORT, PORT, Packets.pseudoHeaderSum(THERE, HERE, 17, 2508), Packets.pattern(2500));

        assertThat(write(datagram, VnetHeader.GSO_UDP_L4, 1000)).isEqualTo(IP + 20 + 2508);

        assertThat(receive()).isEqualTo(Arrays.copyOfRange(Packets.pattern(2500), 0, 1000));
        assertThat(receive()).isEqualTo(Arrays.copyOfRange(Packets.pattern(2500), 1000, 2000));
        assertThat(receive()).isEqualTo(Arrays.copyOfRange(Packets.pattern(2500), 2000, 2500));
    }

    @Test
    void refusesAHeaderThatPointsOutOfThePacket() {
        byte[] datagram = Packets.udp(PORT, PORT, 0, Packets.pattern(100));
        int length = fill(datagram, VnetHeader.GSO_NONE, 0);
        VnetHeader.checksumStart(buffer, 0, 200);

        assertThat(device.write(buffer.address(), length)).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void headerCanBeLonger() throws IOException {
        device.setVnetHeaderLength(VnetHeader.LENGTH_WITH_BUFFERS);

        assertThat(readDatagram(100)).isEqualTo(VnetHeader.LENGTH_WITH_BUFFERS + 128);
    }

    @Test
    void refusesOffloadsThatTheKernelDoesNotKnow() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> device.setOffload(1 << 30))
                .withMessage("ioctl(TUNSETOFFLOAD, tun7): EINVAL (Invalid argument)");
    }

    private int readDatagram(int length) throws IOException {
        channel.send(ByteBuffer.wrap(Packets.pattern(length)), new InetSocketAddress(THERE, PORT));
        return read();
    }

    private int readSegmented(int length, int segmentSize) {
        try (UdpSocket socket = namespace.call(() -> UdpSocket.open(false));
                MessageBatch batch = new MessageBatch(1, 1, 16, 0)) {
            socket.setSegmentSize(segmentSize);
            batch.iovec(0, 0, buffer.address(), Packets.put(buffer, 0, Packets.pattern(length)));
            batch.inet4Address(0, Packets.number(THERE), PORT);
            assertThat(socket.send(batch, 0, 1)).isEqualTo(1);
        }
        return read();
    }

    private int read() {
        assertThat(Poll.await(device.fd(), Epoll.IN, 10_000)).isEqualTo(Epoll.IN);
        return device.read(buffer.address(), CAPACITY);
    }

    private int write(byte[] datagram, int gsoType, int gsoSize) {
        return device.write(buffer.address(), fill(datagram, gsoType, gsoSize));
    }

    private int fill(byte[] datagram, int gsoType, int gsoSize) {
        VnetHeader.flags(buffer, 0, VnetHeader.NEEDS_CSUM);
        VnetHeader.gsoType(buffer, 0, gsoType);
        VnetHeader.headerLength(buffer, 0, 28);
        VnetHeader.gsoSize(buffer, 0, gsoSize);
        VnetHeader.checksumStart(buffer, 0, 20);
        VnetHeader.checksumOffset(buffer, 0, 6);
        return IP + Packets.put(buffer, IP, Packets.ipv4(THERE, HERE, 17, datagram));
    }

    private byte[] receive() throws IOException {
        ByteBuffer received = ByteBuffer.allocate(CAPACITY);
        channel.receive(received);
        return Arrays.copyOf(received.array(), received.position());
    }
}
