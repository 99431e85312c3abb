package io.culvert.perf.load;

import io.culvert.linux.Epoll;
import io.culvert.linux.Poll;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.UdpSocket;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Receives the datagrams of trial after trial and looks at every byte. One thread runs it, another one asks it. */
final class UdpSink implements AutoCloseable {

    private static final int BATCH = 64;
    private static final int ROOM = 2048;
    private static final int WAIT_MILLIS = 50;

    private final UdpSocket socket;
    private final UdpPayload payload;
    private final int port;
    private volatile boolean closed;
    private Tally tally = new Tally(0, 0);
    private long dropsBefore;

    UdpSink(UdpSocket socket, UdpPayload payload) {
        this.socket = socket;
        this.payload = payload;
        port = socket.localPort();
    }

    int port() {
        return port;
    }

    /** What arrived of one trial; guarded by the sink. */
    private static final class Tally {
        private final int trial;
        private final int capacity;
        private final BitSet numbers = new BitSet();
        private long highest = -1;
        private long delivered;
        private long reordered;
        private long duplicated;
        private long corrupted;
        private long lastNanos = System.nanoTime();

        Tally(int trial, int capacity) {
            this.trial = trial;
            this.capacity = capacity;
        }

        void add(UdpPayload payload, DirectBuffer memory, int offset, int length) {
            boolean isIntact = payload.isIntact(memory, offset, length);
            if (isIntact && memory.getInt(offset + UdpPayload.TRIAL) != trial) {
                // A straggler of the trial before, which has counted it as lost.
                return;
            }
            long number = isIntact ? memory.getLong(offset + UdpPayload.NUMBER) : -1;
            if (number < 0 || number >= capacity) {
                corrupted++;
            } else if (numbers.get((int) number)) {
                duplicated++;
            } else {
                numbers.set((int) number);
                delivered++;
                reordered += number < highest ? 1 : 0;
                highest = Math.max(highest, number);
            }
        }
    }

    /** Starts to count a trial. */
    synchronized void begin(int trial, int maxPackets) {
        dropsBefore = socket.receiveDrops();
        tally = new Tally(trial, maxPackets);
    }

    /** Waits until all has arrived, or nothing for so long. */
    void awaitQuiet(long sent, long quietNanos) {
        while (!Thread.currentThread().isInterrupted() && !isQuiet(sent, quietNanos)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private synchronized boolean isQuiet(long sent, long quietNanos) {
        return tally.delivered >= sent || System.nanoTime() - tally.lastNanos > quietNanos;
    }

    /** Ends the trial and says what became of it. */
    synchronized UdpTrial end(double target, long sent, long nanos, double busyNanos) {
        double offered = sent / (nanos / 1e9);
        return new UdpTrial(
                target == 0 ? offered : target,
                offered,
                sent,
                tally.delivered,
                tally.reordered,
                tally.duplicated,
                tally.corrupted,
                socket.receiveDrops() - dropsBefore,
                busyNanos / Math.max(1, tally.delivered));
    }

    /** Receives until it is closed. */
    boolean run() {
        UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(BATCH * ROOM));
        try (MessageBatch batch = new MessageBatch(BATCH, 1, MessageBatch.NAME_CAPACITY, 0)) {
            for (int message = 0; message < BATCH; message++) {
                batch.iovec(message, 0, memory.addressOffset() + (long) message * ROOM, ROOM);
            }
            while (!closed) {
                batch.prepareReceive(0, BATCH);
                int received = socket.receive(batch, 0, BATCH);
                if (received > 0) {
                    add(memory, batch, received);
                } else {
                    var _ = Poll.await(socket.fd(), Epoll.IN, WAIT_MILLIS);
                }
            }
        }
        socket.close();
        return true;
    }

    private synchronized void add(UnsafeBuffer memory, MessageBatch batch, int received) {
        for (int message = 0; message < received; message++) {
            tally.add(payload, memory, message * ROOM, batch.length(message));
        }
        tally.lastNanos = System.nanoTime();
    }

    /** Lets {@link #run} end, which closes the socket. */
    @Override
    public void close() {
        closed = true;
    }
}
