package io.culvert.pipeline;

import io.culvert.linux.Epoll;
import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.pty.PseudoTerminal;
import io.culvert.tunnel.DropReason;
import io.culvert.wire.AsyncHdlc;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The inner side of a tunnel of PPP frames: a pseudo-terminal, on whose slave pppd runs as on a serial line. Frames go
 * through it as RFC 1662 has them; in front of each, as of every port, stands a virtio-net header, which says nothing.
 *
 * <p>The slave stays closed while no pppd has it, so that the gateway sees one go and what comes for it meanwhile is dropped
 * instead of being kept for the next one. The descriptor is watched for edges, since it stays hung up until then.
 *
 * <p>What a terminal has no room for waits in a ring that the decapsulation path's egress stage fills. Whoever comes first
 * empties it: that stage with its next packet, or the encapsulation path's ingress stage when the terminal has room again.
 */
public final class PtyPort extends InnerPort {

    private static final int INPUT_CAPACITY = 64 << 10;
    private static final int OUTPUT_CAPACITY = 256 << 10;
    private static final int OUTPUT_MASK = OUTPUT_CAPACITY - 1;

    private final PseudoTerminal terminal;
    private final UnsafeBuffer input = new UnsafeBuffer(ByteBuffer.allocateDirect(INPUT_CAPACITY));
    private final UnsafeBuffer output = new UnsafeBuffer(ByteBuffer.allocateDirect(OUTPUT_CAPACITY));
    private final UnsafeBuffer frame = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer outgoing = new UnsafeBuffer(0, 0);
    private int position;
    private int limit;

    /** Octets of a frame that is too long have been thrown away already. */
    private boolean overflowed;

    private @Nullable DropReason refusal;

    /** Who empties the ring: the one that makes it 1, once more for each that came meanwhile. */
    private final AtomicInteger draining = new AtomicInteger();

    private volatile long head;
    private volatile long tail;
    private volatile boolean hungUp = true;

    private PtyPort(PseudoTerminal terminal) {
        this.terminal = terminal;
    }

    /**
     * Makes the pseudo-terminal.
     *
     * @throws ErrnoException if the kernel refuses
     */
    public static PtyPort open() {
        return new PtyPort(PseudoTerminal.open());
    }

    /** The device that pppd is to open. */
    public Path slave() {
        return terminal.slave();
    }

    /** Whether no program has the pty open; as of the last look at it; any thread. */
    public boolean isHungUp() {
        return hungUp;
    }

    /** A terminal says so by hanging up, which would end pppd; nothing needs it, as ptys have no routes. */
    @Override
    public void carrier(boolean on) {}

    @Override
    int fd() {
        return terminal.fd();
    }

    @Override
    int events() {
        return Epoll.IN | Epoll.OUT | Epoll.EDGE;
    }

    @Override
    boolean holdsInput() {
        return position < limit;
    }

    @Override
    @Nullable
    DropReason refusal() {
        return refusal;
    }

    @Override
    public int read(long address, int length) {
        int header = VirtioHeader.LENGTH;
        frame.wrap(address, length);
        while (true) {
            int flag = nextFlag();
            if (flag >= 0) {
                int decoded = take(flag, header, length);
                if (decoded != 0) {
                    frame.setMemory(0, header, (byte) 0);
                    return header + decoded;
                }
            } else {
                int bytes = fill();
                if (bytes < 0) {
                    return bytes;
                }
            }
        }
    }

    /** Index of the next flag in the input; -1 if it has none. */
    private int nextFlag() {
        for (int i = position; i < limit; i++) {
            if (input.getByte(i) == AsyncHdlc.FLAG) {
                return i;
            }
        }
        return -1;
    }

    /** Takes what stands in front of a flag; returns the length of what is to be said of it, 0 if nothing is. */
    private int take(int flag, int header, int length) {
        int from = position;
        position = flag + 1;
        if (overflowed) {
            overflowed = false;
            return refused(DropReason.FRAME_TOO_LONG, flag - from);
        }
        if (flag == from) {
            return 0;
        }
        int decoded = AsyncHdlc.decode(input, from, flag, frame, header, length - header);
        refusal = null;
        return switch (decoded) {
            case AsyncHdlc.TOO_SHORT -> refused(DropReason.FRAME_MALFORMED, flag - from);
            case AsyncHdlc.ABORTED -> refused(DropReason.FRAME_ABORTED, flag - from);
            case AsyncHdlc.BAD_FCS -> refused(DropReason.FRAME_FCS, flag - from);
            case AsyncHdlc.TOO_LONG -> refused(DropReason.FRAME_TOO_LONG, flag - from);
            default -> decoded;
        };
    }

    private int refused(DropReason reason, int octets) {
        refusal = reason;
        return Math.clamp(octets, 1, AsyncHdlc.MAX_FRAME);
    }

    /** Reads behind what is there, a frame without its end at most; returns {@code -errno} if there is nothing to read. */
    private int fill() {
        drain();
        if (position > 0) {
            limit -= position;
            input.putBytes(0, input, position, limit);
            position = 0;
        }
        if (limit == INPUT_CAPACITY) {
            overflowed = true;
            limit = 0;
        }
        int bytes = terminal.read(input.addressOffset() + limit, INPUT_CAPACITY - limit);
        if (bytes > 0) {
            hungUp = false;
            limit += bytes;
            return bytes;
        }
        if (bytes == -Errno.EIO && !hungUp) {
            programLeft();
        }
        return bytes == 0 ? -Errno.EAGAIN : bytes;
    }

    /** The next pppd begins with a line as it is on the first day, and with nothing of the last one's. */
    private void programLeft() {
        hungUp = true;
        position = 0;
        limit = 0;
        overflowed = false;
        terminal.reset();
        drain();
    }

    @Override
    public int write(long address, int length) {
        int header = VirtioHeader.LENGTH;
        int bytes = length - header;
        if (hungUp && terminal.isHungUp()) {
            return -Errno.EIO;
        }
        hungUp = false;
        long end = tail;
        if (AsyncHdlc.maxEncodedLength(bytes) > OUTPUT_CAPACITY - (end - head)) {
            drain();
            return -Errno.ENOBUFS;
        }
        outgoing.wrap(address, length);
        tail = AsyncHdlc.encode(outgoing, header, bytes, output, end, OUTPUT_MASK);
        drain();
        return length;
    }

    /** Writes what the ring holds, as far as there is room. Either path's thread; the other one's call is made up for. */
    private void drain() {
        if (draining.getAndIncrement() != 0) {
            return;
        }
        int calls = 1;
        do {
            writeOut();
            calls = draining.addAndGet(-calls);
        } while (calls != 0);
    }

    private void writeOut() {
        if (hungUp) {
            head = tail;
        }
        while (head != tail) {
            long from = head;
            int start = (int) from & OUTPUT_MASK;
            int bytes = (int) Math.min(tail - from, OUTPUT_CAPACITY - start);
            int written = terminal.write(output.addressOffset() + start, bytes);
            if (written > 0) {
                head = from + written;
            } else if (written != -Errno.EINTR) {
                return;
            }
        }
    }

    @Override
    public int writePieces(long iovecs, int count) {
        throw new IllegalStateException("PPP frames are not merged");
    }

    @Override
    public boolean namesProtocols() {
        return false;
    }

    @Override
    public boolean takesUdpSuperPackets() {
        return false;
    }

    @Override
    public void close() {
        terminal.close();
    }
}
