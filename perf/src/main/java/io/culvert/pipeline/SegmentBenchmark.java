package io.culvert.pipeline;

import io.culvert.perf.micro.MicroBenchmark;
import io.culvert.tunnel.Slot;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** What the split lane adds to a super-packet's encapsulation: the headers of all its segments. */
public class SegmentBenchmark extends MicroBenchmark {

    private static final int STRIDE = 320;
    private static final int OUTER_OFFSET = 64;

    @Param
    public TunnelOption tunnel = TunnelOption.IPIP;

    private final PacketRing ring = new PacketRing();
    private final EncapStage stage = new EncapStage();
    private final Segmenter segmenter = new Segmenter();
    private final UnsafeBuffer headers =
            new UnsafeBuffer(ByteBuffer.allocateDirect(PacketRing.SUPER_PACKET_SEGMENTS * STRIDE));

    @Setup
    public void fill() {
        ring.fillInner(tunnel, PacketRing.SUPER_PACKET);
        Slot slot = superPacket();
        PacketRing.requireForward(slot);
        if (slot.segments != PacketRing.SUPER_PACKET_SEGMENTS) {
            throw new IllegalStateException("a super-packet has " + slot.segments + " segments");
        }
    }

    @TearDown
    public void close() {
        ring.close();
    }

    @Benchmark
    public Slot superPacket() {
        Slot slot = ring.next();
        stage.process(slot);
        segmenter.start(slot);
        for (int segment = 0; segment < slot.segments; segment++) {
            segmenter.putHeaders(segment, headers, segment * STRIDE + OUTER_OFFSET);
        }
        return slot;
    }
}
