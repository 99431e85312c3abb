package io.culvert.pipeline;

import io.culvert.testing.Hex;
import io.culvert.tunnel.InnerDevice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** An inner device that notes what is written to it, as hexadecimal text, and says what it was told to say. */
final class ScriptedDevice implements InnerDevice {

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
}
