package io.culvert.gateway;

import io.culvert.config.AtomicFile;
import io.culvert.config.ConfigLoader;
import io.culvert.config.ConfigSource;
import io.culvert.config.ConfigWriter;
import io.culvert.config.GatewayConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What a gateway keeps of a reload until it is confirmed: the configuration of before, in a file that outlives crashes. A
 * gateway that starts with a configuration that was never confirmed runs the one of before instead.
 *
 * <p>The file is a {@code culvert.toml} with {@code # unconfirmed: DIGEST} as first line: the digest of the configuration
 * that is not confirmed. As soon as somebody edits that one the file means nothing.
 */
final class UnconfirmedReload {

    private static final System.Logger LOG = System.getLogger(UnconfirmedReload.class.getName());
    private static final String MARK = "# unconfirmed: ";

    private final Path file;

    UnconfirmedReload(Path file) {
        this.file = file;
    }

    /** The file for gateways with that configuration: those of two gateways on one host are different. */
    static UnconfirmedReload of(ConfigSource source) {
        byte[] path = source.file().toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
        String name = "before-reload-"
                + HexFormat.of().toHexDigits(java.util.Arrays.hashCode(path)).toLowerCase(java.util.Locale.ROOT)
                + ".toml";
        return new UnconfirmedReload(StateDirectory.of(source.environment()).resolve(name));
    }

    Path file() {
        return file;
    }

    /**
     * Keeps the configuration of before.
     *
     * @param digest of the configuration that is about to be in force
     * @throws GatewayException if it cannot be kept
     */
    void write(GatewayConfig before, String digest) {
        String text = MARK + digest + "\n" + ConfigWriter.toToml(ConfigWriter.tree(before));
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            AtomicFile.write(file, text);
        } catch (IOException e) {
            throw new GatewayException(
                    GatewayException.REFUSED,
                    "the configuration of before cannot be kept in " + file + ": " + e + ": nothing has changed; "
                            + StateDirectory.REMEDY,
                    e);
        }
    }

    /** The new configuration is the right one. */
    void delete() {
        try {
            AtomicFile.delete(file);
        } catch (IOException e) {
            throw new GatewayException(
                    GatewayException.REFUSED,
                    file + " cannot be removed: " + e
                            + ": remove it, or the next start runs the configuration of before",
                    e);
        }
    }

    /** The configuration of before, if {@code loaded} was never confirmed. */
    Optional<ConfigLoader.Loaded> before(ConfigLoader.Loaded loaded, ConfigSource source) {
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            if (!Files.readString(file).startsWith(MARK + loaded.digest() + "\n")) {
                AtomicFile.delete(file);
                return Optional.empty();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "what is kept of an unconfirmed reload cannot be read: " + e);
            return Optional.empty();
        }
        ConfigLoader.Loaded before = ConfigLoader.load(file, null, source.environment());
        if (!before.isValid()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "what is kept of an unconfirmed reload is no configuration: "
                            + before.problems().getFirst());
            return Optional.empty();
        }
        return Optional.of(before);
    }
}
