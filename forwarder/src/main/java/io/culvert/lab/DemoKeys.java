package io.culvert.lab;

import io.culvert.esp.EspTransform;
import io.culvert.esp.SaLifetime;
import io.culvert.esp.SaSpec;
import io.culvert.esp.SaSpec.Direction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/** A pair of security associations between two gateways, with keys made by chance, which go with the lab. Any thread. */
final class DemoKeys {

    private static final EspTransform TRANSFORM = EspTransform.AES_GCM;
    private static final int FIRST_SPI = 0x1000;

    private final int spi;
    private final Path there;
    private final Path back;

    /**
     * Makes the keys.
     *
     * @param number that no other pair has
     */
    DemoKeys(Path directory, int number) {
        spi = FIRST_SPI + 2 * number;
        there = write(directory.resolve("there" + number + ".key"));
        back = write(directory.resolve("back" + number + ".key"));
    }

    private static Path write(Path file) {
        byte[] key = new byte[TRANSFORM.keyFileLengths().getLast()];
        new SecureRandom().nextBytes(key);
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return Files.writeString(file, HexFormat.of().formatHex(key));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the left gateway has. */
    List<SaSpec> left() {
        return List.of(association(Direction.OUT, spi, there), association(Direction.IN, spi + 1, back));
    }

    /** What the right gateway has. */
    List<SaSpec> right() {
        return List.of(association(Direction.IN, spi, there), association(Direction.OUT, spi + 1, back));
    }

    private static SaSpec association(Direction direction, int spi, Path key) {
        return new SaSpec(
                direction, spi, TRANSFORM, key, null, true, SaSpec.DEFAULT_REPLAY_WINDOW, SaLifetime.UNLIMITED);
    }
}
