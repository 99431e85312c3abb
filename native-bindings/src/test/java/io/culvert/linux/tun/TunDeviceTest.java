package io.culvert.linux.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.culvert.linux.Commands;
import io.culvert.linux.Epoll;
import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.Packets;
import io.culvert.linux.Poll;
import io.culvert.linux.Privileges;
import io.culvert.linux.RequiresRoot;
import io.culvert.linux.TestNamespace;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RequiresRoot
class TunDeviceTest {

    private static final String NAME = "tun7";
    private static final String HERE = "192.0.2.1";
    private static final String THERE = "192.0.2.2";
    private static final int FLOWS = 64;
    private static final int CAPACITY = 65_536;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(CAPACITY);
    private TestNamespace namespace;

    @BeforeEach
    void createNamespace() {
        namespace = TestNamespace.create();
    }

    @AfterEach
    void close() {
        namespace.close();
        arena.close();
    }

    @Test
    void kernelAnswersWhatIsWrittenAndItsAnswerIsRead() {
        try (TunDevice device = openUp(TunRequest.tun(NAME))) {
            byte[] request = Packets.ipv4(THERE, HERE, 1, Packets.echoRequest(Packets.pattern(100)));

            assertThat(write(device, request)).isEqualTo(request.length);
            byte[] reply = read(device);

            byte[] expected = Packets.echoRequest(Packets.pattern(100));
            expected[0] = 0;
            byte[] icmp = Arrays.copyOfRange(reply, Packets.IPV4_HEADER, reply.length);
            assertThat(Packets.checksum(icmp, 0, icmp.length)).isZero();
            assertThat(Arrays.copyOfRange(icmp, 4, icmp.length))
                    .isEqualTo(Arrays.copyOfRange(expected, 4, icmp.length));
            assertThat(icmp[0]).isZero();
        }
    }

    @Test
    void tapCarriesEthernetFrames() {
        try (TunDevice device = openUp(TunRequest.tap(NAME))) {
            String mac =
                    namespace.exec("cat", "/sys/class/net/" + NAME + "/address").trim();
            byte[] echo = Packets.ipv4(THERE, HERE, 1, Packets.echoRequest(Packets.pattern(10)));
            write(device, Packets.ethernet(mac, "02:00:00:00:00:02", 0x0800, echo));

            byte[] whoHas = read(device);

            assertThat(Arrays.copyOf(whoHas, 6)).containsOnly(0xff);
            assertThat(Arrays.copyOfRange(whoHas, 12, 14)).containsExactly(0x08, 0x06);
        }
    }

    @Test
    void readsNothingWithoutWaiting() {
        try (TunDevice device = openUp(TunRequest.tun(NAME))) {
            assertThat(device.read(buffer.address(), CAPACITY)).isEqualTo(-Errno.EAGAIN);
        }
    }

    @Test
    void kernelNumbersADeviceWithoutAName() {
        try (TunDevice first = open(TunRequest.tun(""));
                TunDevice second = open(TunRequest.tun("culvert%d"))) {
            assertThat(first.name()).isEqualTo("tun0");
            assertThat(second.name()).isEqualTo("culvert0");
        }
    }

