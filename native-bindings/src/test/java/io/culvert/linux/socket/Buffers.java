package io.culvert.linux.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.Epoll;
import io.culvert.linux.Packets;
import io.culvert.linux.Poll;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A batch of one-piece messages with a buffer each, for the tests of all sockets. */
final class Buffers implements AutoCloseable {

    static final int SIZE = 65_536;

    /** How long the kernel may take to deliver the rest of what was sent together, in milliseconds. */
    private static final int QUIET_MILLIS = 20;

    final MessageBatch batch;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory;

    Buffers(int messages) {
        batch = new MessageBatch(messages, 1, MessageBatch.NAME_CAPACITY, MessageBatch.CONTROL_CAPACITY);
        memory = arena.allocate((long) messages * SIZE, 8);
    }

    /** Where the message's bytes are. */
    MemorySegment memory(int message) {
        return memory.asSlice((long) message * SIZE, SIZE);
    }

    /** Fills the message with what is to be sent, without address and control data. */
    void fill(int message, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += Packets.put(memory(message), length, part);
        }
        batch.iovec(message, 0, memory(message).address(), length);
        batch.noAddress(message);
        batch.noControl(message);
    }

    /** Makes all messages ready to receive. */
    void prepareReceive() {
        for (int message = 0; message < batch.capacity(); message++) {
            batch.iovec(message, 0, memory(message).address(), SIZE);
        }
        batch.prepareReceive(0, batch.capacity());
    }

    /** What receives: a socket's method. */
    @FunctionalInterface
    interface Receiver {
        int receive(MessageBatch messages, int first, int count);
    }

    /** Waits for messages and receives so many, or those that come. Returns how many. */
    int receive(int fd, Receiver receiver, int count) {
        awaitReadable(fd);
        prepareReceive();
        int received = receiver.receive(batch, 0, count);
        while (received > 0 && received < count && Poll.await(fd, Epoll.IN, QUIET_MILLIS) == Epoll.IN) {
            int more = receiver.receive(batch, received, count - received);
            assertThat(more).isPositive();
            received += more;
        }
        return received;
    }

    /** What was received in the message. */
    byte[] bytes(int message) {
        return Packets.get(memory(message), 0, batch.length(message));
    }

    /** What was received in the message from {@code offset} on. */
    byte[] bytes(int message, int offset) {
        return Arrays.copyOfRange(bytes(message), offset, batch.length(message));
    }

    /** Waits until a descriptor has something to read. */
    static void awaitReadable(int fd) {
        assertThat(Poll.await(fd, Epoll.IN, 10_000) & Epoll.IN).isEqualTo(Epoll.IN);
    }

    @Override
    public void close() {
        batch.close();
        arena.close();
    }
}
