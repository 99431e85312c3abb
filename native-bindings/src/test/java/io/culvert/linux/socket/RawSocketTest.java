package io.culvert.linux.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.culvert.linux.Epoll;
import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.Packets;
import io.culvert.linux.Poll;
import io.culvert.linux.Privileges;
import io.culvert.linux.RequiresRoot;
import io.culvert.linux.TestNamespace;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two hosts joined by a veth pair; {@code sender} is on the left one, {@code receiver} on the right one. */
@RequiresRoot
class RawSocketTest {

    private static final String LEFT = "192.0.2.1";
    private static final String RIGHT = "192.0.2.2";
    private static final int DF = 0x40;

    private final Buffers out = new Buffers(8);
    private final Buffers in = new Buffers(8);
    private TestNamespace left;
    private TestNamespace right;
    private RawSocket sender;
    private RawSocket receiver;

    @BeforeEach
    void open() {
        left = TestNamespace.create();
        right = TestNamespace.create();
        // Made in one place and then moved, so that their indices differ: else the kernel takes a second to raise them.
        left.ip("link", "add", "outer", "type", "veth", "peer", "name", "other");
        left.ip("link", "set", "other", "netns", right.name());
        left.ip("link", "set", "outer", "up");
        right.ip("link", "set", "other", "up");
        right.awaitCarrier("other");
        left.awaitCarrier("outer");
        left.addAddress("outer", LEFT + "/24");
        right.addAddress("other", RIGHT + "/24");
        sender = left.call(() -> RawSocket.open(false, Packets.EXPERIMENTAL));
        receiver = right.call(() -> RawSocket.open(false, Packets.EXPERIMENTAL));
    }

    @AfterEach
    void close() {
        sender.close();
        receiver.close();
        left.close();
        right.close();
        out.close();
        in.close();
    }

    @Test
    void packetsWithTheirOwnHeaderArriveAsTheyWereWritten() {
        sender.setHeaderIncluded(true);
        byte[] first = Packets.ipv4("198.51.100.7", RIGHT, Packets.EXPERIMENTAL, Packets.pattern(1480));
        // An identification of 0 is the kernel's to fill in.
        first[4] = 0x12;
        Arrays.fill(first, 10, 12, (byte) 0);
        right.exec("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.other.rp_filter=0");
        right.ip("route", "add", "default", "via", LEFT);
        fill(0, first);
        fill(1, Packets.ipv4(LEFT, RIGHT, Packets.EXPERIMENTAL, Packets.pattern(3)));

        assertThat(sender.send(out.batch, 0, 2)).isEqualTo(2);
        assertThat(receive()).isEqualTo(2);

        byte[] received = in.bytes(0);
        assertThat(Packets.checksum(received, 0, Packets.IPV4_HEADER)).isZero();
        Arrays.fill(received, 10, 12, (byte) 0);
        assertThat(received).isEqualTo(first);
        assertThat(in.batch.inet4Address(0)).isEqualTo(Packets.number("198.51.100.7"));
        assertThat(in.batch.inet4Address(1)).isEqualTo(Packets.number(LEFT));
        assertThat(in.bytes(1, Packets.IPV4_HEADER)).isEqualTo(Packets.pattern(3));
    }

    @Test
    void kernelWritesTheHeaderUnlessIncluded() {
        sender.setPathMtuDiscovery(RawSocket.PMTUDISC_DO);
        fill(0, Packets.pattern(100));

        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(1);
        assertThat(receive()).isEqualTo(1);

        byte[] received = in.bytes(0);
        assertThat(received).hasSize(120);
        assertThat(received[9] & 0xff).isEqualTo(Packets.EXPERIMENTAL);
        assertThat(received[6] & DF).isEqualTo(DF);

        sender.setPathMtuDiscovery(RawSocket.PMTUDISC_INTERFACE);
        sender.send(out.batch, 0, 1);
        receive();
        assertThat(in.bytes(0)[6] & DF).isZero();
    }

