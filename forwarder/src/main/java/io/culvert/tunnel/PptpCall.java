package io.culvert.tunnel;

/**
 * The receiving end of a pptp tunnel's call: which sequence numbers it takes, and what it owes the peer, as each packet is
 * acknowledged, RFC 2637 section 4.3, by the next one that goes there, or if none goes by one that says only that. Where
 * threads meet, an acknowledgment is sent twice at worst.
 */
public final class PptpCall {

    /** Received packets without an acknowledgment, of which the peer hears at once; small windows have 16 and more. */
    private static final int AT_ONCE = 8;

    private final SequenceWindow window;
    private volatile int received;
    private volatile int acknowledged;
    private volatile boolean started;

    PptpCall(SequenceWindow window) {
        this.window = window;
    }

    /** Whether a packet with that number is accepted; the decapsulation path's egress stage. */
    boolean accept(int sequence) {
        if (beginsCall(sequence)) {
            window.begin(sequence);
        } else if (!window.accept(sequence)) {
            return false;
        }
        owe(sequence);
        return true;
    }

    /** Whether {@link #accept} would say so; any thread. */
    boolean wouldAccept(int sequence) {
        return beginsCall(sequence) || window.wouldAccept(sequence);
    }

    /**
     * Whether the peer begins a call with that number, without a word to this end, which has the call by configuration: RFC
     * 2637 counts from 0 in each call, Linux from 1.
     */
    private boolean beginsCall(int sequence) {
        return (sequence & ~1) == 0 && !window.wouldAccept(sequence);
    }

    private void owe(int sequence) {
        if (!started || sequence - acknowledged < 0) {
            acknowledged = sequence - 1;
        }
        received = sequence;
        started = true;
    }

    /** Whether a packet was received whose number can be acknowledged; any thread. */
    boolean hasReceived() {
        return started;
    }

    /** The number to acknowledge to the peer, who is owed nothing then; any thread. */
    int takeAcknowledgment() {
        int number = received;
        acknowledged = number;
        return number;
    }

    /** Whether so many packets are not acknowledged that the peer must hear of them at once; any thread. */
    public boolean mustAcknowledge() {
        return owed() >= AT_ONCE;
    }

    /** Whether any packet is not acknowledged; any thread. */
    public boolean owesAcknowledgment() {
        return owed() > 0;
    }

    private int owed() {
        return started ? received - acknowledged : 0;
    }
}
