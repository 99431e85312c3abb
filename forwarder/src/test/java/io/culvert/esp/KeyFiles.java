package io.culvert.esp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Key files and security associations for tests. */
public final class KeyFiles {

    private KeyFiles() {}

    /** A key file with that content and these rights, such as {@code rw-------}. */
    public static Path write(Path directory, String content, String rights) {
        try {
            Path file = Files.createTempFile(
                    directory,
                    "k",
                    ".key",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, content);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** That many bytes, always the same, in hexadecimal. */
    public static String key(int length) {
        return key(length, length);
    }

    /** That many bytes, for each seed the same, in hexadecimal. */
    public static String key(int length, int seed) {
        byte[] key = new byte[length];
        new Random(seed).nextBytes(key);
        return HexFormat.of().formatHex(key);
    }

    /** An association without limits, with the longest key that the transform takes. */
    public static SaSpec spec(Path directory, SaSpec.Direction direction, EspTransform transform, boolean extended) {
        return spec(directory, direction, 0x1001, transform, extended, SaLifetime.UNLIMITED);
    }

    /** An association with the longest key that the transform takes. */
    public static SaSpec spec(
            Path directory,
            SaSpec.Direction direction,
            int spi,
            EspTransform transform,
            boolean extended,
            SaLifetime lifetime) {
        Path key = transform.encrypts()
                ? write(directory, key(transform.keyFileLengths().getLast()), "rw-------")
                : null;
        Path authKey = transform.isAead() ? null : write(directory, key(32), "rw-------");
        return spec(direction, spi, transform, key, authKey, extended, lifetime);
    }

    /** An association that may take all sequence numbers that there are. */
    public static SecurityAssociation open(SaSpec spec) {
        SecurityAssociation association = SecurityAssociation.open(spec);
        association.reserve(Long.MAX_VALUE);
        return association;
    }

    static SaSpec spec(
            SaSpec.Direction direction,
            int spi,
            EspTransform transform,
            @Nullable Path key,
            @Nullable Path authKey,
            boolean extended,
            SaLifetime lifetime) {
        return new SaSpec(direction, spi, transform, key, authKey, extended, SaSpec.DEFAULT_REPLAY_WINDOW, lifetime);
    }
}
