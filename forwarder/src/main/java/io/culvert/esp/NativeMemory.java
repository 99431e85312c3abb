package io.culvert.esp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/** A few bytes off heap for what libcrypto reads and writes by address. Wiped when closed. */
final class NativeMemory implements AutoCloseable {

    private final UnsafeBuffer buffer;

    NativeMemory(int length) {
        buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(length));
    }

    /** A zero-terminated string. */
    static NativeMemory ofText(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        NativeMemory memory = new NativeMemory(bytes.length + 1);
        memory.buffer.putBytes(0, bytes);
        return memory;
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    long address() {
        return buffer.addressOffset();
    }

    int length() {
        return buffer.capacity();
    }

    @Override
    public void close() {
        LibCrypto.cleanse(address(), length());
    }
}
