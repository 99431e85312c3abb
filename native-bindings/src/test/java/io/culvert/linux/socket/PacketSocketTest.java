package io.culvert.linux.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.Packets;
import io.culvert.linux.Privileges;
import io.culvert.linux.RequiresRoot;
import io.culvert.linux.SystemCalls;
import io.culvert.linux.TestNamespace;
import io.culvert.linux.tun.VnetHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two ends of a veth pair: {@code sender} is at one, {@code receiver} at the other. */
@RequiresRoot
class PacketSocketTest {

    /** EtherType for experiments (IEEE 802), which the kernel leaves alone. */
    private static final int EXPERIMENTAL = 0x88b5;

    /** A classic BPF program for tc: one instruction, return TC_ACT_SHOT. */
    private static final String DROP_ALL = "1,6 0 0 2";

    private static final int F_GETFD = 1;
    private static final int F_GETFL = 3;
    private static final int FD_CLOEXEC = 1;
    private static final int O_NONBLOCK = 0x800;

    private static final String STRANGER = "02:00:00:00:00:77";
    private static final String BROADCAST = "ff:ff:ff:ff:ff:ff";

    private final Buffers out = new Buffers(8);
    private final Buffers in = new Buffers(8);
    private TestNamespace namespace;
    private PacketSocket sender;
    private PacketSocket receiver;
    private int near;
    private int far;
    private String nearMac;
    private String farMac;

    @BeforeEach
    void open() {
        namespace = TestNamespace.create();
        namespace.addVethPair("near", "far");
        near = namespace.interfaceIndex("near");
        far = namespace.interfaceIndex("far");
        nearMac = mac("near");
        farMac = mac("far");
        sender = namespace.call(() -> PacketSocket.open(0));
        receiver = namespace.call(() -> PacketSocket.open(0));
        receiver.bind(far, EXPERIMENTAL);
    }

    private String mac(String device) {
        return namespace.exec("cat", "/sys/class/net/" + device + "/address").trim();
    }

    @AfterEach
    void close() {
        sender.close();
        receiver.close();
        namespace.close();
        out.close();
        in.close();
    }

    @Test
    void framesArriveInOrderWithInterfaceTypeAndEtherType() {
        fill(0, farMac, 100);
        fill(1, STRANGER, 1500);
        fill(2, BROADCAST, 46);
        fill(3, "01:00:5e:00:00:05", 46);

        assertThat(sender.send(out.batch, 0, 4)).isEqualTo(4);
        assertThat(receive(8)).isEqualTo(4);

        assertThat(in.bytes(0)).isEqualTo(frame(farMac, 100));
        assertThat(in.bytes(1)).isEqualTo(frame(STRANGER, 1500));
        assertThat(in.batch.packetInterface(0)).isEqualTo(far);
        assertThat(in.batch.packetEtherType(0)).isEqualTo(EXPERIMENTAL);
        assertThat(in.batch.packetType(0)).isEqualTo(PacketSocket.PACKET_HOST);
        assertThat(in.batch.packetType(1)).isEqualTo(PacketSocket.PACKET_OTHERHOST);
        assertThat(in.batch.packetType(2)).isEqualTo(PacketSocket.PACKET_BROADCAST);
        assertThat(in.batch.packetType(3)).isEqualTo(PacketSocket.PACKET_MULTICAST);
    }

    @Test
    void framesAreGatheredFromTheirPieces() {
        byte[] first = frame(farMac, 1000);
        byte[] second = frame(BROADCAST, 300);
        long address = out.memory(0).address();
        Packets.put(out.memory(0), 0, first);
        Packets.put(out.memory(0), first.length, second);
        try (MessageBatch pieces = new MessageBatch(2, 3, MessageBatch.NAME_CAPACITY, 0)) {
            pieces.iovec(0, 0, address, 14);
            pieces.iovec(0, 1, address + 14, 500);
            pieces.iovec(0, 2, address + 514, first.length - 514);
            pieces.packetAddress(0, near, EXPERIMENTAL);
            pieces.iovec(1, 0, address + first.length, 100);
            pieces.iovec(1, 1, address + first.length + 100, second.length - 100);
            pieces.iovec(1, 2, address, 14);
            pieces.iovecCount(1, 2);
            pieces.packetAddress(1, near, EXPERIMENTAL);

            assertThat(sender.send(pieces, 0, 2)).isEqualTo(2);
            assertThat(pieces.length(0)).isEqualTo(first.length);
            assertThat(pieces.length(1)).isEqualTo(second.length);
        }

        assertThat(receive(2)).isEqualTo(2);
        assertThat(in.bytes(0)).isEqualTo(first);
        assertThat(in.bytes(1)).isEqualTo(second);
    }

