package io.culvert.perf.micro;

import io.culvert.pipeline.PacketRing;
import io.culvert.tunnel.Slot;
import io.culvert.wire.InternetChecksum;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.TearDown;

/** The Internet checksum over packets in the slots of a path. */
public class ChecksumBenchmark extends MicroBenchmark {

    @Param({"64", "512", "1400", "9000", "65535"})
    public int bytes = 1400;

    private final PacketRing ring = new PacketRing();

    @TearDown
    public void close() {
        ring.close();
    }

    @Benchmark
    public int checksum() {
        Slot slot = ring.next();
        return InternetChecksum.checksum(slot.buffer, slot.offset, bytes, 0);
    }
}
