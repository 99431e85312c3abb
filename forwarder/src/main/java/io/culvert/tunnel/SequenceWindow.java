package io.culvert.tunnel;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Judges the sequence numbers of received packets, RFC 2890 section 2.2 and RFC 3931 section 4.6, without a reorder buffer: what is late or a
 * duplicate is refused.
 *
 * <p>A number far ahead, or behind, may be forged or come from a peer that restarted. Such packets are refused until
 * {@value #CONFIRMATIONS} of them arrived in unbroken order, then the window follows them: neither one forged packet nor
 * a restart can close the tunnel for longer than that. One thread uses it.
 */
public final class SequenceWindow {

    /** Packets in unbroken order after which the window follows a sender that jumped. */
    static final int CONFIRMATIONS = 32;

    /** Largest gap, in packets, that is taken for loss. */
    static final int MAX_GAP = 1 << 16;

    private boolean started;
    private int next;
    private int confirmed;
    private int confirmedNext;
    private final AtomicInteger restarts = new AtomicInteger();

    /** The number nearest to the one that is due of those that end in these bits: what a field of fewer bits stands for. */
    int extend(int sequence, int bits) {
        int unused = Integer.SIZE - bits;
        return next + ((sequence - next) << unused >> unused);
    }

    /** Whether the packet with that sequence number is accepted. */
    public boolean accept(int sequence) {
        if (!started || isAhead(sequence)) {
            started = true;
            next = sequence + 1;
            confirmed = 0;
            return true;
        }
        confirmed = sequence == confirmedNext ? confirmed + 1 : 1;
        confirmedNext = sequence + 1;
        if (confirmed < CONFIRMATIONS) {
            return false;
        }
        next = sequence + 1;
        confirmed = 0;
        restarts.incrementAndGet();
        return true;
    }

    /** Begins anew with that number, which is accepted. */
    void begin(int sequence) {
        started = true;
        next = sequence + 1;
        confirmed = 0;
    }

    /** How often it followed a sender that jumped, as one does that restarts; any thread. */
    public int restarts() {
        return restarts.get();
    }

    private boolean isAhead(int sequence) {
        int ahead = sequence - next;
        return ahead >= 0 && ahead < MAX_GAP;
    }

    /** Whether {@link #accept} would say so; changes nothing. Another thread may see a state that is just being changed. */
    public boolean wouldAccept(int sequence) {
        return !started || isAhead(sequence) || (sequence == confirmedNext && confirmed + 1 >= CONFIRMATIONS);
    }
}