    @Test
    void kernelReassemblesAndTellsTheFragmentSize() {
        receiver.setReceiveFragmentSize(true);
        sender.setPathMtuDiscovery(RawSocket.PMTUDISC_DONT);
        fill(0, Packets.pattern(4000));
        fill(1, Packets.pattern(100));

        assertThat(sender.send(out.batch, 0, 2)).isEqualTo(2);
        awaitPackets(2);

        assertThat(in.batch.length(0)).isEqualTo(4020);
        assertThat(in.bytes(0, Packets.IPV4_HEADER)).isEqualTo(Packets.pattern(4000));
        assertThat(in.batch.fragmentSize(0)).isEqualTo(1500);
        assertThat(in.batch.fragmentSize(1)).isZero();
    }

    @Test
    void packetsTellTheirInterface() {
        receiver.setReceivePacketInfo(true);
        receiver.setReceiveFragmentSize(true);
        fill(0, Packets.pattern(3000));
        sender.send(out.batch, 0, 1);
        receive();

        assertThat(in.batch.packetInfoInterface(0)).isEqualTo(right.interfaceIndex("other"));
        assertThat(in.batch.fragmentSize(0)).isEqualTo(1500);

        receiver.setReceivePacketInfo(false);
        sender.send(out.batch, 0, 1);
        receive();
        assertThat(in.batch.packetInfoInterface(0)).isZero();
    }

    @Test
    void packetInfoChoosesSourceAddressAndInterface() {
        left.addAddress("outer", "192.0.2.9/24");
        left.addVethPair("aside", "astray");
        fill(0, Packets.pattern(10));
        out.batch.packetInfo(0, 0, Packets.number("192.0.2.9"));
        fill(1, Packets.pattern(11));
        out.batch.packetInfo(1, left.interfaceIndex("aside"), 0);
        fill(2, Packets.pattern(12));
        out.batch.packetInfo(2, left.interfaceIndex("outer"), Packets.number(LEFT));

        assertThat(sender.send(out.batch, 0, 3)).isEqualTo(3);
        awaitPackets(2);

        assertThat(in.batch.inet4Address(0)).isEqualTo(Packets.number("192.0.2.9"));
        assertThat(in.batch.inet4Address(1)).isEqualTo(Packets.number(LEFT));
        assertThat(in.batch.length(1)).isEqualTo(32);
    }

    @Test
    void packetLongerThanTheInterfaceTakesIsRefused() {
        sender.setHeaderIncluded(true);
        fill(0, Packets.ipv4(LEFT, RIGHT, Packets.EXPERIMENTAL, new byte[1481]));

        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(-Errno.EMSGSIZE);
    }

    @Test
    void saysWhyAPacketCannotBeSent() {
        out.fill(0, Packets.pattern(10));
        out.batch.inet4Address(0, Packets.number("203.0.113.1"), 0);
        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(-Errno.ENETUNREACH);

        left.ip("route", "add", "unreachable", "203.0.113.0/24");
        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(-Errno.EHOSTUNREACH);

        out.batch.inet4Address(0, Packets.number("192.0.2.255"), 0);
        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(-Errno.EACCES);
    }

    @Test
    void countsWhatDoesNotFitIntoTheReceiveBuffer() {
        receiver.setReceiveBuffer(4096);
        for (int i = 0; i < 8; i++) {
            fill(i, Packets.pattern(1000));
        }
        for (int i = 0; i < 25; i++) {
            assertThat(sender.send(out.batch, 0, 8)).isEqualTo(8);
        }

        int received = receive();

        assertThat(received).isBetween(1, 7);
        assertThat(receiver.receiveDrops()).isEqualTo(200 - received);
        assertThat(sender.receiveDrops()).isZero();
    }

    @Test
    void errorsWaitInTheirQueueUntilDrained() {
        sender.setReceiveErrors(true);
        receiver.close();
        fill(0, Packets.pattern(10));
        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(1);
        assertThat(Poll.await(sender.fd(), 0, 10_000)).isEqualTo(Epoll.ERR);

        assertThat(sender.drainErrors()).isEqualTo(1);
        assertThat(sender.drainErrors()).isZero();
        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(1);
    }