    @Test
    void descriptorDoesNotBlockNorReachChildProcesses() {
        assertThat(SystemCalls.fcntl(receiver.fd(), F_GETFL, 0) & O_NONBLOCK).isEqualTo(O_NONBLOCK);
        assertThat(SystemCalls.fcntl(receiver.fd(), F_GETFD, 0)).isEqualTo(FD_CLOEXEC);
    }

    @Test
    void frameThatDoesNotFitIsCutOffAndMarked() {
        fill(0, farMac, 100);
        sender.send(out.batch, 0, 1);

        Buffers.awaitReadable(receiver.fd());
        in.prepareReceive();
        in.batch.iovec(3, 0, in.memory(3).address(), 60);
        assertThat(receiver.receive(in.batch, 3, 1)).isEqualTo(1);

        assertThat(in.batch.length(3)).isEqualTo(60);
        assertThat(in.batch.flags(3) & MessageBatch.MSG_TRUNC).isEqualTo(MessageBatch.MSG_TRUNC);
    }

    @Test
    void receivesNothingBeforeItIsBound() {
        try (PacketSocket unbound = namespace.call(() -> PacketSocket.open(0))) {
            fill(0, farMac, 100);
            sender.send(out.batch, 0, 1);
            in.prepareReceive();

            assertThat(receive(8)).isEqualTo(1);
            assertThat(unbound.receive(in.batch, 0, 8)).isEqualTo(-Errno.EAGAIN);
        }
    }

    @Test
    void receivesFromEveryInterfaceUnlessBoundToOne() {
        try (PacketSocket all = namespace.call(() -> PacketSocket.open(EXPERIMENTAL))) {
            fill(0, nearMac, 100);
            out.batch.packetAddress(0, far, EXPERIMENTAL);
            fill(1, farMac, 100);
            assertThat(sender.send(out.batch, 0, 2)).isEqualTo(2);

            assertThat(receive(8)).isEqualTo(1);
            in.prepareReceive();
            assertThat(all.receive(in.batch, 0, 8)).isEqualTo(2);
            assertThat(in.batch.packetInterface(0)).isEqualTo(near);
            assertThat(in.batch.packetInterface(1)).isEqualTo(far);
        }
    }

    @Test
    void seesWhatThisHostSendsUnlessIgnored() {
        try (PacketSocket both = namespace.call(() -> PacketSocket.open(0))) {
            both.bind(near, PacketSocket.ETH_P_ALL);
            fill(0, farMac, 100);
            sender.send(out.batch, 0, 1);
            receive(1);

            in.prepareReceive();
            assertThat(both.receive(in.batch, 0, 8)).isEqualTo(1);
            assertThat(in.batch.packetType(0)).isEqualTo(PacketSocket.PACKET_OUTGOING);

            both.setIgnoreOutgoing(true);
            sender.send(out.batch, 0, 1);
            receive(1);
            in.prepareReceive();
            assertThat(both.receive(in.batch, 0, 8)).isEqualTo(-Errno.EAGAIN);
        }
    }

