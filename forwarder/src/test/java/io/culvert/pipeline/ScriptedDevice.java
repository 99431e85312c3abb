package io.culvert.pipeline;

import io.culvert.testing.Hex;
import io.culvert.tunnel.InnerDevice;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** An inner device that notes what is written to it, as hexadecimal text, and says what it was told to say. */
final class ScriptedDevice implements InnerDevice {

    private static final int IOVEC_LENGTH = 16;

    private final Deque<Integer> results = new ArrayDeque<>();
    private final List<String> written = new ArrayList<>();

    /** What the next writes return; after them each write takes everything. */
    void willReturn(int... codes) {
        for (int code : codes) {
            results.add(code);
        }
    }

    /** Every write, refused ones too. */
    List<String> written() {
        return written;
    }

    @Override
    public int read(long address, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int write(long address, int length) {
        byte[] bytes = new byte[length];
        new UnsafeBuffer(address, length).getBytes(0, bytes);
        written.add(Hex.text(bytes));
        return results.isEmpty() ? length : results.remove();
    }

    @Override
    public int writePieces(long iovecs, int count) {
        UnsafeBuffer pieces = new UnsafeBuffer(iovecs, count * IOVEC_LENGTH);
        int length = 0;
        for (int i = 0; i < count; i++) {
            length += (int) pieces.getLong(i * IOVEC_LENGTH + Long.BYTES);
        }
        UnsafeBuffer whole = new UnsafeBuffer(ByteBuffer.allocateDirect(length));
        int at = 0;
        for (int i = 0; i < count; i++) {
            int piece = (int) pieces.getLong(i * IOVEC_LENGTH + Long.BYTES);
            whole.putBytes(at, new UnsafeBuffer(pieces.getLong(i * IOVEC_LENGTH), piece), 0, piece);
            at += piece;
        }
        return write(whole.addressOffset(), length);
    }

    @Override
    public boolean namesProtocols() {
        return false;
    }

    @Override
    public boolean takesUdpSuperPackets() {
        return true;
    }
}
