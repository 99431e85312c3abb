package io.culvert.linux.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.culvert.linux.Epoll;
import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.Packets;
import io.culvert.linux.Poll;
import io.culvert.linux.RequiresRoot;
import io.culvert.linux.TestNamespace;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@RequiresRoot
class UdpSocketTest {

    private static final int ETHERNET_MTU = 1500;

    private final Buffers out = new Buffers(4);
    private final Buffers in = new Buffers(16);
    private TestNamespace namespace;
    private UdpSocket sender;
    private UdpSocket receiver;

    @BeforeEach
    void open() {
        namespace = TestNamespace.create();
        namespace.addAddress("lo", "2001:db8::1/128");
        namespace.ip("link", "set", "lo", "mtu", Integer.toString(ETHERNET_MTU));
        openFamily(false);
    }

    private void openFamily(boolean ipv6) {
        sender = namespace.call(() -> UdpSocket.open(ipv6));
        receiver = namespace.call(() -> UdpSocket.open(ipv6));
        sender.bind(Packets.address(ipv6 ? "2001:db8::1" : "127.0.0.1"), 0);
        receiver.bind(Packets.address(ipv6 ? "2001:db8::1" : "127.0.0.1"), 0);
    }

    @AfterEach
    void close() {
        sender.close();
        receiver.close();
        namespace.close();
        out.close();
        in.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void superPacketGoesOutAndComesInWhole(boolean ipv6) {
        closeAndOpen(ipv6);
        receiver.setReceiveOffload(true);
        fill(0, Packets.pattern(10_500), ipv6);
        out.batch.segmentSize(0, 1000);

        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(1);
        assertThat(receive()).isEqualTo(1);

        assertThat(in.bytes(0)).isEqualTo(Packets.pattern(10_500));
        assertThat(in.batch.segmentSize(0)).isEqualTo(1000);
        assertThat(in.batch.port(0)).isEqualTo(sender.localPort());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void superPacketIsDatagramsForAnOrdinaryReceiver(boolean ipv6) {
        closeAndOpen(ipv6);
        sender.setSegmentSize(1000);
        fill(0, Packets.pattern(10_500), ipv6);

        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(1);
        assertThat(receive()).isEqualTo(11);

        assertThat(in.bytes(1)).isEqualTo(Arrays.copyOfRange(Packets.pattern(10_500), 1000, 2000));
        assertThat(in.batch.length(10)).isEqualTo(500);
        assertThat(in.batch.segmentSize(0)).isZero();
    }

    @Test
    void segmentSizeAndSourceAddressGoTogether() {
        receiver.setReceiveOffload(true);
        try (UdpSocket unbound = namespace.call(() -> UdpSocket.open(false))) {
            fill(0, Packets.pattern(3000), false);
            out.batch.packetInfo(0, 0, Packets.number("127.0.0.7"));
            out.batch.segmentSize(0, 1000);

            assertThat(unbound.send(out.batch, 0, 1)).isEqualTo(1);
        }
        receive();

        assertThat(in.batch.inet4Address(0)).isEqualTo(Packets.number("127.0.0.7"));
        assertThat(in.batch.segmentSize(0)).isEqualTo(1000);
        assertThat(in.batch.length(0)).isEqualTo(3000);
    }

    @Test
    void segmentSizeOfTheSocketCanBeTakenBack() {
        sender.setSegmentSize(100);
        sender.setSegmentSize(0);
        fill(0, Packets.pattern(1000), false);
        sender.send(out.batch, 0, 1);

        assertThat(receive()).isEqualTo(1);
        assertThat(in.batch.length(0)).isEqualTo(1000);
    }

    @Test
    void tooManySegmentsAreRefused() {
        fill(0, Packets.pattern(3000), false);
        out.batch.segmentSize(0, 10);

        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void batchKeepsItsOrder() {
        for (int i = 0; i < 4; i++) {
            fill(i, new byte[] {(byte) i}, false);
        }

        assertThat(sender.send(out.batch, 1, 3)).isEqualTo(3);

        assertThat(receive()).isEqualTo(3);
        assertThat(in.bytes(0)).containsExactly(1);
        assertThat(in.bytes(2)).containsExactly(3);
        assertThat(receiver.receive(in.batch, 0, 16)).isEqualTo(-Errno.EAGAIN);
    }

    @Test
    void tellsThePortThatTheKernelChose() {
        assertThat(sender.localPort()).isBetween(1024, 65_535).isNotEqualTo(receiver.localPort());
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> namespace
                        .call(() -> UdpSocket.open(false))
                        .bind(Packets.address("127.0.0.1"), sender.localPort()))
                .withMessage("bind(127.0.0.1 port " + sender.localPort() + "): EADDRINUSE (Address already in use)");
    }

    @Test
    void ipv6SocketLeavesIpv4ToAnother() {
        try (UdpSocket ipv6 = namespace.call(() -> UdpSocket.open(true))) {
            ipv6.bind(Packets.address("::"), receiver.localPort());

            assertThat(ipv6.localPort()).isEqualTo(receiver.localPort());
        }
    }

    @Test
    void scopeChoosesTheLinkOfALinkLocalAddress() {
        namespace.addVethPair("near", "far");
        namespace.addVethPair("aside", "astray");
        namespace.addAddress("far", "fe80::2/64");
        namespace.addAddress("aside", "fe80::1/64");
        int far = namespace.interfaceIndex("far");
        closeAndOpen(true);
        try (UdpSocket unbound = namespace.call(() -> UdpSocket.open(true));
                UdpSocket local = namespace.call(() -> UdpSocket.open(true))) {
            local.bind(scoped("fe80::2", far), 4000);
            out.fill(0, new byte[] {1});
            Packets.put(out.memory(3), 0, Packets.address("fe80::2").getAddress());
            out.batch.inet6Address(0, out.memory(3).address(), namespace.interfaceIndex("aside"), 4000);
            assertThat(unbound.send(out.batch, 0, 1)).isEqualTo(1);
            assertThat(Poll.await(local.fd(), Epoll.IN, 100)).isZero();

            out.batch.inet6Address(0, out.memory(3).address(), far, 4000);
            assertThat(unbound.send(out.batch, 0, 1)).isEqualTo(1);
            Buffers.awaitReadable(local.fd());
        }
    }

    private static InetAddress scoped(String address, int scope) {
        try {
            return Inet6Address.getByAddress(null, Packets.address(address).getAddress(), scope);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void filterSeesTheUdpHeader() {
        receiver.attach(SocketFilter.builder()
                .loadHalf(0)
                .jumpIfNotEqual(sender.localPort(), "refuse")
                .loadByte(8)
                .jumpIfNotEqual('y', "refuse")
                .accept()
                .label("refuse")
                .refuse()
                .build());
        fill(0, new byte[] {'n'}, false);
        fill(1, new byte[] {'y'}, false);
        sender.send(out.batch, 0, 2);

        assertThat(receive()).isEqualTo(1);
        assertThat(in.bytes(0)).containsExactly('y');
    }

    @Test
    void countsWhatDoesNotFitIntoTheReceiveBuffer() {
        receiver.setReceiveBuffer(4096);
        sender.setSendBuffer(1 << 20);
        for (int i = 0; i < 100; i++) {
            fill(0, Packets.pattern(1000), false);
            assertThat(sender.send(out.batch, 0, 1)).isEqualTo(1);
        }

        int received = receive();

        assertThat(received).isBetween(1, 15);
        assertThat(receiver.receiveDrops()).isEqualTo(100 - received);
    }

    private void closeAndOpen(boolean ipv6) {
        sender.close();
        receiver.close();
        openFamily(ipv6);
    }

    private void fill(int message, byte[] data, boolean ipv6) {
        out.fill(message, data);
        if (ipv6) {
            Packets.put(out.memory(3), 0, Packets.address("2001:db8::1").getAddress());
            out.batch.inet6Address(message, out.memory(3).address(), 0, receiver.localPort());
        } else {
            out.batch.inet4Address(message, Packets.number("127.0.0.1"), receiver.localPort());
        }
    }

    private int receive() {
        return in.receive(receiver.fd(), receiver::receive, 16);
    }
}