    @Test
    void deviceLastsAsLongAsItsDescriptor() {
        TunDevice device = open(TunRequest.tun(NAME));
        assertThat(namespace.ip("link")).contains(NAME);

        device.close();
        device.close();

        assertThat(namespace.ip("link")).doesNotContain(NAME);
        assertThat(device.fd()).isEqualTo(-1);
        assertThat(device.read(buffer.address(), CAPACITY)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void attachesToAPersistentDeviceAndKeepsWhatIsConfigured() {
        openUp(TunRequest.tun(NAME).withPersist()).close();
        assertThat(namespace.ip("link", "show", NAME)).contains("NO-CARRIER");

        try (TunDevice again = open(TunRequest.tun(NAME))) {
            assertThat(namespace.ip("addr", "show", NAME)).contains(HERE).contains("LOWER_UP");
            again.setPersistent(false);
        }

        assertThat(namespace.ip("link")).doesNotContain(NAME);
    }

    @Test
    void attachesToADeviceThatIpMade() {
        namespace.ip("tuntap", "add", NAME, "mode", "tun");

        try (TunDevice device = open(TunRequest.tun(NAME).withVnetHeader())) {
            assertThat(device.name()).isEqualTo(NAME);
        }

        assertThat(namespace.ip("-d", "link", "show", NAME))
                .contains("tun type tun")
                .contains("persist on");
    }

    @Test
    void queuesShareFlowsUnlessDetached() {
        TunRequest request = TunRequest.tun(NAME).withMultiQueue();
        try (TunDevice first = openUp(request);
                TunDevice second = open(request)) {
            writeEchoesOfManyFlows(first, second);
            int ofFirst = readAll(first);
            assertThat(ofFirst).isBetween(1, FLOWS - 1);
            assertThat(readAll(second)).isEqualTo(FLOWS - ofFirst);

            first.setQueueAttached(false);
            writeEchoesOfManyFlows(second);
            assertThat(readAll(first)).isZero();
            assertThat(readAll(second)).isEqualTo(FLOWS);

            first.setQueueAttached(true);
            writeEchoesOfManyFlows(first);
            assertThat(readAll(first)).isPositive();
        }
    }

    private void writeEchoesOfManyFlows(TunDevice... queues) {
        for (int flow = 0; flow < FLOWS; flow++) {
            byte[] echo = Packets.ipv4("192.0.2." + (100 + flow), HERE, 1, Packets.echoRequest(new byte[8]));
            write(queues[flow % queues.length], echo);
        }
    }

    private int readAll(TunDevice device) {
        int packets = 0;
        while (Poll.await(device.fd(), Epoll.IN, 100) == Epoll.IN) {
            device.read(buffer.address(), CAPACITY);
            packets++;
        }
        return packets;
    }

    @Test
    void saysThatTheLinkIsDown() {
        try (TunDevice device = openUp(TunRequest.tun(NAME))) {
            byte[] packet = Packets.ipv4(THERE, HERE, 1, Packets.echoRequest(new byte[8]));
            namespace.ip("link", "set", NAME, "down");

            assertThat(write(device, packet)).isEqualTo(-Errno.EIO);
            assertThat(device.read(buffer.address(), CAPACITY)).isEqualTo(-Errno.EAGAIN);
            assertThat(Poll.await(device.fd(), Epoll.IN, 0)).isZero();

            namespace.ip("link", "set", NAME, "up");
            assertThat(write(device, packet)).isEqualTo(packet.length);
        }
    }

    @Test
    void saysThatTheDeviceWasDeleted() {
        try (TunDevice device = openUp(TunRequest.tun(NAME));
                Epoll epoll = Epoll.open(1)) {
            epoll.add(device.fd(), Epoll.IN, 1);
            namespace.ip("link", "del", NAME);

            assertThat(epoll.await(10_000)).isEqualTo(1);
            assertThat(epoll.events(0) & Epoll.ERR).isEqualTo(Epoll.ERR);
            assertThat(device.read(buffer.address(), CAPACITY)).isEqualTo(-Errno.EBADFD);
            assertThat(write(device, new byte[] {0x45})).isEqualTo(-Errno.EBADFD);
        }
    }

    @Test
    void refusesWhatIsNoIpPacket() {
        try (TunDevice device = openUp(TunRequest.tun(NAME))) {
            assertThat(write(device, new byte[40])).isEqualTo(-Errno.EINVAL);
            assertThat(device.write(buffer.address(), 0)).isEqualTo(-Errno.EINVAL);
        }
    }

    @Test
    void namesDeviceAndRemedyWhereOpenFails() {
        try (TunDevice held = open(TunRequest.tun(NAME))) {
            assertRefused(
                    TunRequest.tun(NAME),
                    Errno.EBUSY,
                    "ioctl(TUNSETIFF, tun7): EBUSY (Device or resource busy): another process holds it");
            assertRefused(
                    TunRequest.tap(NAME),
                    Errno.EINVAL,
                    "ioctl(TUNSETIFF, tun7): EINVAL (Invalid argument): the name is not valid, or an interface of that"
                            + " name exists and is not a single-queue TAP device: see \"ip -d link show tun7\"");
            assertThat(held.fd()).isPositive();
        }
        assertRefused(
                TunRequest.tun("lo").withMultiQueue(),
                Errno.EINVAL,
                "ioctl(TUNSETIFF, lo): EINVAL (Invalid argument): the name is not valid, or an interface of that"
                        + " name exists and is not a multi-queue TUN device: see \"ip -d link show lo\"");
    }

    @Test
    void keepsNoDescriptorWhereOpenFails() {
        try (TunDevice held = open(TunRequest.tun(NAME))) {
            for (int i = 0; i < 3; i++) {
                assertThatExceptionOfType(ErrnoException.class)
                        .isThrownBy(() -> open(TunRequest.tun(held.name())).close());
            }
            assertThat(Arrays.stream(Path.of("/proc/self/fd").toFile().listFiles())
                            .filter(TunDeviceTest::isTun))
                    .hasSize(1);
        }
    }

    private static boolean isTun(File descriptor) {
        try {
            return descriptor.getCanonicalPath().equals("/dev/net/tun");
        } catch (IOException gone) {
            return false;
        }
    }

    @Test
    void saysWhichCapabilityIsMissing() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> namespace.call(
                        () -> Privileges.without(Privileges.CAP_NET_ADMIN, () -> TunDevice.open(TunRequest.tun(NAME)))))
                .withMessage("ioctl(TUNSETIFF, tun7): EPERM (Operation not permitted): needs CAP_NET_ADMIN");
    }

