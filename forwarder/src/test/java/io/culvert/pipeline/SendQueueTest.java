package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.Errno;
import io.culvert.linux.EventFd;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.tun.VnetHeader;
import io.culvert.testing.Allocations;
import io.culvert.testing.SeededCases;
import io.culvert.tunnel.Counters;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelTable;
import io.culvert.tunnel.Verdict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of packets when the kernel takes some, or none: every one is counted once, and none is sent twice. */
@Timeout(30)
final class SendQueueTest {

    private static final int EAGAIN = -Errno.EAGAIN;
    private static final int INNER_LENGTH = 100;

    private final SlotPool pool = new SlotPool(128);
    private final Tunnel tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.IPIP));
    private final Counters counters = tunnel.encapCounters();
    private final ScriptedQueue queue = new ScriptedQueue();

    /** A queue whose kernel says what it was told to say, and then takes everything. */
    private static final class ScriptedQueue extends SendQueue {

        private final EventFd alwaysWritable = EventFd.open();
        private final Deque<Integer> results = new ArrayDeque<>();
        private final List<String> calls = new ArrayList<>();
        private final List<Slot> prepared = new ArrayList<>();
        private int retryErrno;
        private int retried;

        ScriptedQueue() {
            super(MessageBatch.NAME_CAPACITY, 0, new PathErrors());
        }

        @Override
        int prefixLength() {
            return 0;
        }

        @Override
        void prepare(int message, Slot slot) {
            prepared.add(slot);
        }

        @Override
        void prepareSegment(int message, Slot slot, UnsafeBuffer segmentHeaders, int ip, int segment) {
            prepared.add(slot);
        }

        @Override
        void prepareSealed(int message, Slot slot, UnsafeBuffer sealed, int ip) {
            prepared.add(slot);
        }

        @Override
        int send(int first, int messages) {
            calls.add(first + "+" + messages);
            if (!results.isEmpty() && results.peek() == 0) {
                results.remove();
                throw new IllegalStateException("unexpected");
            }
            return results.isEmpty() ? messages : Math.min(results.remove(), messages);
        }

        @Override
        int fd() {
            return alwaysWritable.fd();
        }

        @Override
        boolean retry(Slot slot, int errno) {
            if (errno != retryErrno) {
                return false;
            }
            retried++;
            return true;
        }

        @Override
        public void close() {
            alwaysWritable.close();
            super.close();
        }
    }

    @AfterEach
    void close() {
        queue.close();
        pool.close();
    }

    private Slot packet(int index) {
        Slot slot = pool.get(index);
        slot.received(TunnelTable.EMPTY, INNER_LENGTH);
        slot.tunnel = tunnel;
        return slot;
    }

    private void send(int packets, Integer... results) {
        queue.results.addAll(List.of(results));
        for (int i = 0; i < packets; i++) {
            queue.add(packet(i));
        }
        queue.flush();
    }

    private void assertCounted(long forwarded, DropReason reason, long dropped) {
        assertThat(counters.packets()).isEqualTo(forwarded);
        assertThat(counters.bytes()).isEqualTo(forwarded * INNER_LENGTH);
        assertThat(counters.drops(reason)).isEqualTo(dropped);
        assertThat(drops(counters)).isEqualTo(dropped);
    }

    private static long drops(Counters counters) {
        long drops = 0;
        for (DropReason each : DropReason.values()) {
            drops += counters.drops(each);
        }
        return drops;
    }

    @Test
    void sendsAllByOneCall() {
        send(10);

        assertThat(queue.calls).containsExactly("0+10");
        assertCounted(10, DropReason.SEND_ERROR, 0);
    }

    @Test
    void sendsNothingWhenNothingIsQueued() {
        queue.flush();
        assertThat(queue.calls).isEmpty();
        send(1);
        queue.flush();

        assertThat(queue.calls).containsExactly("0+1");
    }

    @Test
    void sendsByItselfOnceItIsFull() {
        send(SendQueue.CAPACITY + 1);

        assertThat(queue.calls).containsExactly("0+" + SendQueue.CAPACITY, "0+1");
        assertCounted(SendQueue.CAPACITY + 1, DropReason.SEND_ERROR, 0);
    }

    @Test
    void goesOnBehindWhatTheKernelTook() {
        send(10, 3, 1, 2);

        assertThat(queue.calls).containsExactly("0+10", "3+7", "4+6", "6+4");
        assertCounted(10, DropReason.SEND_ERROR, 0);
    }

    @Test
    void waitsForRoomOnce() {
        send(10, 4, EAGAIN);

        assertThat(queue.calls).containsExactly("0+10", "4+6", "4+6");
        assertCounted(10, DropReason.SEND_QUEUE_FULL, 0);
    }

    @Test
    void dropsAPacketThatHasNoRoomAfterTheWait() {
        send(10, 4, EAGAIN, EAGAIN);

        assertThat(queue.calls).containsExactly("0+10", "4+6", "4+6", "5+5");
        assertCounted(9, DropReason.SEND_QUEUE_FULL, 1);
    }

    @Test
    void waitsAnewOnceThereWasRoom() {
        send(10, EAGAIN, 1, EAGAIN, 1, EAGAIN, 1);

        assertCounted(10, DropReason.SEND_QUEUE_FULL, 0);
    }

    /** A queue whose kernel never has room, and is asked again at once. */
    private static final class FullQueue extends SendQueue {

        private final EventFd alwaysWritable = EventFd.open();

        FullQueue() {
            super(MessageBatch.NAME_CAPACITY, 0, new PathErrors());
        }

        @Override
        int prefixLength() {
            return 0;
        }

        @Override
        void prepare(int message, Slot slot) {}

        @Override
        void prepareSegment(int message, Slot slot, UnsafeBuffer segmentHeaders, int ip, int segment) {}

        @Override
        void prepareSealed(int message, Slot slot, UnsafeBuffer sealed, int ip) {}

        @Override
        int send(int first, int messages) {
            return EAGAIN;
        }

        @Override
        int fd() {
            return alwaysWritable.fd();
        }

        @Override
        public void close() {
            alwaysWritable.close();
            super.close();
        }
    }

    @Test
    void waitsForRoomWithoutAllocating() {
        AtomicInteger rounds = new AtomicInteger();
        try (FullQueue full = new FullQueue()) {
            assertThat(Allocations.inBytes(() -> {
                        rounds.getAndIncrement();
                        for (int i = 0; i < 30_000; i++) {
                            full.add(packet(0));
                            full.flush();
                        }
                    }))
                    .isZero();
        }
        assertThat(counters.drops(DropReason.SEND_QUEUE_FULL)).isEqualTo(rounds.get() * 30_000);
    }

    @Test
    void dropsEverythingWhereThereIsNeverRoom() {
        Integer[] full = new Integer[100];
        Arrays.fill(full, EAGAIN);
        send(10, full);

        assertCounted(0, DropReason.SEND_QUEUE_FULL, 10);
    }

    @Test
    void callsAgainAfterASignal() {
        send(10, -Errno.EINTR, -Errno.EINTR, 5, -Errno.EINTR);

        assertThat(queue.calls).containsExactly("0+10", "0+10", "0+10", "5+5", "5+5");
        assertCounted(10, DropReason.SEND_ERROR, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "EMSGSIZE, too_big",
        "ENOBUFS, send_queue_full",
        "EPERM, send_refused",
        "EACCES, send_refused",
        "ENETUNREACH, send_unreachable",
        "EHOSTUNREACH, send_unreachable",
        "ENETDOWN, send_device_down",
        "ENODEV, send_device_down",
        "EINVAL, send_error",
        "EIO, send_error"
    })
    void dropsOnlyThePacketThatIsRefused(String errno, String word) throws ReflectiveOperationException {
        int number = Errno.class.getField(errno).getInt(null);
        DropReason reason = List.of(DropReason.values()).stream()
                .filter(each -> each.word().equals(word))
                .findFirst()
                .orElseThrow();
        send(10, 4, -number, 2, -number);

        assertThat(queue.calls).containsExactly("0+10", "4+6", "5+5", "7+3", "8+2");
        assertCounted(8, reason, 2);
        assertThat(pool.get(4).verdict).isEqualTo(Verdict.DROP);
        assertThat(pool.get(5).verdict).isEqualTo(Verdict.FORWARD);
    }

    @Test
    void countsThePacketThatAnExceptionCosts() {
        send(10, 4, 0, 2);

        assertThat(queue.calls).containsExactly("0+10", "4+6", "5+5", "7+3");
        assertCounted(9, DropReason.INTERNAL, 1);
    }

    @Test
    void countsForTheTunnelOfEachPacket() {
        Tunnel other = TestTunnels.tunnel(TestTunnels.spec(Mode.IPIP));
        queue.results.addAll(List.of(1, -Errno.EMSGSIZE));
        for (int i = 0; i < 4; i++) {
            Slot slot = packet(i);
            slot.tunnel = i % 2 == 0 ? tunnel : other;
            queue.add(slot);
        }
        queue.flush();

        assertCounted(2, DropReason.TOO_BIG, 0);
        assertThat(other.encapCounters().packets()).isEqualTo(1);
        assertThat(other.encapCounters().drops(DropReason.TOO_BIG)).isEqualTo(1);
    }

    @Test
    void leavesAPacketThatIsSentInAnotherWayToThat() {
        queue.retryErrno = Errno.ENOMEM;
        send(10, 4, -Errno.ENOMEM, 2, -Errno.EINVAL);

        assertThat(queue.retried).isEqualTo(1);
        assertCounted(8, DropReason.SEND_ERROR, 1);
    }

    @Test
    void countsEveryPacketOnceWhateverTheKernelSays() {
        int[] errors = {Errno.EAGAIN, Errno.EINTR, Errno.ENOBUFS, Errno.EMSGSIZE, Errno.EPERM, Errno.EIO};
        SeededCases.check(500, random -> {
            long before = counters.packets() + drops(counters);
            int packets = random.nextInt(1, 128);
            Integer[] results = new Integer[random.nextInt(30)];
            for (int i = 0; i < results.length; i++) {
                results[i] = random.nextBoolean() ? random.nextInt(1, 20) : -errors[random.nextInt(errors.length)];
            }
            queue.results.clear();
            send(packets, results);

            assertThat(counters.packets() + drops(counters) - before).isEqualTo(packets);
        });
    }

    private Slot superPacket(int index, int segments) {
        Slot slot = pool.get(index);
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, new byte[14]));
        byte[] inner = SuperPackets.tcp(false, 0, new byte[segments * 100]);
        SuperPackets.receive(slot, tunnel, inner, VnetHeader.GSO_TCPV4, 100);
        new EncapStage().process(slot);
        assertThat(slot.segments).isEqualTo(segments);
        return slot;
    }

    @Test
    void countsASuperPacketOnceThoughItIsSentInSegments() {
        queue.addSegments(superPacket(0, 3));
        queue.add(packet(1));
        queue.results.addAll(List.of(2));
        queue.flush();

        assertThat(queue.calls).containsExactly("0+4", "2+2");
        assertThat(counters.packets()).isEqualTo(2);
        assertThat(counters.bytes()).isEqualTo(352 + INNER_LENGTH);
        assertThat(drops(counters)).isZero();
    }

    @Test
    void countsASuperPacketAsDroppedIfAnySegmentIsRefused() {
        for (int refused = 0; refused < 3; refused++) {
            queue.addSegments(superPacket(0, 3));
            if (refused > 0) {
                queue.results.add(refused);
            }
            queue.results.add(-Errno.EPERM);
            queue.flush();

            assertThat(counters.packets()).isZero();
            assertThat(counters.drops(DropReason.SEND_REFUSED)).isEqualTo(refused + 1);
            assertThat(drops(counters)).isEqualTo(refused + 1);
        }
    }

    @Test
    void sendsASuperPacketOfMoreSegmentsThanItHolds() {
        queue.add(packet(1));
        queue.results.add(-Errno.EPERM);
        queue.addSegments(superPacket(0, 300));
        queue.flush();

        assertThat(queue.calls).containsExactly("0+256", "1+255", "0+45");
        assertThat(queue.prepared).hasSize(301);
        assertThat(counters.drops(DropReason.SEND_REFUSED)).isEqualTo(1);
        assertThat(counters.packets()).isEqualTo(1);
    }

    @Test
    void countsAPacketOnceThoughItIsSentInFragments() {
        Slot whole = packet(0);
        for (int i = 1; i <= 6; i++) {
            Slot fragment = packet(i);
            fragment.fragmentOf = whole;
            fragment.isLast = i % 3 == 0;
            queue.add(fragment);
        }
        queue.results.addAll(List.of(4, -Errno.EPERM));
        queue.flush();

        assertThat(counters.packets()).isEqualTo(1);
        assertThat(counters.drops(DropReason.SEND_REFUSED)).isEqualTo(1);
    }
}
