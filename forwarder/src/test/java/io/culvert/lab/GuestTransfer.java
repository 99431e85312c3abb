package io.culvert.lab;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.SplittableRandom;

/** TCP between a host and a guest, with the SHA-256 of what was sent and of what arrived. One thread. */
public final class GuestTransfer {

    /** The ports that the guest's init serves. */
    private static final int SOURCE_PORT = 7001;

    private static final int SINK_PORT = 7002;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Host host;
    private final Guest guest;

    /** Digest of what the guest sends; it has but one file. */
    private String payload = "";

    public GuestTransfer(Host host, Guest guest) {
        this.host = host;
        this.guest = guest;
    }

    /** SHA-256 of what was sent and of what arrived, in hexadecimal digits. */
    public record Digests(String sent, String received) {}

    /**
     * Sends that many pseudo-random bytes to the guest.
     *
     * @param address of the guest, which also chooses the path
     * @throws LabException if it is not done within a minute
     */
    public Digests toGuest(InetAddress address, int bytes) {
        byte[] data = new byte[bytes];
        new SplittableRandom(bytes).nextBytes(data);
        byte[] answer = host.call("tcp-to-guest", TIMEOUT, () -> {
            try (SocketChannel channel = connect(address, SINK_PORT)) {
                ByteBuffer buffer = ByteBuffer.wrap(data);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.shutdownOutput();
                return readAll(channel);
            }
        });
        // The digest is followed by the name of the file: two spaces and a dash.
        String received = new String(answer, StandardCharsets.US_ASCII).replaceFirst(" .*\n", "");
        return new Digests(sha256(data), received);
    }

    /**
     * Reads the guest's file of 300,000 random bytes.
     *
     * @param address of the guest, which also chooses the path
     * @throws LabException if it is not done within a minute
     */
    public Digests fromGuest(InetAddress address) {
        if (payload.isEmpty()) {
            payload = guest.exec("sha256sum < /payload").orThrow().out().replaceFirst(" .*\n", "");
        }
        byte[] data = host.call("tcp-from-guest", TIMEOUT, () -> {
            try (SocketChannel channel = connect(address, SOURCE_PORT)) {
                return readAll(channel);
            }
        });
        return new Digests(payload, sha256(data));
    }

    private static SocketChannel connect(InetAddress address, int port) throws IOException {
        try {
            return SocketChannel.open(new InetSocketAddress(address, port));
        } catch (ConnectException e) {
            throw new IOException(address.getHostAddress() + " port " + port + ": " + e.getMessage(), e);
        }
    }

    private static byte[] readAll(SocketChannel channel) throws IOException {
        return channel.socket().getInputStream().readAllBytes();
    }

    private static String sha256(byte[] data) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