    @Test
    void superPacketCrossesWholeWithItsVnetHeader() {
        sender.setVnetHeader(true);
        receiver.setVnetHeader(true);
        receiver.bind(far, PacketSocket.ETH_P_IP);
        byte[] frame = udpSuperPacket(30_000);
        fillWithVnetHeader(frame, 1000);

        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(1);
        assertThat(receive(8)).isEqualTo(1);

        assertThat(in.batch.length(0)).isEqualTo(VnetHeader.LENGTH + frame.length);
        assertThat(in.bytes(0, VnetHeader.LENGTH)).isEqualTo(frame);
        assertThat(VnetHeader.flags(in.memory(0), 0)).isEqualTo(VnetHeader.NEEDS_CSUM);
        assertThat(VnetHeader.gsoType(in.memory(0), 0)).isEqualTo(VnetHeader.GSO_UDP_L4);
        assertThat(VnetHeader.gsoSize(in.memory(0), 0)).isEqualTo(1000);
        assertThat(VnetHeader.checksumStart(in.memory(0), 0)).isEqualTo(34);
        assertThat(VnetHeader.checksumOffset(in.memory(0), 0)).isEqualTo(6);
    }

    @Test
    void kernelCutsSuperPacketsForALinkThatCannotCarryThem() {
        namespace.exec("ethtool", "-K", "near", "tx-udp-segmentation", "off");
        sender.setVnetHeader(true);
        receiver.bind(far, PacketSocket.ETH_P_IP);
        fillWithVnetHeader(udpSuperPacket(2500), 1000);

        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(1);

        assertThat(receive(8)).isEqualTo(3);
        assertThat(in.batch.length(0)).isEqualTo(14 + 28 + 1000);
        assertThat(in.batch.length(2)).isEqualTo(14 + 28 + 500);
    }

    @Test
    void qdiscBypassPassesOverTrafficControl() {
        namespace.exec("tc", "qdisc", "add", "dev", "near", "clsact");
        namespace.exec("tc", "filter", "add", "dev", "near", "egress", "bpf", "bytecode", DROP_ALL, "da");
        fill(0, farMac, 100);
        sender.send(out.batch, 0, 1);
        sender.setQdiscBypass(true);
        fill(0, farMac, 200);
        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(1);

        assertThat(receive(8)).isEqualTo(1);
        assertThat(in.bytes(0)).hasSize(214);
    }

    @Test
    void fanoutSharesFramesOutAmongSockets() {
        try (PacketSocket second = namespace.call(() -> PacketSocket.open(0))) {
            second.bind(far, EXPERIMENTAL);
            receiver.setFanout(40_000, PacketSocket.FANOUT_LB);
            second.setFanout(40_000, PacketSocket.FANOUT_LB);
            for (int i = 0; i < 8; i++) {
                fill(i, farMac, 100);
            }
            assertThat(sender.send(out.batch, 0, 8)).isEqualTo(8);

            assertThat(receive(8)).isEqualTo(4);
            in.prepareReceive();
            assertThat(second.receive(in.batch, 0, 8)).isEqualTo(4);
        }
    }

    @Test
    void statisticsCountFramesAndDropsSinceTheLastCall() {
        receiver.setReceiveBuffer(4096);
        for (int i = 0; i < 8; i++) {
            fill(i, farMac, 1000);
        }
        for (int i = 0; i < 50; i++) {
            assertThat(sender.send(out.batch, 0, 8)).isEqualTo(8);
        }
        int received = receive(8);

        PacketSocket.Statistics statistics = receiver.statistics();
        assertThat(statistics.packets()).isEqualTo(400);
        assertThat(received).isBetween(1, 7);
        assertThat(statistics.drops()).isEqualTo(400 - received);
        assertThat(receiver.statistics()).isEqualTo(new PacketSocket.Statistics(0, 0));
    }

    @Test
    void buffersMayPassTheSystemsLimit() {
        assertThat(receiver.setReceiveBuffer(20_000_000)).isEqualTo(40_000_000);
        assertThat(receiver.setSendBuffer(30_000_000)).isEqualTo(60_000_000);
    }

    @Test
    void buffersStopAtTheSystemsLimitWithoutPrivilege() {
        int limit = Integer.parseInt(
                namespace.exec("cat", "/proc/sys/net/core/rmem_max").trim());

        assertThat((int) Privileges.without(Privileges.CAP_NET_ADMIN, () -> receiver.setReceiveBuffer(1_000_000_000)))
                .isEqualTo(2 * limit);
    }

