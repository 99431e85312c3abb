package io.culvert.perf.load;

import io.culvert.lab.LabException;
import io.culvert.linux.Epoll;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.UdpSocket;
import io.culvert.perf.peer.Bed;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Round trips of datagrams through a peer: sent at moments that are fixed beforehand, whether earlier ones are back or not,
 * and timed from those moments, so that a delay counts for every packet that it delayed. Above 4,000 packets a second they are
 * due in bursts, one every 250 us. One thread.
 */
public final class RoundTrips implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int BATCH = 64;
    private static final int LENGTH = 36;
    private static final int ROOM = 64;
    private static final int RECEIVE_BUFFER = 32 << 20;
    private static final int WAIT_MILLIS = 50;
    private static final long TICK_NANOS = 250_000;
    private static final long HIGHEST = TimeUnit.SECONDS.toNanos(10);
    private static final int DIGITS = 3;
    private static final long LATEST_MILLIS = 300;

    private final Bed bed;
    private final UdpSocket near;
    private final UdpSocket far;
    private final int address;
    private final int port;
    private final FutureTask<Boolean> echo;
    private volatile boolean closed;
    private volatile boolean receiving;

    private RoundTrips(Bed bed) {
        this.bed = bed;
        near = bed.left().call("rtt-open", TIMEOUT, () -> UdpSocket.open(false));
        far = bed.right().call("rtt-open", TIMEOUT, () -> UdpSocket.open(false));
        near.setReceiveBuffer(RECEIVE_BUFFER);
        far.setReceiveBuffer(RECEIVE_BUFFER);
        far.bind(bed.ends().right(), 0);
        address = ByteBuffer.wrap(bed.ends().right().getAddress()).getInt();
        port = far.localPort();
        echo = bed.right().async("rtt-echo", this::echo);
    }

    /**
     * What one run gave.
     *
     * @param sent packets
     * @param histogram round trips in nanoseconds, one a packet that came back
     */
    public record Result(long sent, Histogram histogram) {

        /** A percentile in microseconds. */
        public double micros(double percentile) {
            return histogram.getValueAtPercentile(percentile) / 1000.0;
        }

        /** Share of the packets that did not come back. */
        public double loss() {
            return sent == 0 ? 1 : 1 - (double) histogram.getTotalCount() / sent;
        }
    }

    /** Opens both ends, through the bed's peer. */
    public static RoundTrips open(Bed bed) {
        return new RoundTrips(bed);
    }

    /** Sends at that rate for that long, in packets a second. */
    public Result run(double rate, Duration length) {
        receiving = true;
        Histogram histogram = new Histogram(HIGHEST, DIGITS);
        long start = System.nanoTime() + TICK_NANOS;
        FutureTask<Boolean> receiver = bed.left().async("rtt-receive", () -> receive(histogram, start));
        FutureTask<Long> sender = bed.left().async("rtt-send", () -> send(rate, start, length.toNanos()));
        try {
            long sent = Tasks.await(sender, "sender");
            pause();
            receiving = false;
            Tasks.await(receiver, "receiver");
            return new Result(sent, histogram);
        } finally {
            receiving = false;
            sender.cancel(true);
            receiver.cancel(true);
        }
    }

    /** Lets the last packets come back. */
    private static void pause() {
        try {
            Thread.sleep(LATEST_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while timing round trips", e);
        }
    }

    private long send(double rate, long start, long nanos) {
        TimerSlack.remove();
        UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(BATCH * LENGTH));
        double tick = Math.max(1e9 / rate, TICK_NANOS);
        long number = 0;
        try (MessageBatch batch = batch(memory, LENGTH)) {
            for (int message = 0; message < BATCH; message++) {
                batch.inet4Address(message, address, port);
            }
            for (long burst = 0; burst * tick < nanos && !Thread.interrupted(); burst++) {
                long due = start + (long) (burst * tick);
                long last = (long) ((burst + 1) * tick * rate / 1e9 + 0.5);
                TimerSlack.awaitNanoTime(due);
                while (number < last) {
                    int count = (int) Math.min(BATCH, last - number);
                    for (int message = 0; message < count; message++) {
                        memory.putLong(message * LENGTH, due);
                        memory.putLong(message * LENGTH + Long.BYTES, start);
                    }
                    // What a full queue refuses is lost, and counts as sent.
                    var _ = near.send(batch, 0, count);
                    number += count;
                }
            }
        }
        return number;
    }

    /** @param start of this run, which stragglers of earlier ones do not bear */
    private boolean receive(Histogram histogram, long start) {
        UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(BATCH * ROOM));
        try (MessageBatch batch = batch(memory, ROOM);
                Epoll epoll = Epoll.open(1)) {
            epoll.add(near.fd(), Epoll.IN, 0);
            while (receiving) {
                batch.prepareReceive(0, BATCH);
                int received = near.receive(batch, 0, BATCH);
                long now = System.nanoTime();
                for (int message = 0; message < received; message++) {
                    int at = message * ROOM;
                    if (batch.length(message) == LENGTH && memory.getLong(at + Long.BYTES) == start) {
                        histogram.recordValue(Math.clamp(now - memory.getLong(at), 0, HIGHEST));
                    }
                }
                if (received <= 0) {
                    var _ = epoll.await(WAIT_MILLIS);
                }
            }
        }
        return true;
    }

    /** Sends back what comes, to where it came from. */
    private boolean echo() {
        UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(BATCH * LENGTH));
        try (MessageBatch batch = batch(memory, LENGTH);
                Epoll epoll = Epoll.open(1)) {
            epoll.add(far.fd(), Epoll.IN, 0);
            while (!closed) {
                batch.prepareReceive(0, BATCH);
                int received = far.receive(batch, 0, BATCH);
                if (received > 0) {
                    // The address that a message came from stands where its destination would.
                    var _ = far.send(batch, 0, received);
                } else {
                    var _ = epoll.await(WAIT_MILLIS);
                }
            }
        }
        far.close();
        return true;
    }

    private static MessageBatch batch(UnsafeBuffer memory, int room) {
        MessageBatch batch = new MessageBatch(BATCH, 1, MessageBatch.NAME_CAPACITY, 0);
        for (int message = 0; message < BATCH; message++) {
            batch.iovec(message, 0, memory.addressOffset() + (long) message * room, room);
        }
        return batch;
    }

    @Override
    public void close() {
        closed = true;
        try (near) {
            Tasks.await(echo, "echo");
        }
    }
}
