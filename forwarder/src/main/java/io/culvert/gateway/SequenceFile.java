package io.culvert.gateway;

import io.culvert.config.AtomicFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Sequence numbers of security associations on disk, a line each: name, number, and what makes initialization vectors of
 * numbers. Gateways on one host may share the file; a change is there for good when it returns, or not at all.
 */
final class SequenceFile {

    private static final String HEADING = "culvert sequence numbers 1";
    private static final int FIELDS = 3;
    private static final long LOCK_MILLIS = 1000;
    private static final long LOCK_STEP_MILLIS = 5;
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path file;
    private final int maxEntries;

    /**
     * What is known of an association.
     *
     * @param last highest number that may have been in use
     * @param ivMask what numbers are xored with; 0 of received ones
     */
    record Entry(long last, long ivMask) {}

    /** @param maxEntries how many to keep; of more, those that were not written for the longest time are forgotten */
    SequenceFile(Path file, int maxEntries) {
        this.file = file;
        this.maxEntries = maxEntries;
    }

    /**
     * Changes entries, by name, and has them on disk.
     *
     * @throws IOException if the file cannot be read, has a line that it cannot have, or cannot be written; it is as it was
     */
    void update(Consumer<Map<String, Entry>> change) throws IOException {
        try {
            updateLocked(change);
        } catch (IOException e) {
            throw new IOException(file + " cannot be used: " + e, e);
        }
    }

    private void updateLocked(Consumer<Map<String, Entry>> change) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent(), PRIVATE_DIRECTORY);
        Path lockFile = file.resolveSibling("." + file.getFileName() + ".lock");
        try (FileChannel channel = FileChannel.open(
                        lockFile, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PRIVATE);
                FileLock _ = lock(channel)) {
            Map<String, Entry> before = read();
            Map<String, Entry> after = new LinkedHashMap<>(before);
            change.accept(after);
            if (!after.equals(before)) {
                write(after);
            }
        }
    }

    /** Another gateway has it for a moment only; one that hangs must not stop this one's conductor. */
    private FileLock lock(FileChannel channel) throws IOException {
        long deadline = System.nanoTime() + LOCK_MILLIS * 1_000_000;
        while (true) {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return lock;
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new IOException("another process has locked it for a second");
            }
            try {
                Thread.sleep(LOCK_STEP_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while another process had it locked", e);
            }
        }
    }

    private Map<String, Entry> read() throws IOException {
        Map<String, Entry> entries = new LinkedHashMap<>();
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            return entries;
        }
        String[] lines = text.split("\n", -1);
        if (!lines[0].equals(HEADING) || !text.endsWith("\n")) {
            throw new IOException("it is not complete");
        }
        for (int i = 1; i < lines.length - 1; i++) {
            String[] fields = lines[i].split(" ", -1);
            if (fields.length != FIELDS || entries.put(fields[0], entry(fields, i + 1)) != null) {
                throw wrong(i + 1);
            }
        }
        return entries;
    }

    private static Entry entry(String[] fields, int line) throws IOException {
        try {
            long last = Long.parseLong(fields[1]);
            if (last >= 0) {
                return new Entry(last, HexFormat.fromHexDigitsToLong(fields[2]));
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(wrong(line).getMessage(), e);
        }
        throw wrong(line);
    }

    private static IOException wrong(int line) {
        return new IOException("line " + line + " is not name, number and mask");
    }

    private void write(Map<String, Entry> entries) throws IOException {
        StringBuilder text = new StringBuilder(HEADING).append('\n');
        entries.entrySet().stream()
                .skip(Math.max(0, entries.size() - maxEntries))
                .forEach(entry -> text.append(entry.getKey())
                        .append(' ')
                        .append(entry.getValue().last())
                        .append(' ')
                        .append(HexFormat.of().toHexDigits(entry.getValue().ivMask()))
                        .append('\n'));
        AtomicFile.write(file, text.toString(), PRIVATE);
    }
}
