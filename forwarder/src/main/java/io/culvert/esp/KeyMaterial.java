package io.culvert.esp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.agrona.MutableDirectBuffer;

/**
 * A key between its file and libcrypto's context: off heap all the way, so that no copy of it stays behind in memory that
 * the collector has moved, and wiped when closed. It has no text form.
 */
final class KeyMaterial implements AutoCloseable {

    private static final int MAX_FILE_LENGTH = 1024;
    private static final int ROOT = 0;

    /** Belongs to the user that this process runs as. */
    private static final Path OWN_PROCESS = Path.of("/proc/self");

    private static final Set<PosixFilePermission> ALLOWED =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final NativeMemory memory;

    private KeyMaterial(NativeMemory memory) {
        this.memory = memory;
    }

    /**
     * Reads a file of hexadecimal digits, with or without 0x in front; white space does not count.
     *
     * @param lengths bytes that the key may have
     * @throws EspException if it cannot be read, others than its owner may read it, its owner is neither root nor this process's
     *     user, or it is not such a key
     */
    static KeyMaterial read(Path file, List<Integer> lengths) {
        try {
            requirePrivate(file);
            ByteBuffer text = ByteBuffer.allocateDirect(MAX_FILE_LENGTH);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                int length = 0;
                while (text.hasRemaining() && length >= 0) {
                    length = channel.read(text);
                }
                return parse(file, text.flip(), lengths);
            } finally {
                wipe(text);
            }
        } catch (NoSuchFileException e) {
            throw new EspException("key file " + file + " does not exist: write the key into it in hexadecimal");
        } catch (IOException e) {
            throw new EspException("key file " + file + " cannot be read: " + e.getMessage());
        }
    }

    private static void requirePrivate(Path file) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
        if (!attributes.isRegularFile()) {
            // To open a pipe would wait for who writes into it.
            throw new EspException("key file " + file + " is no regular file: write the key into one");
        }
        int owner = owner(file);
        if (owner != ROOT && owner != owner(OWN_PROCESS)) {
            throw new EspException("key file " + file + " belongs to user " + owner
                    + ", who could put another key there: `chown root " + file + "`");
        }
        Set<PosixFilePermission> permissions = attributes.permissions();
        if (!ALLOWED.containsAll(permissions)) {
            throw new EspException("key file " + file + " has the rights " + PosixFilePermissions.toString(permissions)
                    + ", wider than its owner's to read and write: `chmod 600 " + file + "`");
        }
    }

    private static int owner(Path file) throws IOException {
        return (int) Files.getAttribute(file, "unix:uid");
    }

    private static KeyMaterial parse(Path file, ByteBuffer text, List<Integer> lengths) {
        NativeMemory digits = new NativeMemory(MAX_FILE_LENGTH);
        try (digits) {
            int count = 0;
            int start = text.remaining() >= 2 && text.get(0) == '0' && (text.get(1) | 0x20) == 'x' ? 2 : 0;
            for (int i = start; i < text.limit(); i++) {
                int c = text.get(i);
                int digit = Character.digit(c, 16);
                if (digit >= 0) {
                    digits.buffer().putByte(count++, (byte) digit);
                } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                    throw new EspException("key file " + file + " has a character that is no hexadecimal digit");
                }
            }
            if (count % 2 != 0 || !lengths.contains(count / 2)) {
                throw new EspException("key file " + file + " has " + count
                        + " hexadecimal digits: this algorithm's" + " key has "
                        + lengths.stream().map(l -> String.valueOf(2 * l)).toList());
            }
            NativeMemory key = new NativeMemory(count / 2);
            for (int i = 0; i < count / 2; i++) {
                int upper = digits.buffer().getByte(2 * i) << 4;
                key.buffer().putByte(i, (byte) (upper | digits.buffer().getByte(2 * i + 1)));
            }
            return new KeyMaterial(key);
        }
    }

    private static void wipe(ByteBuffer text) {
        text.clear();
        for (int i = 0; i < text.capacity(); i++) {
            text.put(i, (byte) 0);
        }
    }

    long address() {
        return memory.address();
    }

    int length() {
        return memory.length();
    }

    /** Copies a part of it to memory that is wiped, too. */
    void copy(int from, MutableDirectBuffer to, int at, int length) {
        to.putBytes(at, memory.buffer(), from, length);
    }

    @Override
    public void close() {
        memory.close();
    }
}
