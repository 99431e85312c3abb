package io.culvert.pipeline;

import java.util.concurrent.locks.LockSupport;

/**
 * The loop of a path's first thread: receive, hand on, wait. Waiting costs nothing: the thread sleeps in the kernel until
 * a descriptor is readable.
 */
abstract class IngressLoop implements Runnable {

    private final IngressStage ingress;
    private volatile boolean running = true;
    private volatile int restRequested;
    private volatile int restReached;

    IngressLoop(IngressStage ingress) {
        this.ingress = ingress;
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
                ingress.await(-1);
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
