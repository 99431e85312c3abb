package io.culvert.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Names for the ptys of tunnels, whose numbers are the kernel's: a symbolic link each, in a directory beside the control socket
 * that only its owner may enter. The conductor's thread only.
 */
final class PtyLinks {

    private static final System.Logger LOG = System.getLogger(PtyLinks.class.getName());

    private final Path directory;

    /** @param directory made when the first link is */
    PtyLinks(Path directory) {
        this.directory = directory;
    }

    /** The directory of a gateway with that control socket. */
    static Path beside(Path controlSocket) {
        return controlSocket.toAbsolutePath().resolveSibling("ppp");
    }

    /** The link of that tunnel, whether it is there or not. */
    Path of(String tunnel) {
        return directory.resolve(tunnel);
    }

    /**
     * Makes the tunnel's link, in place of one that a killed gateway left.
     *
     * @throws GatewayException if it cannot be made
     */
    void add(String tunnel, Path slave) {
        Path link = of(tunnel);
        try {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            if (Files.isSymbolicLink(link)) {
                Files.delete(link);
            }
            Files.createSymbolicLink(link, slave);
        } catch (IOException e) {
            throw new GatewayException(
                    GatewayException.REFUSED,
                    "tunnel \"" + tunnel + "\": the link to its pty cannot be made: " + e
                            + ": make the directory of the control socket writable, or name another socket",
                    e);
        }
    }

    /** Removes the tunnel's link, and the directory with the last one. */
    void remove(String tunnel) {
        try {
            if (Files.isSymbolicLink(of(tunnel))) {
                Files.delete(of(tunnel));
            }
            if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS) && isEmpty()) {
                Files.delete(directory);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "tunnel \"" + tunnel + "\": the link to its pty stays: " + e);
        }
    }

    private boolean isEmpty() throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }
}
