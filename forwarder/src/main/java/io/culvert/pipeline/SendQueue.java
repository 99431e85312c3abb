package io.culvert.pipeline;

import io.culvert.linux.Epoll;
import io.culvert.linux.Errno;
import io.culvert.linux.Poll;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.tunnel.Counters;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Verdict;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Outer packets on their way into one socket: queued slot by slot, sent by as few {@code sendmmsg} calls as can be, each
 * slot counted by the result. A super-packet may be cut here: each segment is a message of two pieces, its headers in
 * memory of the queue and its payload in the slot. One thread.
 */
abstract class SendQueue implements AutoCloseable {

    static final int CAPACITY = IngressStage.MAX_BATCH;

    /** Memory for the headers of one message, in bytes. */
    private static final int HEADERS_STRIDE = 320;

    /** Where the outer IP header goes in that memory; what the socket needs in front of it fits before. */
    private static final int HEADERS_OFFSET = 64;

    /** How long to wait for room in the send buffer, in milliseconds, before a packet is dropped. */
    private static final int ROOM_TIMEOUT_MILLIS = 10;

    final MessageBatch batch;
    private final Slot[] queued = new Slot[CAPACITY];
    private final boolean[] last = new boolean[CAPACITY];
    private final UnsafeBuffer headers;
    private final Segmenter segmenter = new Segmenter();
    private final MemorySegment polled = Arena.ofAuto().allocate(Poll.MEMORY, Integer.BYTES);
    private final PathErrors errors;
    private int count;
    private int done;
    private boolean waited;

    SendQueue(int nameCapacity, int controlCapacity, PathErrors errors) {
        this.errors = errors;
        batch = new MessageBatch(CAPACITY, 2, nameCapacity, controlCapacity);
        headers = new UnsafeBuffer(ByteBuffer.allocateDirect(CAPACITY * HEADERS_STRIDE));
    }

    /** Bytes that the socket needs in front of the outer IP header. */
    abstract int prefixLength();

    /** Completes a packet that is sent in one piece, prefix included, and says where it goes. */
    abstract void prepare(int message, Slot slot);

    /** Completes a segment, prefix included, and says where it goes. */
    abstract void prepareSegment(int message, Slot slot, UnsafeBuffer segmentHeaders, int ip, int segment);

    /** Completes a sealed segment, prefix included, and says where it goes. */
    abstract void prepareSealed(int message, Slot slot, UnsafeBuffer sealed, int ip);

    /** sendmmsg(2): how many were sent, or {@code -errno} if the first one was not. */
    abstract int send(int first, int messages);

    abstract int fd();

    /** Whether a packet that the kernel refused with that error is sent in another way; false drops it. */
    boolean retry(Slot slot, int errno) {
        return false;
    }

    /** Queues a packet in one piece, and sends the queue if that makes it full. */
    final void add(Slot slot) {
        prepare(count, slot);
        int prefix = prefixLength();
        batch.iovec(count, 0, slot.address + slot.offset - prefix, prefix + slot.length);
        batch.iovecCount(count, 1);
        queued(slot, slot.isLast);
    }

    /** Queues the segments of a super-packet, and sends the queue each time it is full. */
    final void addSegments(Slot slot) {
        segmenter.start(slot);
        int prefix = prefixLength();
        for (int segment = 0; segment < slot.segments; segment++) {
            int ip = count * HEADERS_STRIDE + HEADERS_OFFSET;
            segmenter.putHeaders(segment, headers, ip);
            prepareSegment(count, slot, headers, ip, segment);
            batch.iovec(count, 0, headers.addressOffset() + ip - prefix, prefix + segmenter.headersLength());
            batch.iovec(count, 1, slot.address + segmenter.payloadOffset(segment), segmenter.payloadLength(segment));
            batch.iovecCount(count, 2);
            queued(slot, segment == slot.segments - 1);
        }
    }

    /** Queues the segments of a super-packet that were cut and sealed already. */
    final void addSealed(Slot slot) {
        UnsafeBuffer sealed = slot.sealed();
        int prefix = prefixLength();
        for (int segment = 0; segment < slot.sealedSegments; segment++) {
            boolean isLast = segment == slot.sealedSegments - 1;
            int ip = segment * slot.sealedStride + SegmentSealer.IP_OFFSET;
            int length = isLast ? slot.sealedLastLength : slot.sealedLength;
            prepareSealed(count, slot, sealed, ip);
            batch.iovec(count, 0, sealed.addressOffset() + ip - prefix, prefix + length);
            batch.iovecCount(count, 1);
            queued(slot, isLast && slot.isLast);
        }
    }

    final Segmenter segmenter() {
        return segmenter;
    }

    private void queued(Slot slot, boolean isLast) {
        queued[count] = slot;
        last[count] = isLast;
        count++;
        if (count == CAPACITY) {
            flush();
        }
    }

    /** Sends what is queued. What the kernel refuses is dropped; what is behind it is sent all the same. */
    final void flush() {
        done = 0;
        waited = false;
        while (done < count) {
            try {
                sendSome();
            } catch (RuntimeException e) {
                errors.record(e);
                refuse(DropReason.INTERNAL);
            }
        }
        count = 0;
    }

    private void sendSome() {
        int result = send(done, count - done);
        if (result > 0) {
            for (int i = 0; i < result; i++) {
                finish(done + i);
            }
            done += result;
            waited = false;
        } else if (result == -Errno.EAGAIN && !waited) {
            Poll.await(polled, fd(), Epoll.OUT, ROOM_TIMEOUT_MILLIS);
            waited = true;
        } else if (result != -Errno.EINTR) {
            if (retry(queued[done], -result)) {
                done++;
            } else {
                refuse(reason(-result));
            }
        }
    }

    /** Drops the packet of the first message that is not done. */
    private void refuse(DropReason reason) {
        owner(queued[done]).drop(reason);
        finish(done);
        done++;
    }

    /** Counts a packet with its last message: forwarded if none of its messages was refused. */
    private void finish(int message) {
        if (!last[message]) {
            return;
        }
        Slot slot = owner(queued[message]);
        Counters counters = slot.tunnel().encapCounters();
        if (slot.verdict == Verdict.DROP) {
            counters.dropped(slot.dropReason);
        } else {
            counters.forwarded(slot.innerLength);
        }
    }

    /** The packet that a message is counted for. */
    private static Slot owner(Slot slot) {
        return slot.fragmentOf == null ? slot : slot.fragmentOf;
    }

    static DropReason reason(int errno) {
        return switch (errno) {
            case Errno.EAGAIN, Errno.ENOBUFS -> DropReason.SEND_QUEUE_FULL;
            case Errno.EPERM, Errno.EACCES -> DropReason.SEND_REFUSED;
            case Errno.ENETUNREACH, Errno.EHOSTUNREACH -> DropReason.SEND_UNREACHABLE;
            case Errno.ENETDOWN, Errno.ENODEV -> DropReason.SEND_DEVICE_DOWN;
            case Errno.EMSGSIZE -> DropReason.TOO_BIG;
            default -> DropReason.SEND_ERROR;
        };
    }

    @Override
    public void close() {
        batch.close();
    }
}
