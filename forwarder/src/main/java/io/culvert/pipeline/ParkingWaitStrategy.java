package io.culvert.pipeline;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Spins for a moment, then parks until the producer publishes: no processor time while no packet flows, no timer in the
 * wake-up, and, unlike a lock's condition, no allocation.
 */
final class ParkingWaitStrategy implements WaitStrategy {

    private static final int SPINS = 200;

    private final long spinNanos;
    private final AtomicReferenceArray<@Nullable Thread> parked;

    /**
     * @param consumers threads that wait by this strategy
     * @param spinNanos how long to spin before parking; 0 for a moment only
     */
    ParkingWaitStrategy(int consumers, long spinNanos) {
        this.spinNanos = spinNanos;
        parked = new AtomicReferenceArray<>(consumers);
    }

    @Override
    @SuppressWarnings("ThreadPriorityCheck") // a hint is all that is needed: the wait is for a running thread
    public long waitFor(long sequence, Sequence cursor, Sequence dependent, SequenceBarrier barrier)
            throws AlertException {
        long available = dependent.get();
        for (int i = 0; i < SPINS && available < sequence; i++) {
            barrier.checkAlert();
            Thread.onSpinWait();
            available = dependent.get();
        }
        if (spinNanos > 0 && available < sequence) {
            spin(sequence, dependent, barrier);
        }
        if (cursor.get() < sequence) {
            park(sequence, cursor, barrier);
        }
        // What is published but not yet processed by the stage before is a matter of microseconds.
        while ((available = dependent.get()) < sequence) {
            barrier.checkAlert();
            Thread.yield();
        }
        return available;
    }

    @SuppressWarnings("ThreadPriorityCheck") // a hint is all that is needed: the wait is for a running thread
    private void spin(long sequence, Sequence dependent, SequenceBarrier barrier) throws AlertException {
        long start = System.nanoTime();
        while (dependent.get() < sequence && System.nanoTime() - start < spinNanos) {
            barrier.checkAlert();
            Thread.yield();
        }
    }

    private void park(long sequence, Sequence cursor, SequenceBarrier barrier) throws AlertException {
        int place = enter(Thread.currentThread());
        try {
            while (cursor.get() < sequence) {
                barrier.checkAlert();
                LockSupport.park(this);
            }
        } finally {
            parked.set(place, null);
        }
    }

    private int enter(Thread thread) {
        while (true) {
            for (int i = 0; i < parked.length(); i++) {
                if (parked.compareAndSet(i, null, thread)) {
                    return i;
                }
            }
        }
    }

    @Override
    public void signalAllWhenBlocking() {
        // The cursor was stored with release order only: a waiter that is about to park must see it, or be seen here.
        VarHandle.fullFence();
        for (int i = 0; i < parked.length(); i++) {
            Thread thread = parked.get(i);
            if (thread != null) {
                LockSupport.unpark(thread);
            }
        }
    }
}
