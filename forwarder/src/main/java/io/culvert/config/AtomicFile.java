package io.culvert.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;

/** Writes and removes files so that a crash at any moment leaves the old or the new content, and what is done stays done. */
public final class AtomicFile {

    private AtomicFile() {}

    /**
     * Replaces a file's text; its directory must be there.
     *
     * @param attributes that the file gets, such as its rights
     * @throws IOException if it cannot be; the file is as it was then
     */
    public static void write(Path file, String text, FileAttribute<?>... attributes) throws IOException {
        // Another process may write the file at the same time: the last one wins, whole.
        long writer = ProcessHandle.current().pid();
        Path temporary = file.resolveSibling("." + file.getFileName() + "." + writer + ".new");
        try {
            // What a crash left there may have other rights.
            Files.deleteIfExists(temporary);
            try (FileChannel channel = FileChannel.open(
                    temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
        syncDirectory(file);
    }

    /**
     * Removes a file if it is there.
     *
     * @throws IOException if it cannot be
     */
    public static void delete(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            syncDirectory(file);
        }
    }

    private static void syncDirectory(Path file) throws IOException {
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }
}
