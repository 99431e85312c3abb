package io.culvert.perf.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What all processors of this machine have done since it started, in ticks of 10 ms. The whole machine's, because a veth
 * pair runs the receiver's side in the sender's time, and nobody can say whose work a packet was.
 *
 * @param totalTicks all time
 * @param busyTicks of it, neither idle nor waiting for a disk nor stolen
 * @param stolenTicks of it, what the hypervisor gave to somebody else
 */
public record HostCpu(long totalTicks, long busyTicks, long stolenTicks) {

    private static final Path STAT = Path.of("/proc/stat");
    private static final double NANOS_PER_TICK = 1e7;
    private static final int IDLE = 4;
    private static final int IO_WAIT = 5;
    private static final int STEAL = 8;

    /** Reads them now. */
    public static HostCpu now() {
        try (Stream<String> lines = Files.lines(STAT)) {
            return parse(lines.findFirst().orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads {@code "cpu  user nice system idle iowait irq softirq steal guest guest_nice"}, proc(5); user contains guest. */
    static HostCpu parse(String line) {
        String[] fields = line.split(" +", -1);
        long total = 0;
        for (int field = 1; field <= STEAL; field++) {
            total += Long.parseLong(fields[field]);
        }
        long stolen = Long.parseLong(fields[STEAL]);
        long idle = Long.parseLong(fields[IDLE]) + Long.parseLong(fields[IO_WAIT]);
        return new HostCpu(total, total - idle - stolen, stolen);
    }

    /** Busy processor time since an earlier moment, in nanoseconds. */
    public double busyNanosSince(HostCpu earlier) {
        return (busyTicks - earlier.busyTicks) * NANOS_PER_TICK;
    }
}
