package io.culvert.linux.pty;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.Commands;
import io.culvert.linux.Epoll;
import io.culvert.linux.Errno;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PseudoTerminalTest {

    private static final int CAPACITY = 16_384;
    private static final int PATIENCE_MILLIS = 10_000;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(CAPACITY);
    private final PseudoTerminal terminal = PseudoTerminal.open();

    @AfterEach
    void close() {
        terminal.close();
        arena.close();
    }

    private RandomAccessFile openSlave() throws IOException {
        return new RandomAccessFile(terminal.slave().toFile(), "rw");
    }

    @Test
    void passesEveryByteInBothDirectionsAsItIs() throws IOException {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        try (RandomAccessFile slave = openSlave()) {
            slave.write(all);
            assertThat(terminal.read(memory.address(), CAPACITY)).isEqualTo(all.length);
            assertThat(memory.asSlice(0, all.length).toArray(JAVA_BYTE)).isEqualTo(all);
            assertThat(terminal.read(memory.address(), CAPACITY)).isEqualTo(-Errno.EAGAIN);

            assertThat(terminal.write(memory.address(), all.length)).isEqualTo(all.length);
            byte[] read = new byte[all.length];
            slave.readFully(read);
            assertThat(read).isEqualTo(all);
            assertThat(terminal.read(memory.address(), CAPACITY)).isEqualTo(-Errno.EAGAIN);
        }
    }

    @Test
    void isRawForSttyToo() {
        String settings =
                Commands.run("stty", "-a", "-F", terminal.slave().toString()).toString();

        assertThat(settings).contains("-icanon", "-echo", "-isig", "-opost", "-ixon", "-icrnl", "cs8", "clocal");
    }

    @Test
    void isItsOwnersOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(terminal.slave())))
                .isEqualTo("rw-------");
    }

    @Test
    void saysWhetherAProgramHasItOpen() throws IOException {
        assertThat(terminal.isHungUp()).isTrue();
        assertThat(terminal.read(memory.address(), CAPACITY)).isEqualTo(-Errno.EIO);

        try (RandomAccessFile slave = openSlave()) {
            assertThat(slave.length()).isZero();
            assertThat(terminal.isHungUp()).isFalse();
            assertThat(terminal.read(memory.address(), CAPACITY)).isEqualTo(-Errno.EAGAIN);
        }

        assertThat(terminal.isHungUp()).isTrue();
    }

    @Test
    void reportsAHangUpOnceWhereItIsWatchedForEdges() throws IOException {
        try (Epoll epoll = Epoll.open(2)) {
            epoll.add(terminal.fd(), Epoll.IN | Epoll.OUT | Epoll.EDGE, 7);
            assertThat(epoll.await(0)).isEqualTo(1);
            assertThat(epoll.await(0)).isZero();

            try (RandomAccessFile slave = openSlave()) {
                slave.write(1);
                assertThat(epoll.await(PATIENCE_MILLIS)).isEqualTo(1);
                assertThat(terminal.read(memory.address(), CAPACITY)).isEqualTo(1);
            }
            assertThat(epoll.await(PATIENCE_MILLIS)).isEqualTo(1);
            assertThat(epoll.events(0) & Epoll.HUP).isEqualTo(Epoll.HUP);
            assertThat(epoll.await(20)).isZero();
        }
    }

    @Test
    void tellsWhenThereIsRoomAgain() throws IOException {
        try (Epoll epoll = Epoll.open(2);
                RandomAccessFile slave = openSlave()) {
            int written = fill();
            // What the kernel hands on in a thread of its own makes room once more.
            for (int more = 1; more > 0; written += more) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                more = fill();
            }
            assertThat(terminal.write(memory.address(), 1)).isEqualTo(-Errno.EAGAIN);
            epoll.add(terminal.fd(), Epoll.IN | Epoll.OUT | Epoll.EDGE, 7);
            assertThat(epoll.await(0)).isZero();

            slave.readFully(new byte[written]);
            assertThat(epoll.await(PATIENCE_MILLIS)).isEqualTo(1);
            assertThat(terminal.write(memory.address(), 1)).isEqualTo(1);
        }
    }

    /** Writes as much as there is room for. Returns how much. */
    private int fill() {
        int written = 0;
        for (int more = 1; more > 0; written += Math.max(more, 0)) {
            more = terminal.write(memory.address(), CAPACITY);
        }
        return written;
    }

    @Test
    void isRawAgainAfterAProgramThatLeftItOtherwise() {
        Commands.run("stty", "-F", terminal.slave().toString(), "sane", "echo");
        terminal.reset();

        isRawForSttyToo();
    }
}
