package io.culvert.pipeline;

import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * An egress stage without a kernel: checks that packets come in the order in which they were received, each processed
 * once, and unchanged until the flush, as a queue of messages needs them.
 */
final class CheckingEgress implements EgressStage {

    private static final int MOST_PROBLEMS = 10;

    private final List<Slot> queued = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private volatile long sent;
    private volatile long flushed;
    private volatile long internal;
    private volatile long delayNanos;

    /** Makes each packet take that long. */
    void delay(long nanos) {
        delayNanos = nanos;
    }

    /** Packets that are out. */
    long flushed() {
        return flushed;
    }

    /** Packets that an exception in the process stage cost. */
    long internalDrops() {
        return internal;
    }

    /** What was not as it must be; once the path has stopped or come to rest. */
    List<String> problems() {
        return problems;
    }

    @Override
    public void send(Slot slot) {
        if (delayNanos > 0) {
            long end = System.nanoTime() + delayNanos;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        }
        int number = (int) sent;
        expect(slot.identification == number, "expected packet " + number + ", got " + slot.identification);
        if (number % NumberedIngress.DROPPED == 0) {
            boolean kept = slot.verdict == Verdict.DROP && slot.dropReason == DropReason.NESTED;
            expect(kept && slot.sequence == number, "packet " + number + " was dropped before, but processed");
        } else if (slot.verdict == Verdict.DROP) {
            expect(slot.dropReason == DropReason.INTERNAL, "packet " + number + " dropped: " + slot.dropReason);
            internal++;
        } else {
            expect(
                    slot.sequence == number + 1,
                    "packet " + number + " was processed " + (slot.sequence - number) + " times");
        }
        queued.add(slot);
        sent++;
    }

    @Override
    public void failed(Slot slot) {
        throw new AssertionError("packet " + slot.identification + " was refused by this class");
    }

    @Override
    public void flush() {
        int number = (int) flushed;
        for (Slot slot : queued) {
            expect(slot.buffer.getInt(slot.offset) == number, "packet " + number + " changed before the flush");
            number++;
        }
        queued.clear();
        flushed = sent;
    }

    private void expect(boolean holds, String otherwise) {
        if (!holds && problems.size() < MOST_PROBLEMS) {
            problems.add(otherwise);
        }
    }
}
