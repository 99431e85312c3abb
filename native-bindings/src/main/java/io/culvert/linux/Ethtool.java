package io.culvert.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What {@code ethtool -k} shows of a device, in the calling thread's network namespace. Needs no privilege. */
public final class Ethtool {

    /** {@code struct ifreq} of {@code net/if.h}: the name, and at its union a pointer to {@code struct ethtool_value}. */
    static final int REQUEST_SIZE = 40;

    static final int REQUEST_DATA = 16;

    /** {@code struct ethtool_value} of {@code linux/ethtool.h}. */
    static final int VALUE_SIZE = 8;

    static final int VALUE_DATA = 4;

    private Ethtool() {}

    /**
     * Whether received packets of one flow are merged (generic receive offload).
     *
     * @throws ErrnoException if there is no such device, or it knows no offloads
     */
    public static boolean isReceiveOffloadOn(String device) {
        int fd = ErrnoException.check(
                SystemCalls.socket(Abi.AF_INET, Abi.SOCK_DGRAM | Abi.SOCK_CLOEXEC, 0), "socket(AF_INET, SOCK_DGRAM)");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(VALUE_SIZE, Integer.BYTES);
            value.set(JAVA_INT, 0, Abi.ETHTOOL_GGRO);
            MemorySegment request = arena.allocate(REQUEST_SIZE, Long.BYTES);
            request.setString(0, device);
            request.set(JAVA_LONG, REQUEST_DATA, value.address());
            ErrnoException.check(
                    SystemCalls.ioctl(fd, Abi.SIOCETHTOOL, request.address()),
                    "ioctl(SIOCETHTOOL, ETHTOOL_GGRO, " + device + ")");
            return value.get(JAVA_INT, VALUE_DATA) != 0;
        } finally {
            SystemCalls.close(fd);
        }
    }
}
