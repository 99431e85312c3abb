package io.culvert.pipeline;

import java.util.List;

/** A path on one thread: it runs the three stages of a batch to completion, then receives the next one. */
final class FusedPath extends IngressLoop implements Path {

    private final IngressStage ingress;
    private final ProcessStage process;
    private final EgressStage egress;
    private final int batch;
    private final Slots slots;
    private final StageRunner runner;
    private final Thread thread;

    /** @param pool at least as many slots as the batch has */
    FusedPath(
            String name,
            SlotPool pool,
            IngressStage ingress,
            ProcessStage process,
            EgressStage egress,
            PathErrors errors,
            PathThreads threads,
            Tuning tuning) {
        super(ingress, tuning.idle());
        batch = tuning.batch();
        this.ingress = ingress;
        this.process = process;
        this.egress = egress;
        slots = new Slots(pool);
        runner = new StageRunner(errors);
        thread = threads.create(name, this);
    }

    @Override
    int runBatch() {
        int received = ingress.receive(slots, batch);
        for (int i = 0; i < received; i++) {
            runner.process(process, slots.get(i));
        }
        for (int i = 0; i < received; i++) {
            runner.send(egress, slots.get(i));
        }
        if (received > 0) {
            egress.flush();
        }
        return received;
    }

    @Override
    void settle() {
        // Each batch is complete before the next one is received.
    }

    @Override
    public void start() {
        thread.start();
    }

    @Override
    public void awaitQuiescence() {
        awaitQuiescence(thread);
    }

    @Override
    public void stop() {
        super.stop();
        PathThreads.join(thread);
    }

    @Override
    public List<Thread> threads() {
        return List.of(thread);
    }
}
