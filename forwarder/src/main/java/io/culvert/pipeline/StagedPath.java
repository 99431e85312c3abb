package io.culvert.pipeline;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import io.culvert.tunnel.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A path on several threads with a Disruptor ring between them: ingress publishes, N workers share the sequences (worker w
 * processes sequence s when s mod N is w), and egress follows behind all of them, so packets leave in the order in which
 * they came however the workers run.
 */
final class StagedPath extends IngressLoop implements Path {

    private static final long FULL_PAUSE_NANOS = 20_000;

    private final IngressStage ingress;
    private final int batch;
    private final Slots slots;
    private final RingBuffer<Slot> ring;
    private final StageRunner runner;
    private final Sequence egressSequence;
    private final List<BatchEventProcessor<Slot>> processors = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Thread ingressThread;
    private long next;
    private long claimed = -1;

    /** @param pool its capacity is the ring's */
    StagedPath(
            String name,
            SlotPool pool,
            IngressStage ingress,
            Supplier<ProcessStage> process,
            int workers,
            EgressStage egress,
            PathErrors errors,
            PathThreads pathThreads,
            Tuning tuning) {
        super(ingress, tuning.idle());
        batch = tuning.batch();
        this.ingress = ingress;
        slots = new Slots(pool);
        runner = new StageRunner(errors);
        long[] filled = {0};
        ring = RingBuffer.createSingleProducer(
                () -> pool.get(filled[0]++), pool.capacity(), new ParkingWaitStrategy(workers + 1, tuning.spinNanos()));
        ingressThread = pathThreads.create(name + "-in", this);
        threads.add(ingressThread);
        Sequence[] workerSequences = new Sequence[workers];
        for (int worker = 0; worker < workers; worker++) {
            ProcessStage stage = process.get();
            int mine = worker;
            workerSequences[worker] = add(pathThreads, name + "-worker-" + worker, new Sequence[0], (slot, s, end) -> {
                if (s % workers == mine) {
                    runner.process(stage, slot);
                }
            });
        }
        egressSequence = add(pathThreads, name + "-out", workerSequences, (slot, sequence, endOfBatch) -> {
            runner.send(egress, slot);
            if (endOfBatch) {
                egress.flush();
            }
        });
        ring.addGatingSequences(egressSequence);
    }

    private Sequence add(PathThreads pathThreads, String name, Sequence[] after, EventHandler<Slot> handler) {
        BatchEventProcessor<Slot> processor =
                new BatchEventProcessorBuilder().build(ring, ring.newBarrier(after), handler);
        processors.add(processor);
        threads.add(pathThreads.create(name, processor));
        return processor.getSequence();
    }

    @Override
    int runBatch() {
        claim();
        int free = (int) (claimed - next + 1);
        if (free == 0) {
            LockSupport.parkNanos(FULL_PAUSE_NANOS);
            return -1;
        }
        slots.base(next);
        int received = ingress.receive(slots, free);
        if (received > 0) {
            ring.publish(next, next + received - 1);
            next += received;
        }
        return received;
    }

    /** Keeps a batch of slots claimed; what one call does not fill stays for the next. */
    private void claim() {
        int wanted = batch - (int) (claimed - next + 1);
        if (wanted > 0 && ring.hasAvailableCapacity(wanted)) {
            claimed = ring.next(wanted);
        }
    }

    @Override
    void settle() {
        while (egressSequence.get() < next - 1) {
            LockSupport.parkNanos(FULL_PAUSE_NANOS);
        }
    }

    @Override
    public void start() {
        for (int i = threads.size() - 1; i >= 0; i--) {
            threads.get(i).start();
        }
    }

    @Override
    public void awaitQuiescence() {
        awaitQuiescence(ingressThread);
    }

    @Override
    public void stop() {
        super.stop();
        PathThreads.join(ingressThread);
        processors.forEach(BatchEventProcessor::halt);
        threads.forEach(PathThreads::join);
    }

    @Override
    public List<Thread> threads() {
        return List.copyOf(threads);
    }
}
