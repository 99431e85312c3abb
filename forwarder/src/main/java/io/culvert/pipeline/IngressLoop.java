package io.culvert.pipeline;

import java.util.concurrent.locks.LockSupport;

/**
 * The loop of a path's first thread: receive, hand on, wait. The wait ends in the kernel, which wakes the thread as soon as
 * a descriptor is readable; what comes before is up to the idle strategy.
 */
abstract class IngressLoop implements Runnable {

    private final IngressStage ingress;
    private final IdleStrategy idle;
    private volatile boolean running = true;
    private volatile int restRequested;
    private volatile int restReached;

    IngressLoop(IngressStage ingress, IdleStrategy idle) {
        this.ingress = ingress;
        this.idle = idle;
    }

    /** Receives and hands on one batch; returns how many packets it had. */
    abstract int runBatch();

    /** Makes sure that what was handed on has left. */
    abstract void settle();

    @Override
    public final void run() {
        while (running) {
            if (restReached != restRequested) {
                int requested = restRequested;
                settle();
                restReached = requested;
            }
            if (runBatch() == 0 && running && restReached == restRequested) {
                idle.await(ingress);
            }
        }
        settle();
    }

    void stop() {
        running = false;
        ingress.wakeUp();
    }

    /** Waits until the loop has been between two batches with nothing in flight; the conductor. */
    final void awaitQuiescence(Thread loop) {
        int request = restRequested + 1;
        restRequested = request;
        while (restReached != request && loop.isAlive()) {
            ingress.wakeUp();
            LockSupport.parkNanos(50_000);
        }
    }
}
