package io.culvert.lab;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection between two hosts, filled with pseudo-random bytes: a random block, sent again and again, each time
 * with its number in its first 8 bytes.
 */
public final class TcpTransfer {

    private static final int BLOCK = 1 << 20;
    private static final Duration SLACK = Duration.ofSeconds(20);

    private final Host from;
    private final Host to;
    private final InetAddress address;
    private final long bytes;
    private final long nanos;
    private final boolean checked;

    private TcpTransfer(Host from, Host to, InetAddress address, long bytes, long nanos, boolean checked) {
        this.from = from;
        this.to = to;
        this.address = address;
        this.bytes = bytes;
        this.nanos = nanos;
        this.checked = checked;
    }

    /**
     * What arrived.
     *
     * @param bytes bytes received
     * @param seconds from the first byte to the last at the receiver
     * @param sent SHA-256 of what was sent; null if it was not asked for
     * @param received SHA-256 of what was received; null if it was not asked for
     */
    public record Result(
            long bytes,
            double seconds,
            @Nullable String sent,
            @Nullable String received) {

        /** Payload, in gigabits a second. */
        public double gigabitsPerSecond() {
            return bytes * 8 / seconds / 1e9;
        }
    }

    /**
     * Sends that many bytes and compares their SHA-256 at both ends; the digests cost throughput.
     *
     * @param address of {@code to}, which also chooses the path
     * @throws LabException if it is not done within {@code timeout}
     */
    public static Result checked(Host from, Host to, InetAddress address, long bytes, Duration timeout) {
        return new TcpTransfer(from, to, address, bytes, Long.MAX_VALUE, true).run(timeout);
    }

    /**
     * Sends as much as it can in that time.
     *
     * @param address of {@code to}, which also chooses the path
     * @throws LabException if nothing arrives, or the end does not
     */
    public static Result timed(Host from, Host to, InetAddress address, Duration duration) {
        return new TcpTransfer(from, to, address, Long.MAX_VALUE, duration.toNanos(), false).run(duration.plus(SLACK));
    }

    private Result run(Duration timeout) {
        ServerSocketChannel server = to.call(
                "tcp-listen",
                timeout,
                () -> ServerSocketChannel.open(family()).bind(new InetSocketAddress(address, 0)));
        try (server) {
            FutureTask<Result> receiver = to.async("tcp-receive", () -> receive(server));
            FutureTask<@Nullable String> sender = from.async("tcp-send", () -> send(port(server)));
            try {
                String sent = Host.await(sender, "TCP sender", timeout);
                Result result = Host.await(receiver, "TCP receiver", timeout);
                return new Result(result.bytes, result.seconds, sent, result.received);
            } finally {
                sender.cancel(true);
                receiver.cancel(true);
            }
        } catch (IOException e) {
            throw new LabException("TCP transfer: " + e.getMessage(), e);
        }
    }

    private StandardProtocolFamily family() {
        return address instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }

    private static int port(ServerSocketChannel server) throws IOException {
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    private @Nullable String send(int port) throws IOException {
        MessageDigest digest = sha256();
        ByteBuffer block = randomBlock();
        try (SocketChannel channel = SocketChannel.open(family())) {
            channel.connect(new InetSocketAddress(address, port));
            long deadline = System.nanoTime() + nanos;
            long left = bytes;
            for (long number = 0; left > 0 && System.nanoTime() - deadline < 0; number++) {
                block.clear().putLong(0, number).limit((int) Math.min(left, BLOCK));
                left -= block.limit();
                if (checked) {
                    digest.update(block.duplicate());
                }
                while (block.hasRemaining()) {
                    channel.write(block);
                }
            }
        }
        return hex(digest);
    }

    private Result receive(ServerSocketChannel server) throws IOException {
        MessageDigest digest = sha256();
        ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
        long received = 0;
        long start = 0;
        try (SocketChannel channel = server.accept()) {
            for (int read = channel.read(block); read >= 0; read = channel.read(block.clear())) {
                start = received == 0 ? System.nanoTime() : start;
                received += read;
                if (checked) {
                    digest.update(block.flip());
                }
            }
        }
        if (received == 0) {
            throw new IOException("the connection ended before the first byte");
        }
        return new Result(received, (System.nanoTime() - start) / 1e9, null, hex(digest));
    }

    private static ByteBuffer randomBlock() {
        byte[] random = new byte[BLOCK];
        new SplittableRandom(BLOCK).nextBytes(random);
        return ByteBuffer.allocateDirect(BLOCK).put(random).flip();
    }

    private @Nullable String hex(MessageDigest digest) {
        return checked ? HexFormat.of().formatHex(digest.digest()) : null;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
