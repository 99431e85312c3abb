package io.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.PacketSocket;
import io.culvert.linux.socket.RawSocket;
import io.culvert.linux.tun.TunDevice;
import io.culvert.linux.tun.TunRequest;
import io.culvert.linux.tun.VnetHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a packet needs makes no object. The JVM counts the bytes that this thread allocated, so none goes unseen. */
@RequiresRoot
class AllocationTest {

    private static final int ROUNDS = 20;
    private static final int CALLS = 100_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(2048, 8);
    private final MessageBatch batch =
            new MessageBatch(4, 2, MessageBatch.NAME_CAPACITY, MessageBatch.CONTROL_CAPACITY);
    private TestNamespace namespace;
    private int received;

    @BeforeEach
    void createNamespace() {
        namespace = TestNamespace.create();
    }

    @AfterEach
    void close() {
        namespace.close();
        batch.close();
        arena.close();
    }

    @Test
    void readingAnEmptyTunDevice() {
        try (TunDevice device = namespace.call(() -> TunDevice.open(TunRequest.tun("tun7")))) {
            assertAllocatesNothing(() -> device.read(buffer.address(), 2048), -Errno.EAGAIN);
        }
    }

    @Test
    void waitingForADescriptor() {
        try (EventFd writable = EventFd.open()) {
            assertAllocatesNothing(() -> Poll.await(buffer, writable.fd(), Epoll.OUT, 10), Epoll.OUT);
        }
    }

    @Test
    void writingATunDevice() {
        try (TunDevice device =
                namespace.call(() -> TunDevice.open(TunRequest.tun("tun7").withVnetHeader()))) {
            namespace.ip("link", "set", "tun7", "up");
            Packets.put(buffer, 0, new byte[] {0x77, 0x77, 0x77});
            Packets.put(buffer, VnetHeader.LENGTH, Packets.ipv4("192.0.2.1", "192.0.2.2", 253, new byte[20]));
            assertAllocatesNothing(
                    () -> {
                        VnetHeader.clear(buffer, 0);
                        VnetHeader.gsoType(buffer, 0, VnetHeader.GSO_NONE);
                        return device.write(buffer.address(), VnetHeader.LENGTH + 40);
                    },
                    VnetHeader.LENGTH + 40);
        }
    }

    @Test
    void sendingAndReceivingBatchesOfFrames() {
        namespace.addVethPair("near", "far");
        int near = namespace.interfaceIndex("near");
        int far = namespace.interfaceIndex("far");
        try (PacketSocket sender = namespace.call(() -> PacketSocket.open(0));
                PacketSocket receiver = namespace.call(() -> PacketSocket.open(0))) {
            receiver.bind(far, 0x88b5);
            Packets.put(buffer, 0, Packets.ethernet("02:00:00:00:00:02", "02:00:00:00:00:01", 0x88b5, new byte[46]));
            assertAllocatesNothing(
                    () -> {
                        for (int message = 0; message < 4; message++) {
                            batch.iovec(message, 0, buffer.address(), 14);
                            batch.iovec(message, 1, buffer.address() + 14, 46);
                            batch.iovecCount(message, 2);
                            batch.packetAddress(message, near, 0x88b5);
                            batch.noControl(message);
                        }
                        return sender.send(batch, 0, 4);
                    },
                    4);
            assertAllocatesNothing(
                    () -> {
                        batch.packetAddress(0, near, 0x88b5);
                        sender.send(batch, 0, 1);
                        batch.prepareReceive(0, 4);
                        return readNames(receiver.receive(batch, 0, 4));
                    },
                    0);
            assertThat(received).isGreaterThan(CALLS);
        }
    }

    @Test
    void sendingAndReceivingBatchesOfIpPackets() {
        try (RawSocket socket = namespace.call(() -> RawSocket.open(false, 253))) {
            socket.setReceivePacketInfo(true);
            int loopback = namespace.interfaceIndex("lo");
            assertAllocatesNothing(
                    () -> {
                        batch.iovec(0, 0, buffer.address(), 100);
                        batch.iovecCount(0, 1);
                        batch.inet4Address(0, 0x7f000001, 0);
                        batch.packetInfo(0, loopback, 0);
                        int sent = socket.send(batch, 0, 1);
                        batch.prepareReceive(0, 1);
                        return sent + readControlData(socket.receive(batch, 0, 1));
                    },
                    1);
            assertThat(received).isGreaterThan(CALLS);
        }
    }

    /** The softirq that delivers may come late, so that a call finds nothing and a later one finds more. */
    private int readNames(int count) {
        for (int message = 0; message < count; message++) {
            received += batch.packetInterface(message) > 0 && batch.packetType(message) > 0 ? 1 : 0;
        }
        return count == -Errno.EAGAIN ? 0 : Math.min(count, 0);
    }

    private int readControlData(int count) {
        for (int message = 0; message < count; message++) {
            boolean whole = batch.fragmentSize(message) == 0 && batch.segmentSize(message) == 0;
            received += whole && batch.packetInfoInterface(message) > 0 ? 1 : 0;
        }
        return count == -Errno.EAGAIN ? 0 : Math.min(count, 0);
    }

    @Test
    void waiting() {
        try (Epoll epoll = Epoll.open(4);
                EventFd event = EventFd.open()) {
            epoll.add(event.fd(), Epoll.IN, 7);
            assertAllocatesNothing(
                    () -> {
                        event.signal();
                        int found = epoll.await(0);
                        int token = (int) epoll.token(0);
                        event.drain();
                        return found * 100 + token * 10 + epoll.events(0) + epoll.await(0);
                    },
                    171);
        }
    }

    /**
     * Until the optimizing compiler has been there, a call makes an object: see {@link SystemCalls}. It may think again when
     * a call first ends otherwise, so rounds are run until one allocates nothing.
     */
    private void assertAllocatesNothing(IntSupplier call, int expected) {
        long allocated = allocated(call, CALLS, expected);
        for (int round = 1; round < ROUNDS && allocated != 0; round++) {
            allocated = allocated(call, CALLS, expected);
        }
        assertThat(allocated).isZero();
    }

    private long allocated(IntSupplier call, int times, int expected) {
        long before = threads.getCurrentThreadAllocatedBytes();
        repeat(call, times, expected);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static void repeat(IntSupplier call, int times, int expected) {
        for (int i = 0; i < times; i++) {
            int result = call.getAsInt();
            if (result != expected) {
                throw new AssertionError("call " + i + " returned " + result + ", not " + expected);
            }
        }
    }
}
