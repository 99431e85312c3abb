package io.culvert.pipeline;

import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.TunnelTable;

/**
 * An ingress stage without a kernel: hands out as many packets as were offered, numbered by their identification and,
 * again, in their bytes.
 */
final class NumberedIngress implements IngressStage {

    static final int PACKET_LENGTH = 64;

    /** Every packet whose number is a multiple of it arrives with a drop verdict. */
    static final int DROPPED = 1_001;

    private final Object lock = new Object();
    private long offered;
    private boolean woken;
    private volatile long received;
    private volatile long calls;
    private volatile int largest;
    private volatile boolean asleep;

    /** Makes packets available; any thread. */
    void offer(long packets) {
        synchronized (lock) {
            offered += packets;
            lock.notifyAll();
        }
    }

    /** Packets handed out so far. */
    long received() {
        return received;
    }

    /** How often the path asked for packets. */
    long calls() {
        return calls;
    }

    /** The most packets that the path asked for at once. */
    int largest() {
        return largest;
    }

    /** Whether the path's thread waits without a time limit. */
    boolean isAsleep() {
        return asleep;
    }

    @Override
    public int receive(Slots slots, int max) {
        calls++;
        largest = Math.max(largest, max);
        long available;
        synchronized (lock) {
            available = offered - received;
        }
        int count = (int) Math.min(available, 1 + received % max);
        for (int i = 0; i < count; i++) {
            Slot slot = slots.get(i);
            int number = (int) (received + i);
            slot.received(TunnelTable.EMPTY, PACKET_LENGTH);
            slot.identification = number;
            slot.buffer.putInt(slot.offset, number);
            slot.sequence = number;
            if (number % DROPPED == 0) {
                slot.drop(DropReason.NESTED);
            }
        }
        received += count;
        return count;
    }

    @Override
    public boolean await(int timeoutMillis) {
        boolean interrupted = false;
        synchronized (lock) {
            if (timeoutMillis == 0) {
                boolean wasWoken = woken;
                woken = false;
                return wasWoken || offered != received;
            }
            asleep = true;
            while (!woken && offered == received) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            asleep = false;
            woken = false;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return true;
    }

    @Override
    public void wakeUp() {
        synchronized (lock) {
            woken = true;
            lock.notifyAll();
        }
    }
}
