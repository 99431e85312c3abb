package io.culvert.linux.pty;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.culvert.linux.Epoll;
import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.FileDescriptor;
import io.culvert.linux.Poll;
import io.culvert.linux.SystemCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The master of a pseudo-terminal whose slave is a serial line in raw mode for another program: every byte goes through as it
 * is. The descriptor never blocks. The slave is its owner's only, mode 0600.
 *
 * <p>While no program has the slave open, reading gives {@code -EIO} and {@link Epoll} reports {@link Epoll#HUP}, from the
 * start on; watch it {@linkplain Epoll#EDGE edge triggered}, or the wait never ends then. The next program that opens the
 * slave ends that state, without an event before it writes.
 *
 * <p>{@link #read} and {@link #write} may run at the same time in two threads.
 */
public final class PseudoTerminal implements AutoCloseable {

    /** struct termios of the kernel, which is not libc's. */
    static final int TERMIOS_SIZE = 36;

    static final int TERMIOS_IFLAG = 0;
    static final int TERMIOS_OFLAG = 4;
    static final int TERMIOS_CFLAG = 8;
    static final int TERMIOS_LFLAG = 12;
    static final int TERMIOS_CC = 17;

    private static final String NODE = "/dev/ptmx";

    private final FileDescriptor descriptor;
    private final Path slave;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment polled = arena.allocate(Poll.MEMORY, 4);

    private PseudoTerminal(FileDescriptor descriptor, Path slave) {
        this.descriptor = descriptor;
        this.slave = slave;
    }

    /**
     * Makes a pseudo-terminal.
     *
     * @throws ErrnoException naming what the kernel refused, and the remedy
     */
    public static PseudoTerminal open() {
        FileDescriptor descriptor = openNode(NODE);
        try (Arena call = Arena.ofConfined()) {
            MemorySegment number = call.allocate(JAVA_INT);
            ioctl(descriptor, "TIOCSPTLCK", Abi.TIOCSPTLCK, number.address());
            ioctl(descriptor, "TIOCGPTN", Abi.TIOCGPTN, number.address());
            Path slave = Path.of("/dev/pts/" + number.get(JAVA_INT, 0));
            PseudoTerminal terminal = new PseudoTerminal(descriptor, slave);
            terminal.setRaw();
            restrict(slave);
            // What was never open has not hung up: opened once, it says from now on whether somebody has it open.
            openNode(slave.toString()).close();
            return terminal;
        } catch (RuntimeException failed) {
            descriptor.close();
            throw failed;
        }
    }

    private static FileDescriptor openNode(String node) {
        try (Arena call = Arena.ofConfined()) {
            long path = call.allocateFrom(node).address();
            int flags = Abi.O_RDWR | Abi.O_NOCTTY | Abi.O_NONBLOCK | Abi.O_CLOEXEC;
            int fd = SystemCalls.open(path, flags, 0);
            if (fd >= 0) {
                return new FileDescriptor(fd);
            }
            String what = "open(" + node + ")";
            throw switch (-fd) {
                case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO ->
                    new ErrnoException(what, -fd, "mount devpts with \"mount -t devpts devpts /dev/pts\"");
                case Errno.ENOSPC ->
                    new ErrnoException(what, -fd, "raise the limit with \"sysctl kernel.pty.max=8192\"");
                default -> new ErrnoException(what, -fd);
            };
        }
    }

    private static void restrict(Path slave) {
        try {
            Files.setPosixFilePermissions(slave, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new ErrnoException("chmod(" + slave + ")", Errno.EPERM, String.valueOf(e.getMessage()));
        }
    }

    /** The device that the other program opens, such as {@code /dev/pts/7}. */
    public Path slave() {
        return slave;
    }

    /** The descriptor, to be watched by {@link Epoll}; -1 once closed. */
    public int fd() {
        return descriptor.fd();
    }

    /**
     * Reads what the other program wrote, which may end anywhere.
     *
     * @return bytes read, or {@code -errno}: EAGAIN nothing to read, EIO no program has the slave open
     */
    public int read(long address, int length) {
        return SystemCalls.read(descriptor.fd(), address, length);
    }

    /**
     * Writes what the other program is to read, as much as there is room for.
     *
     * @return bytes written, or {@code -errno}: EAGAIN there is no room
     */
    public int write(long address, int length) {
        return SystemCalls.write(descriptor.fd(), address, length);
    }

    /** Whether no program has the slave open. One thread at a time. */
    public boolean isHungUp() {
        int events = Poll.await(polled, descriptor.fd(), 0, 0);
        return events < 0 || (events & Epoll.HUP) != 0;
    }

    /** Puts the slave into raw mode again, which the last program may have left in another; throws nothing. */
    public void reset() {
        try {
            setRaw();
        } catch (ErrnoException e) {
            // The next program sets its own mode.
        }
    }

    /** As cfmakeraw(3), and without modem lines. What the master sets is the slave's. */
    private void setRaw() {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment termios = call.allocate(TERMIOS_SIZE, 4);
            ioctl(descriptor, "TCGETS", Abi.TCGETS, termios.address());
            int speed = termios.get(JAVA_INT, TERMIOS_CFLAG) & Abi.CBAUD;
            termios.set(JAVA_INT, TERMIOS_IFLAG, 0);
            termios.set(JAVA_INT, TERMIOS_OFLAG, 0);
            termios.set(JAVA_INT, TERMIOS_LFLAG, 0);
            termios.set(JAVA_INT, TERMIOS_CFLAG, speed | Abi.CS8 | Abi.CREAD | Abi.CLOCAL);
            termios.set(JAVA_BYTE, TERMIOS_CC + Abi.VMIN, (byte) 1);
            termios.set(JAVA_BYTE, TERMIOS_CC + Abi.VTIME, (byte) 0);
            ioctl(descriptor, "TCSETS", Abi.TCSETS, termios.address());
        }
    }

    private static void ioctl(FileDescriptor descriptor, String request, long number, long argument) {
        ErrnoException.check(
                SystemCalls.ioctl(descriptor.fd(), number, argument), "ioctl(" + request + ", " + NODE + ")");
    }

    @Override
    public void close() {
        descriptor.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    @Override
    public String toString() {
        return slave + " (" + descriptor + ")";
    }
}
