package io.culvert.linux.tun;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** {@code struct ifreq} of {@code net/if.h}, as far as TUN's ioctls use it: name and flags. */
final class InterfaceRequest {

    static final int SIZE = 40;
    static final int NAME = 0;
    static final int FLAGS = 16;

    private InterfaceRequest() {}

    static MemorySegment allocate(Arena arena, String name, int flags) {
        MemorySegment request = arena.allocate(SIZE, 8);
        request.setString(NAME, name);
        request.set(JAVA_SHORT, FLAGS, (short) flags);
        return request;
    }

    static String name(MemorySegment request) {
        return request.getString(NAME);
    }
}
