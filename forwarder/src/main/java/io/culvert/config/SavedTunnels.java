package io.culvert.config;

import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Tunnels that commands have written to {@code conf.d}, each in a file of its own: {@code NAME.toml}. */
public final class SavedTunnels {

    private final Path directory;
    private final ConfigLoader.Loaded loaded;

    /**
     * @param directory the gateway's {@code conf.d}
     * @param loaded what the gateway's configuration says now
     */
    public SavedTunnels(Path directory, ConfigLoader.Loaded loaded) {
        this.directory = directory;
        this.loaded = loaded;
    }

    /** The file of that tunnel. */
    public Path file(String name) {
        return directory.resolve(name + ".toml");
    }

    /** Where another file than {@link #file} defines that tunnel, so that it cannot be saved; null if none does. */
    public @Nullable String definedElsewhere(String name) {
        Position at = loaded.definitions().get(name);
        return at == null || at.file().equals(file(name)) ? null : at.fileAndLine();
    }

    /**
     * Writes a tunnel's file; makes the directory if need be.
     *
     * @throws IOException if it cannot be written; it is as it was then
     */
    public void write(TunnelSpec spec) throws IOException {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        tree.putArray("tunnel").add(TunnelSpecCodec.encode(spec));
        Files.createDirectories(directory);
        AtomicFile.write(file(spec.name()), "# written by `culvert tunnel --save`\n" + ConfigWriter.toToml(tree));
    }

    /** Removes a tunnel's file. */
    public void delete(String name) throws IOException {
        AtomicFile.delete(file(name));
    }
}