    @Test
    void errorThatWaitsFailsTheNextCallOnce() {
        sender.setReceiveErrors(true);
        sender.setHeaderIncluded(true);
        receiver.close();
        fill(0, Packets.ipv4(LEFT, RIGHT, Packets.EXPERIMENTAL, Packets.pattern(10)));
        in.prepareReceive();

        sender.send(out.batch, 0, 1);
        assertThat(Poll.await(sender.fd(), 0, 10_000)).isEqualTo(Epoll.ERR);
        assertThat(sender.receive(in.batch, 0, 1)).isEqualTo(-Errno.ENOPROTOOPT);
        assertThat(sender.receive(in.batch, 0, 1)).isEqualTo(-Errno.EAGAIN);

        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(1);
        assertThat(awaitErrors(20)).isEqualTo(-Errno.ENOPROTOOPT);
    }

    /** Sends until a send tells of an earlier one's error, which the neighbour's answer may bring late. */
    private int awaitErrors(int seconds) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        int result = 1;
        while (result == 1 && System.nanoTime() < end) {
            result = sender.send(out.batch, 0, 1);
        }
        return result;
    }

    @Test
    void errorsAreNotKeptUnlessAskedFor() {
        receiver.close();
        fill(0, Packets.pattern(10));
        sender.send(out.batch, 0, 1);

        assertThat(Poll.await(sender.fd(), 0, 100)).isZero();
        assertThat(sender.drainErrors()).isZero();
    }

    @Test
    void filterSeesTheIpHeader() {
        receiver.attach(SocketFilter.builder()
                .loadByte(20)
                .jumpIfEqual(0x41, "accept")
                .refuse()
                .label("accept")
                .accept()
                .build());
        fill(0, new byte[] {0x40, 1});
        fill(1, new byte[] {0x41, 2});
        fill(2, new byte[] {0x42, 3});

        sender.send(out.batch, 0, 3);

        assertThat(receive()).isEqualTo(1);
        assertThat(in.bytes(0, Packets.IPV4_HEADER)).containsExactly(0x41, 2);
    }

    @Test
    void receivesOnlyWhatIsForTheAddressAndInterfaceThatItIsBoundTo() {
        right.addAddress("other", "192.0.2.3/24");
        receiver.bind(Packets.address("192.0.2.3"));
        receiver.bindToDevice("other");
        fill(0, Packets.pattern(1));
        fill(1, Packets.pattern(2));
        out.batch.inet4Address(1, Packets.number("192.0.2.3"), 0);
        sender.send(out.batch, 0, 2);

        assertThat(receive()).isEqualTo(1);
        assertThat(in.batch.length(0)).isEqualTo(22);

        receiver.bindToDevice("lo");
        sender.send(out.batch, 0, 2);
        assertThat(Poll.await(receiver.fd(), Epoll.IN, 100)).isZero();
    }

    @Test
    void boundSenderSendsFromItsAddress() {
        left.addAddress("outer", "192.0.2.9/24");
        sender.bind(Packets.address("192.0.2.9"));
        fill(0, Packets.pattern(1));
        sender.send(out.batch, 0, 1);
        receive();

        assertThat(in.batch.inet4Address(0)).isEqualTo(Packets.number("192.0.2.9"));
    }

    @Test
    void namesAddressOrInterfaceThatIsNotThere() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> sender.bind(Packets.address("203.0.113.5")))
                .withMessage("bind(203.0.113.5): EADDRNOTAVAIL (Cannot assign requested address)");
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> sender.bindToDevice("nowhere"))
                .withMessage("setsockopt(SO_BINDTODEVICE, nowhere): ENODEV (No such device)");
    }

    @Test
    void buffersMayPassTheSystemsLimit() {
        assertThat(sender.setReceiveBuffer(20_000_000)).isEqualTo(40_000_000);
        assertThat(sender.setSendBuffer(30_000_000)).isEqualTo(60_000_000);
    }

    @Test
    void saysWhichCapabilityIsMissing() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Privileges.without(Privileges.CAP_NET_RAW, () -> RawSocket.open(false, 47)))
                .withMessage(
                        "socket(AF_INET, SOCK_RAW, protocol 47): EPERM (Operation not permitted): needs CAP_NET_RAW");
    }

    @Test
    void ipv6PayloadsArriveWithSourceInterfaceAndFragmentSize() {
        left.addAddress("outer", "2001:db8::1/64");
        right.addAddress("other", "2001:db8::2/64");
        try (RawSocket sender6 = left.call(() -> RawSocket.open(true, Packets.EXPERIMENTAL));
                RawSocket receiver6 = right.call(() -> RawSocket.open(true, Packets.EXPERIMENTAL))) {
            sender6.setPathMtuDiscovery(RawSocket.PMTUDISC_DONT);
            receiver6.setReceivePacketInfo(true);
            receiver6.setReceiveFragmentSize(true);
            receiver6.bind(Packets.address("2001:db8::2"));
            fill6(0, "2001:db8::2", Packets.pattern(3000));

            assertThat(sender6.send(out.batch, 0, 1)).isEqualTo(1);
            receiveOn(receiver6);

            assertThat(in.bytes(0)).isEqualTo(Packets.pattern(3000));
            assertThat(in.batch.packetInfoInterface(0)).isEqualTo(right.interfaceIndex("other"));
            assertThat(in.batch.fragmentSize(0)).isEqualTo(1496);
            in.batch.copyInet6Address(0, out.memory(7).address());
            assertThat(Packets.get(out.memory(7), 0, 16))
                    .isEqualTo(Packets.address("2001:db8::1").getAddress());
        }
    }

    @Test
    void ipv6HeaderCanBeIncluded() {
        left.addAddress("outer", "2001:db8::1/64");
        right.addAddress("other", "2001:db8::2/64");
        try (RawSocket sender6 = left.call(() -> RawSocket.open(true, Packets.EXPERIMENTAL));
                RawSocket receiver6 = right.call(() -> RawSocket.open(true, Packets.EXPERIMENTAL))) {
            sender6.setHeaderIncluded(true);
            byte[] header = new byte[40];
            header[0] = 0x60;
            header[5] = 4;
            header[6] = (byte) Packets.EXPERIMENTAL;
            header[7] = 64;
            System.arraycopy(Packets.address("2001:db8::77").getAddress(), 0, header, 8, 16);
            System.arraycopy(Packets.address("2001:db8::2").getAddress(), 0, header, 24, 16);
            byte[] packet = Arrays.copyOf(header, 44);
            packet[43] = 9;
            fill6(0, "2001:db8::2", packet);

            assertThat(sender6.send(out.batch, 0, 1)).isEqualTo(1);
            receiveOn(receiver6);

            assertThat(in.bytes(0)).containsExactly(0, 0, 0, 9);
            in.batch.copyInet6Address(0, out.memory(7).address());
            assertThat(Packets.get(out.memory(7), 0, 16))
                    .isEqualTo(Packets.address("2001:db8::77").getAddress());
        }
    }

    @Test
    void ipv6ErrorsWaitInTheirQueueUntilDrained() {
        left.addAddress("outer", "2001:db8::1/64");
        right.addAddress("other", "2001:db8::2/64");
        try (RawSocket sender6 = left.call(() -> RawSocket.open(true, Packets.EXPERIMENTAL))) {
            sender6.setReceiveErrors(true);
            fill6(0, "2001:db8::2", Packets.pattern(10));
            assertThat(sender6.send(out.batch, 0, 1)).isEqualTo(1);
            assertThat(Poll.await(sender6.fd(), 0, 10_000)).isEqualTo(Epoll.ERR);

            assertThat(sender6.drainErrors()).isEqualTo(1);
        }
    }

    private void fill(int message, byte[] packet) {
        out.fill(message, packet);
        out.batch.inet4Address(message, Packets.number(RIGHT), 0);
    }

    private void fill6(int message, String destination, byte[] packet) {
        out.fill(message, packet);
        byte[] address = Packets.address(destination).getAddress();
        Packets.put(out.memory(7), 0, address);
        out.batch.inet6Address(message, out.memory(7).address(), 0, 0);
        out.memory(7).asSlice(0, 16).fill((byte) 0);
        assertThat(out.memory(7).get(ValueLayout.JAVA_BYTE, 0)).isZero();
    }

    private int receive() {
        return receiveOn(receiver);
    }

    private int receiveOn(RawSocket socket) {
        return in.receive(socket.fd(), socket::receive, 8);
    }

    /** Receives until {@code count} packets are there: the first one takes its time to find the neighbour. */
    private void awaitPackets(int count) {
        in.prepareReceive();
        int received = 0;
        while (received < count) {
            Buffers.awaitReadable(receiver.fd());
            received += receiver.receive(in.batch, received, count - received);
        }
        assertThat(Poll.await(receiver.fd(), Epoll.IN, 100)).isZero();
    }
}
