package io.culvert.control;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Lines of UTF-8 over a socket. One thread reads and writes; any may close. */
final class LineChannel implements Closeable {

    private final SocketChannel channel;
    private final int maxLineLength;
    private final ByteBuffer input = ByteBuffer.allocate(8192).limit(0);

    /** @param maxLineLength in bytes, without the line feed */
    LineChannel(SocketChannel channel, int maxLineLength) {
        this.channel = channel;
        this.maxLineLength = maxLineLength;
    }

    /** The peer sent a line longer than it may be; what follows cannot be told from it. */
    static final class LineTooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        LineTooLongException(int maxLineLength) {
            super("a line is longer than " + maxLineLength + " bytes");
        }
    }

    /** The next line without its line feed; null if the peer has closed, even in the middle of a line. */
    @Nullable
    String read() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (!takeUpToLineFeed(line)) {
            input.clear();
            int count = channel.read(input);
            input.flip();
            if (count < 0) {
                return null;
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** Moves input to the line; whether its end was there. */
    private boolean takeUpToLineFeed(ByteArrayOutputStream line) throws LineTooLongException {
        int start = input.position();
        int end = start;
        while (end < input.limit() && input.get(end) != '\n') {
            end++;
        }
        if (line.size() + end - start > maxLineLength) {
            throw new LineTooLongException(maxLineLength);
        }
        line.write(input.array(), start, end - start);
        boolean isEnd = end < input.limit();
        input.position(isEnd ? end + 1 : end);
        return isEnd;
    }

    void write(String line) throws IOException {
        ByteBuffer output = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (output.hasRemaining()) {
            channel.write(output);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
