package io.culvert.pipeline;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import io.culvert.perf.micro.MicroBenchmark;
import io.culvert.tunnel.Slot;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A batch's way through one ring of the staged wiring: from before it is published until this thread sees that the other
 * one has handled it. Two processors at least, or it measures the scheduler.
 */
public class RingHopBenchmark extends MicroBenchmark {

    private static final int CAPACITY = 256;

    @Param({"1", "64"})
    public int batch = 1;

    private final SlotPool pool = new SlotPool(CAPACITY);
    private final RingBuffer<Slot> ring;
    private final BatchEventProcessor<Slot> processor;
    private final Sequence handled;
    private final Thread consumer;

    public RingHopBenchmark() {
        long[] filled = {0};
        ring = RingBuffer.createSingleProducer(() -> pool.get(filled[0]++), CAPACITY, new ParkingWaitStrategy(1, 0));
        processor = new BatchEventProcessorBuilder()
                .build(ring, ring.newBarrier(), (slot, sequence, endOfBatch) -> slot.sequence = (int) sequence);
        handled = processor.getSequence();
        ring.addGatingSequences(handled);
        consumer = new PathThreads(List.of()).create("culvert-bench", processor);
    }

    @Setup
    public void start() {
        consumer.start();
    }

    @TearDown
    public void stop() {
        processor.halt();
        PathThreads.join(consumer);
        pool.close();
    }

    /** Lets the consumer go to sleep before each operation, outside of what is timed. */
    @State(Scope.Thread)
    public static class Asleep {
        @Setup(Level.Invocation)
        public void await(RingHopBenchmark benchmark) {
            while (benchmark.consumer.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
    }

    /** The consumer has just handled a batch and still spins. */
    @Benchmark
    public long awake() {
        return hop();
    }

    /** The consumer is parked: contains its wake-up by the kernel. */
    @Benchmark
    public long asleep(Asleep asleep) {
        return hop();
    }

    private long hop() {
        long last = ring.next(batch);
        ring.publish(last - batch + 1, last);
        while (handled.get() < last) {
            Thread.onSpinWait();
        }
        return last;
    }
}