    @Test
    void sendsUpToTheFrameThatFails() {
        fill(0, farMac, 100);
        fill(1, farMac, 1501);
        fill(2, farMac, 200);

        assertThat(sender.send(out.batch, 0, 3)).isEqualTo(1);
        assertThat(sender.send(out.batch, 1, 2)).isEqualTo(-Errno.EMSGSIZE);
        assertThat(sender.send(out.batch, 2, 1)).isEqualTo(1);

        assertThat(receive(8)).isEqualTo(2);
    }

    @Test
    void worksAgainAfterTheLinkWasDown() {
        fill(0, farMac, 100);
        namespace.ip("link", "set", "near", "down");
        namespace.ip("link", "set", "far", "down");

        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(-Errno.ENETDOWN);
        in.prepareReceive();
        assertThat(receiver.receive(in.batch, 0, 8)).isEqualTo(-Errno.ENETDOWN);
        assertThat(receiver.receive(in.batch, 0, 8)).isEqualTo(-Errno.EAGAIN);

        namespace.ip("link", "set", "near", "up");
        namespace.ip("link", "set", "far", "up");
        namespace.awaitCarrier("near");
        namespace.awaitCarrier("far");
        assertThat(sender.send(out.batch, 0, 1)).isEqualTo(1);
        assertThat(receive(8)).isEqualTo(1);
    }

    @Test
    void saysWhichCapabilityIsMissing() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Privileges.without(Privileges.CAP_NET_RAW, () -> PacketSocket.open(0)))
                .withMessage("socket(AF_PACKET): EPERM (Operation not permitted): needs CAP_NET_RAW");
    }

    @Test
    void namesTheOptionOrInterfaceThatIsRefused() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> receiver.bind(9999, EXPERIMENTAL))
                .withMessage("bind(AF_PACKET, interface 9999): ENODEV (No such device)");
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> receiver.setFanout(1, 99))
                .withMessage("setsockopt(PACKET_FANOUT, 6488065): EINVAL (Invalid argument)");
    }

    @Test
    void isClosedOnce() {
        receiver.close();
        receiver.close();

        assertThat(receiver.fd()).isEqualTo(-1);
        assertThat(receiver.receive(in.batch, 0, 1)).isEqualTo(-Errno.EBADF);
    }

    private byte[] frame(String destination, int payload) {
        return Packets.ethernet(destination, nearMac, EXPERIMENTAL, Packets.pattern(payload));
    }

    private void fill(int message, String destination, int payload) {
        out.fill(message, frame(destination, payload));
        out.batch.packetAddress(message, near, EXPERIMENTAL);
    }

    private byte[] udpSuperPacket(int payload) {
        int sum = Packets.pseudoHeaderSum("192.0.2.1", "192.0.2.2", 17, 8 + payload);
        byte[] datagram = Packets.udp(4000, 4000, sum, Packets.pattern(payload));
        return Packets.ethernet(farMac, nearMac, 0x0800, Packets.ipv4("192.0.2.1", "192.0.2.2", 17, datagram));
    }

    private void fillWithVnetHeader(byte[] frame, int gsoSize) {
        out.fill(0, new byte[VnetHeader.LENGTH], frame);
        out.batch.packetAddress(0, near, PacketSocket.ETH_P_IP);
        VnetHeader.flags(out.memory(0), 0, VnetHeader.NEEDS_CSUM);
        VnetHeader.gsoType(out.memory(0), 0, VnetHeader.GSO_UDP_L4);
        VnetHeader.gsoSize(out.memory(0), 0, gsoSize);
        VnetHeader.headerLength(out.memory(0), 0, 42);
        VnetHeader.checksumStart(out.memory(0), 0, 34);
        VnetHeader.checksumOffset(out.memory(0), 0, 6);
    }

    private int receive(int count) {
        return in.receive(receiver.fd(), receiver::receive, count);
    }
}
