package io.culvert.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.gateway.SequenceFile.Entry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class SequenceFileTest {

    private static final String HEADING = "culvert sequence numbers 1\n";
    private static final int MANY = 100;

    @TempDir
    private Path directory;

    private Path path() {
        return directory.resolve("state").resolve("esp-sent");
    }

    private SequenceFile file() {
        return new SequenceFile(path(), MANY);
    }

    private Map<String, Entry> entries() throws IOException {
        Map<String, Entry> copy = new HashMap<>();
        file().update(copy::putAll);
        return copy;
    }

    @Test
    void keepsWhatIsPutIntoIt() throws IOException {
        Map<String, Entry> put = Map.of("a", new Entry(0, -1), "b", new Entry(Long.MAX_VALUE, Long.MIN_VALUE));
        file().update(entries -> entries.putAll(put));
        assertThat(entries()).isEqualTo(put);
        file().update(entries -> entries.remove("a"));
        assertThat(entries()).containsOnlyKeys("b");
        assertThat(Files.readString(path())).isEqualTo(HEADING + "b 9223372036854775807 8000000000000000\n");
    }

    @Test
    void isNobodyElsesToRead() throws IOException {
        file().update(entries -> entries.put("a", new Entry(1, 1)));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path().getParent())))
                .isEqualTo("rwx------");
    }

    @Test
    void doesNotWriteWhatIsThere() throws IOException {
        file().update(entries -> entries.put("a", new Entry(1, 1)));
        Object before = Files.getAttribute(path(), "unix:ino");
        file().update(entries -> entries.put("a", new Entry(1, 1)));
        assertThat(Files.getAttribute(path(), "unix:ino")).isEqualTo(before);
    }

    @Test
    void forgetsWhatWasNotWrittenForTheLongestTime() throws IOException {
        file().update(entries -> {
            for (int i = 0; i <= MANY; i++) {
                entries.put("k" + i, new Entry(i, 0));
            }
        });
        assertThat(entries()).hasSize(MANY).doesNotContainKey("k0").containsKeys("k1", "k" + MANY);
    }

    /** Numbers that cannot be read are not numbers that were never used. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "culvert sequence numbers 2\n",
                HEADING + "a 1 0000000000000001",
                HEADING + "a 1\n",
                HEADING + "a 1 0000000000000001 1\n",
                HEADING + "a -1 0000000000000001\n",
                HEADING + "a x 0000000000000001\n",
                HEADING + "a 9223372036854775808 0000000000000001\n",
                HEADING + "a 1 0000000000000001f\n",
                HEADING + "a 1 g\n",
                HEADING + "a 1 1\na 2 1\n",
                HEADING + "\n"
            })
    void refusesWhatItDidNotWriteAndLeavesIt(String text) throws IOException {
        Files.createDirectories(path().getParent());
        Files.writeString(path(), text);
        assertThatThrownBy(() -> file().update(entries -> entries.put("a", new Entry(1, 1))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(path().toString());
        assertThat(Files.readString(path())).isEqualTo(text);
    }

    @Test
    void saysThatItCannotBeWritten() throws IOException {
        Files.createFile(directory.resolve("state"));
        assertThatThrownBy(() -> file().update(entries -> entries.put("a", new Entry(1, 1))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(path().toString());
    }

    /** A lock of this process's own would not keep this process out. */
    @Test
    void doesNotWaitForAProcessThatHangs() throws IOException, InterruptedException {
        file().update(entries -> entries.put("a", new Entry(1, 1)));
        Path lock = path().resolveSibling(".esp-sent.lock");
        Process holder = new ProcessBuilder(List.of(
                        "python3",
                        "-c",
                        "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print('x',"
                                + " flush=True); sys.stdin.read()",
                        lock.toString()))
                .start();
        try {
            assertThat(holder.getInputStream().read()).isEqualTo('x');
            assertThatThrownBy(() -> file().update(entries -> entries.clear()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("locked");
        } finally {
            holder.destroyForcibly();
            assertThat(holder.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(entries()).containsOnlyKeys("a");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
            assertThat(channel.size()).isZero();
        }
    }
}
