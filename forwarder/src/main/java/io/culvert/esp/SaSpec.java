package io.culvert.esp;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A security association as its user asked for it: immutable, and without its keys, of which it only knows the files.
 *
 * @param direction which way its packets go
 * @param spi security parameters index, unsigned
 * @param transform how packets are protected
 * @param keyFile of the cipher; null where nothing is encrypted
 * @param authKeyFile of the authentication; null where the cipher authenticates by itself
 * @param extendedSequence whether sequence numbers have 64 bits, RFC 4304
 * @param replayWindow size of the anti-replay window in packets
 * @param lifetime its limits
 */
public record SaSpec(
        Direction direction,
        int spi,
        EspTransform transform,
        @Nullable Path keyFile,
        @Nullable Path authKeyFile,
        boolean extendedSequence,
        int replayWindow,
        SaLifetime lifetime) {

    /** Size of the anti-replay window, in packets, where none is given. */
    public static final int DEFAULT_REPLAY_WINDOW = 1024;

    /** Largest size of the anti-replay window in packets. */
    public static final int MAX_REPLAY_WINDOW = ReplayWindow.MAX_SIZE;

    /** Smallest size of the anti-replay window in packets, RFC 4303 section 3.4.3. */
    public static final int MIN_REPLAY_WINDOW = 32;

    /** Lowest security parameters index: the ones below are reserved, RFC 4303 section 2.1. */
    public static final int MIN_SPI = 256;

    /** Which way a security association's packets go. */
    public enum Direction {
        IN("in"),
        OUT("out");

        private final String word;

        Direction(String word) {
            this.word = word;
        }

        /** The word in {@code culvert.toml}. */
        public String word() {
            return word;
        }
    }

    /**
     * One thing that is wrong.
     *
     * @param key the key of {@code culvert.toml} that is wrong
     * @param message what is wrong with it, with its value
     * @param hint what to write instead
     */
    public record Problem(String key, String message, String hint) {}

    /** Whether packets to send are protected by it. */
    public boolean isOutbound() {
        return direction == Direction.OUT;
    }

    /** The files that its keys stand in, by absolute paths. */
    public List<Path> keyFiles() {
        return Stream.of(Optional.ofNullable(keyFile), Optional.ofNullable(authKeyFile))
                .flatMap(Optional::stream)
                .map(file -> file.toAbsolutePath().normalize())
                .toList();
    }

    /** Everything that is wrong with it, but for what stands in the key files. */
    public List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        if (Integer.compareUnsigned(spi, MIN_SPI) < 0) {
            problems.add(new Problem("spi", spi + " is a reserved SPI", "use " + MIN_SPI + " or more"));
        }
        if (transform.encrypts() && keyFile == null) {
            problems.add(new Problem(
                    "key-file", transform.algorithm() + " needs a key", "name a file with the key in hexadecimal"));
        }
        if (!transform.encrypts() && keyFile != null) {
            problems.add(new Problem("key-file", transform.algorithm() + " takes no key", "leave it out"));
        }
        if (!transform.isAead() && authKeyFile == null) {
            problems.add(new Problem(
                    "auth-key-file",
                    transform.authentication() + " needs a key",
                    "name a file with the key in hexadecimal"));
        }
        if (transform.isAead() && authKeyFile != null) {
            problems.add(
                    new Problem("auth-key-file", transform.algorithm() + " authenticates by itself", "leave it out"));
        }
        if (replayWindow < MIN_REPLAY_WINDOW || replayWindow > MAX_REPLAY_WINDOW) {
            problems.add(new Problem(
                    "replay-window",
                    replayWindow + " is not a size of the replay window",
                    "use " + MIN_REPLAY_WINDOW + " to " + MAX_REPLAY_WINDOW));
        }
        return problems;
    }
}
