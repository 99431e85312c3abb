package io.culvert.pipeline;

import io.culvert.perf.micro.MicroBenchmark;
import io.culvert.tunnel.Slot;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** Encapsulation: the outer header alone, and the whole process stage with its checks. */
public class EncapBenchmark extends MicroBenchmark {

    @Param
    public TunnelOption tunnel = TunnelOption.IPIP;

    /** Of the inner packet. */
    @Param({"64", "1400", "" + PacketRing.SUPER_PACKET})
    public int bytes = PacketRing.SUPER_PACKET;

    private final PacketRing ring = new PacketRing();
    private final EncapStage stage = new EncapStage();

    @Setup
    public void fill() {
        ring.fillInner(tunnel, bytes);
        PacketRing.requireForward(stage());
    }

    @TearDown
    public void close() {
        ring.close();
    }

    /** The outer header is copied in front and fixed up. */
    @Benchmark
    public Slot prepend() {
        Slot slot = ring.next();
        slot.tunnel().outerHeader().prepend(slot, 4, 0, 64, true);
        return slot;
    }

    /** All that the encapsulation path does between its two system calls. */
    @Benchmark
    public Slot stage() {
        Slot slot = ring.next();
        stage.process(slot);
        return slot;
    }
}
