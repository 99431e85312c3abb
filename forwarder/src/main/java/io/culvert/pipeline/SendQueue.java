package io.culvert.pipeline;

import io.culvert.linux.Epoll;
import io.culvert.linux.Errno;
import io.culvert.linux.Poll;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;

/**
 * Outer packets on their way into one socket: queued slot by slot, sent by as few {@code sendmmsg} calls as can be, each
 * counted by its own result. One thread.
 */
abstract class SendQueue implements AutoCloseable {

    /** How long to wait for room in the send buffer, in milliseconds, before a packet is dropped. */
    private static final int ROOM_TIMEOUT_MILLIS = 10;

    final MessageBatch batch;
    private final Slot[] queued = new Slot[IngressStage.MAX_BATCH];
    private int count;

    SendQueue(int nameCapacity, int controlCapacity) {
        batch = new MessageBatch(IngressStage.MAX_BATCH, 1, nameCapacity, controlCapacity);
    }

    /** Points the message at the slot's bytes and at their destination. */
    abstract void prepare(int message, Slot slot);

    /** sendmmsg(2): how many were sent, or {@code -errno} if the first one was not. */
    abstract int send(int first, int messages);

    abstract int fd();

    /** Queues a packet, and sends the queue if that makes it full. */
    final void add(Slot slot) {
        queued[count] = slot;
        prepare(count, slot);
        count++;
        if (count == queued.length) {
            flush();
        }
    }

    /** Sends what is queued. A packet that the kernel refuses is dropped; those behind it are sent all the same. */
    final void flush() {
        int sent = 0;
        boolean waited = false;
        while (sent < count) {
            int result = send(sent, count - sent);
            if (result > 0) {
                for (int i = 0; i < result; i++) {
                    Slot slot = queued[sent + i];
                    slot.tunnel().encapCounters().forwarded(slot.innerLength);
                }
                sent += result;
                waited = false;
            } else if (result == -Errno.EAGAIN && !waited) {
                Poll.await(fd(), Epoll.OUT, ROOM_TIMEOUT_MILLIS);
                waited = true;
            } else if (result != -Errno.EINTR) {
                queued[sent].tunnel().encapCounters().dropped(reason(-result));
                sent++;
            }
        }
        count = 0;
    }

    private static DropReason reason(int errno) {
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