    @Test
    void saysHowToGetTheMissingDeviceNode() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String open = java + " --enable-native-access=ALL-UNNAMED -cp " + System.getProperty("java.class.path") + " '"
                + OpenMain.class.getName() + "'";

        assertThat(Commands.run("unshare", "-m", "sh", "-c", "mount -t tmpfs none /dev/net && " + open))
                .contains(
                        "open(/dev/net/tun): ENOENT (No such file or directory): load the driver with \"modprobe tun\""
                                + ", or create the node with \"mknod /dev/net/tun c 10 200\"");
        assertThat(Commands.run(
                        "unshare", "-m", "sh", "-c", "mount -t tmpfs none /dev/net && touch /dev/net/tun && " + open))
                .contains("ioctl(TUNSETIFF, gone): ENOTTY (Inappropriate ioctl for device): "
                        + "/dev/net/tun is not character device 10:200");
    }

    /** Prints why a device cannot be opened. */
    static final class OpenMain {
        public static void main(String[] args) {
            try (TunDevice device = TunDevice.open(TunRequest.tun("gone"))) {
                System.out.println("opened " + device);
            } catch (ErrnoException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private void assertRefused(TunRequest request, int errno, String message) {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> open(request).close())
                .withMessage(message)
                .satisfies(refused -> assertThat(refused.errno()).isEqualTo(errno));
    }

    private TunDevice open(TunRequest request) {
        return namespace.call(() -> TunDevice.open(request));
    }

    private TunDevice openUp(TunRequest request) {
        TunDevice device = open(request);
        namespace.ip("addr", "add", HERE + "/24", "dev", device.name());
        namespace.ip("link", "set", device.name(), "up");
        return device;
    }

    private int write(TunDevice device, byte[] packet) {
        return device.write(buffer.address(), Packets.put(buffer, 0, packet));
    }

    private byte[] read(TunDevice device) {
        assertThat(Poll.await(device.fd(), Epoll.IN, 10_000)).isEqualTo(Epoll.IN);
        int length = device.read(buffer.address(), CAPACITY);
        assertThat(length).isPositive();
        return Packets.get(buffer, 0, length);
    }
}
