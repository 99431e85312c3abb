package io.culvert.lab;

import io.culvert.wire.AsyncHdlc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;

/** What stands in pppd's place: it has a tunnel's pty open, and writes and reads PPP frames. One thread. */
public final class PtyLine implements AutoCloseable {

    private static final int CAPACITY = 1 << 16;

    /** A channel each, since one that waits for input takes no output. Closing one ends the wait. */
    private final FileChannel input;

    private final FileChannel output;
    private final BlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();
    private final UnsafeBuffer octets = new UnsafeBuffer(new byte[CAPACITY]);
    private final UnsafeBuffer frame = new UnsafeBuffer(new byte[CAPACITY]);
    private int length;

    /** @param pty that {@code culvert show} names */
    public PtyLine(Path pty) {
        try {
            output = FileChannel.open(pty, StandardOpenOption.WRITE);
            input = FileChannel.open(pty, StandardOpenOption.READ);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofPlatform().daemon().start(this::read);
    }

    private void read() {
        ByteBuffer chunk = ByteBuffer.allocate(CAPACITY);
        try {
            while (input.read(chunk.clear()) >= 0) {
                chunk.flip();
                while (chunk.hasRemaining()) {
                    take(chunk.get());
                }
            }
        } catch (IOException e) {
            // The gateway has closed the other end, or the test this one.
        }
    }

    private void take(byte octet) {
        if (octet != AsyncHdlc.FLAG) {
            octets.putByte(length++, octet);
        } else if (length > 0) {
            int decoded = AsyncHdlc.decode(octets, 0, length, frame, 0, CAPACITY);
            frames.add(Arrays.copyOf(frame.byteArray(), Math.max(decoded, 0)));
            length = 0;
        }
    }

    /** The frame as RFC 1662 has it on the line. */
    public static byte[] octets(byte[] frame) {
        UnsafeBuffer ring = new UnsafeBuffer(new byte[CAPACITY]);
        int end = (int) AsyncHdlc.encode(new UnsafeBuffer(frame), 0, frame.length, ring, 0, CAPACITY - 1);
        return Arrays.copyOf(ring.byteArray(), end);
    }

    /** Sends a frame. */
    public void send(byte[] bytes) {
        sendOctets(octets(bytes));
    }

    /** Sends octets that need be no frame. */
    public void sendOctets(byte[] bytes) {
        try {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                output.write(rest);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next frame that comes; empty if it is no frame, or none comes. */
    public byte[] receive() {
        try {
            byte[] next = frames.poll(10, TimeUnit.SECONDS);
            return next == null ? new byte[0] : next;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try (input;
                output) {
            frames.clear();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
