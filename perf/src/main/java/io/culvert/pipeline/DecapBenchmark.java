package io.culvert.pipeline;

import io.culvert.perf.micro.MicroBenchmark;
import io.culvert.tunnel.Decapsulation;
import io.culvert.tunnel.Slot;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** Decapsulation: from a valid outer header on, and the whole process stage. */
public class DecapBenchmark extends MicroBenchmark {

    @Param
    public TunnelOption tunnel = TunnelOption.IPIP;

    /** Of the inner packet. */
    @Param({"64", "1400", "" + PacketRing.SUPER_PACKET})
    public int bytes = PacketRing.SUPER_PACKET;

    private final PacketRing ring = new PacketRing();
    private final DecapStage stage = new DecapStage();

    @Setup
    public void fill() {
        ring.fillOuter(tunnel, bytes);
        Slot slot = stage();
        PacketRing.requireForward(slot);
        if (slot.length != bytes) {
            throw new IllegalStateException("inner packet of " + slot.length + " bytes, not " + bytes);
        }
    }

    @TearDown
    public void close() {
        ring.close();
    }

    /** The tunnel is found, its header taken off, the inner packet checked. */
    @Benchmark
    public Slot decapsulate() {
        Slot slot = ring.next();
        Decapsulation.decapsulate(slot);
        return slot;
    }

    /** All that the decapsulation path does between its two system calls. */
    @Benchmark
    public Slot stage() {
        Slot slot = ring.next();
        stage.process(slot);
        return slot;
    }
}
