package io.culvert.lab;

import io.culvert.linux.Epoll;
import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.Poll;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.UdpSocket;
import io.culvert.wire.Addresses;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Numbered UDP datagrams from one host to another, each checked byte for byte where it arrives. Several may run at the
 * same time.
 */
public final class UdpFlood {

    /** Smallest datagram payload in bytes: the number. */
    public static final int MIN_SIZE = DatagramTally.NUMBER;

    private static final int BATCH = 64;
    private static final int RECEIVE_BUFFER = 256 << 20;
    /** How long the receiver waits for the next datagram after the last was sent, in milliseconds: a busy machine delivers late. */
    private static final int QUIET_MILLIS = 2000;

    /** The same if all have arrived, so that one more would be there twice. */
    private static final int COMPLETE_MILLIS = 200;

    private static final long PAUSE_NANOS = 50_000;
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final int packets;
    private final int size;
    private final double rate;
    private final InetAddress address;
    private final UdpSocket source;
    private final UdpSocket sink;
    private final AtomicBoolean done = new AtomicBoolean();
    private final FutureTask<Double> sender;
    private final FutureTask<Result> receiver;

    private UdpFlood(Host from, Host to, InetAddress address, int packets, int size, double rate) {
        if (size < MIN_SIZE) {
            throw new IllegalArgumentException("a datagram of " + size + " bytes has no room for its number");
        }
        this.packets = packets;
        this.size = size;
        this.rate = rate;
        this.address = address;
        source = from.call("udp-open", TIMEOUT, () -> UdpSocket.open(false));
        sink = to.call("udp-open", TIMEOUT, () -> UdpSocket.open(false));
        sink.setReceiveBuffer(RECEIVE_BUFFER);
        sink.bind(address, 0);
        receiver = to.async("udp-receive", this::receive);
        sender = from.async("udp-send", this::send);
    }

    /**
     * What became of a flood.
     *
     * @param sent datagrams that the sender's kernel took
     * @param delivered different datagrams that arrived
     * @param reordered of those, how many arrived after one with a higher number
     * @param duplicated datagrams that had arrived before
     * @param corrupted datagrams whose bytes are not those of their number
     * @param receiverDrops datagrams that reached the receiving host, but not its full socket
     * @param seconds how long sending took
     */
    public record Result(
            long sent,
            long delivered,
            long reordered,
            long duplicated,
            long corrupted,
            long receiverDrops,
            double seconds) {

        /** Datagrams that were sent and did not reach the receiving host. */
        public long lost() {
            return sent - delivered - receiverDrops;
        }
    }

    /**
     * Starts a flood.
     *
     * @param address of {@code to}, which also chooses the path
     * @param packets how many datagrams
     * @param size payload of each in bytes, at least {@link #MIN_SIZE}
     * @param rate datagrams a second; 0 for as many as the sender can
     */
    public static UdpFlood start(Host from, Host to, InetAddress address, int packets, int size, double rate) {
        return new UdpFlood(from, to, address, packets, size, rate);
    }

    /**
     * Waits until everything is sent and nothing arrives any more.
     *
     * @throws LabException if a socket fails or it takes longer than two minutes
     */
    public Result await() {
        try {
            double seconds = Host.await(sender, "UDP sender", TIMEOUT);
            done.set(true);
            Result got = Host.await(receiver, "UDP receiver", TIMEOUT);
            return new Result(
                    packets, got.delivered, got.reordered, got.duplicated, got.corrupted, got.receiverDrops, seconds);
        } finally {
            sender.cancel(true);
            receiver.cancel(true);
            source.close();
            sink.close();
        }
    }

    private double send() {
        int port = sink.localPort();
        int inet4 = Addresses.toInt(address);
        UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(BATCH * size));
        long start = System.nanoTime();
        try (MessageBatch batch = new MessageBatch(BATCH, 1, MessageBatch.NAME_CAPACITY, 0)) {
            for (int message = 0; message < BATCH; message++) {
                batch.iovec(message, 0, memory.addressOffset() + (long) message * size, size);
                batch.inet4Address(message, inet4, port);
            }
            for (int number = 0; number < packets && !Thread.interrupted(); ) {
                int count = Math.min(BATCH, allowed(number, start));
                for (int message = 0; message < count; message++) {
                    DatagramTally.fill(memory, message * size, size, number + message);
                }
                sendAll(batch, count);
                number += count;
            }
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /** How many datagrams may be sent now, at least one: waits if it is too early for the next. */
    private int allowed(int number, long start) {
        if (rate == 0) {
            return packets - number;
        }
        while (true) {
            long due = (long) ((System.nanoTime() - start) / 1e9 * rate) + 1;
            if (due > number) {
                return (int) Math.min(due, packets) - number;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void sendAll(MessageBatch batch, int count) {
        for (int first = 0; first < count; ) {
            int sent = source.send(batch, first, count - first);
            if (sent == -Errno.EAGAIN) {
                Poll.await(source.fd(), Epoll.OUT, QUIET_MILLIS);
            } else {
                first += ErrnoException.check(sent, "sendmmsg(UDP)");
            }
        }
    }

    private Result receive() {
        DatagramTally tally = new DatagramTally(packets, size);
        int room = size + 1;
        UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(BATCH * room));
        try (MessageBatch batch = new MessageBatch(BATCH, 1, MessageBatch.NAME_CAPACITY, 0)) {
            for (int message = 0; message < BATCH; message++) {
                batch.iovec(message, 0, memory.addressOffset() + (long) message * room, room);
            }
            boolean quiet = false;
            while (!quiet && !Thread.interrupted()) {
                boolean wasDone = done.get();
                batch.prepareReceive(0, BATCH);
                int received = sink.receive(batch, 0, BATCH);
                if (received == -Errno.EAGAIN) {
                    int patience = tally.delivered() == packets ? COMPLETE_MILLIS : QUIET_MILLIS;
                    quiet = Poll.await(sink.fd(), Epoll.IN, patience) == 0 && wasDone;
                } else {
                    ErrnoException.check(received, "recvmmsg(UDP)");
                }
                for (int message = 0; message < received; message++) {
                    tally.add(memory, message * room, batch.length(message));
                }
            }
        }
        return new Result(
                packets,
                tally.delivered(),
                tally.reordered(),
                tally.duplicated(),
                tally.corrupted(),
                sink.receiveDrops(),
                0);
    }
}
