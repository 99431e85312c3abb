package io.culvert.perf.load;

import io.culvert.linux.Epoll;
import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.Poll;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.UdpSocket;
import io.culvert.perf.peer.Bed;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A generator of paced, numbered datagrams in the left host and a sink in the right one, for trial after trial. Above 4,000
 * packets a second they are sent in bursts, one every 250 us. One thread.
 */
public final class UdpRig implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int RECEIVE_BUFFER = 128 << 20;
    private static final int BATCH = 64;
    private static final long TICK_NANOS = 250_000;
    private static final int MAX_PACKETS = 1 << 25;
    /** When nothing has arrived for so long after the last was sent, nothing will. */
    private static final long QUIET_NANOS = 100_000_000;

    private final UdpPayload payload = new UdpPayload();
    private final UdpSocket source;
    private final UdpSink sink;
    private final FutureTask<Boolean> receiver;
    private final int address;
    private final Bed bed;
    private int trial;

    private UdpRig(Bed bed) {
        this.bed = bed;
        address = ByteBuffer.wrap(bed.ends().right().getAddress()).getInt();
        source = bed.left().call("udp-open", TIMEOUT, () -> UdpSocket.open(false));
        UdpSocket in = bed.right().call("udp-open", TIMEOUT, () -> UdpSocket.open(false));
        in.setReceiveBuffer(RECEIVE_BUFFER);
        in.bind(bed.ends().right(), 0);
        sink = new UdpSink(in, payload);
        receiver = bed.right().async("udp-sink", sink::run);
    }

    /** Opens both, through the bed's peer. */
    public static UdpRig open(Bed bed) {
        return new UdpRig(bed);
    }

    /**
     * Runs a trial.
     *
     * @param rate packets a second; 0 for as fast as the generator can
     */
    public UdpTrial run(PacketSizes sizes, double rate, Duration length) {
        trial++;
        sink.begin(trial, MAX_PACKETS);
        FutureTask<long[]> sender = bed.left().async("udp-send", () -> send(sizes, rate, length.toNanos()));
        HostCpu before = HostCpu.now();
        long[] sent = Tasks.await(sender, "generator");
        double busy = HostCpu.now().busyNanosSince(before);
        sink.awaitQuiet(sent[0], QUIET_NANOS);
        return sink.end(rate, sent[0], sent[1], busy);
    }

    /** Returns how many packets were sent, and in how many nanoseconds. */
    private long[] send(PacketSizes sizes, double rate, long nanos) {
        TimerSlack.remove();
        UnsafeBuffer headers = new UnsafeBuffer(ByteBuffer.allocateDirect(BATCH * UdpPayload.HEADER));
        long start = System.nanoTime();
        long number = 0;
        try (MessageBatch batch = new MessageBatch(BATCH, 2, MessageBatch.NAME_CAPACITY, 0)) {
            for (int message = 0; message < BATCH; message++) {
                batch.inet4Address(message, address, sink.port());
            }
            for (long now = start; now - start < nanos && number < MAX_PACKETS - BATCH; now = System.nanoTime()) {
                long due = rate == 0 ? number + BATCH : (long) ((now - start) / 1e9 * rate) + 1;
                while (number < due && System.nanoTime() - start < nanos) {
                    int count = (int) Math.min(BATCH, due - number);
                    fill(batch, headers, sizes, number, count);
                    number += sendAll(batch, count);
                }
                if (rate != 0) {
                    long next = start + (long) (number / rate * 1e9);
                    TimerSlack.awaitNanoTime(Math.max(next, now + TICK_NANOS));
                }
            }
        }
        return new long[] {number, System.nanoTime() - start};
    }

    private void fill(MessageBatch batch, UnsafeBuffer headers, PacketSizes sizes, long first, int count) {
        for (int message = 0; message < count; message++) {
            long number = first + message;
            int length = sizes.payload(number);
            int header = message * UdpPayload.HEADER;
            headers.putLong(header + UdpPayload.NUMBER, number);
            headers.putInt(header + UdpPayload.TRIAL, trial);
            headers.putInt(header + UdpPayload.LENGTH, length);
            batch.iovec(message, 0, headers.addressOffset() + header, UdpPayload.HEADER);
            batch.iovec(message, 1, payload.address(number), length - UdpPayload.HEADER);
        }
    }

    private int sendAll(MessageBatch batch, int count) {
        for (int first = 0; first < count; ) {
            int sent = source.send(batch, first, count - first);
            if (sent >= 0) {
                first += sent;
            } else if (sent == -Errno.EAGAIN) {
                var _ = Poll.await(source.fd(), Epoll.OUT, 100);
            } else if (sent == -Errno.ENOBUFS || sent == -Errno.ECONNREFUSED) {
                // The device's queue was full: that packet is lost, and counts as sent.
                first++;
            } else {
                throw new ErrnoException("sendmmsg(UDP)", -sent);
            }
        }
        return count;
    }

    @Override
    public void close() {
        sink.close();
        try (source) {
            Tasks.await(receiver, "sink");
        }
    }
}
