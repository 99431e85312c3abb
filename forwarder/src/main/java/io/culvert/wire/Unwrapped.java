package io.culvert.wire;

import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** What a flyweight views before its first {@code wrap}: no bytes, so a forgotten wrap is an IndexOutOfBoundsException. */
final class Unwrapped {
    static final MutableDirectBuffer BUFFER = new UnsafeBuffer(new byte[0]);

    private Unwrapped() {}
}
