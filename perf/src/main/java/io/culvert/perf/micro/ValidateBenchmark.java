package io.culvert.perf.micro;

import io.culvert.pipeline.PacketRing;
import io.culvert.pipeline.TunnelOption;
import io.culvert.tunnel.Slot;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.Ipv4Flyweight;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** The checks of received headers, and the step to the next slot alone, which every benchmark on slots contains. */
public class ValidateBenchmark extends MicroBenchmark {

    private static final int INNER_BYTES = 1400;

    private final PacketRing ring = new PacketRing();

    @Setup
    public void fill() {
        ring.fillOuter(TunnelOption.GRE_KEY_CSUM_SEQ, INNER_BYTES);
    }

    @TearDown
    public void close() {
        ring.close();
    }

    @Benchmark
    public Slot nextSlot() {
        return ring.next();
    }

    @Benchmark
    public int ipv4() {
        Slot slot = ring.next();
        return Ipv4Flyweight.validate(slot.buffer, slot.offset, slot.length);
    }

    @Benchmark
    public int gre() {
        Slot slot = ring.next();
        int shim = Ipv4Flyweight.MIN_HEADER_LENGTH;
        return GreFlyweight.validate(slot.buffer, slot.offset + shim, slot.length - shim);
    }
}
