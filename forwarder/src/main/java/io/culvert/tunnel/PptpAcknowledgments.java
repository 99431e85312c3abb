package io.culvert.tunnel;

/**
 * What a pptp tunnel owes its peer: each received packet is acknowledged, RFC 2637 section 4.3, by the next packet that goes
 * there, or if none goes by one that says only that. Where threads meet, an acknowledgment is sent twice at worst.
 */
final class PptpAcknowledgments {

    /** Received packets without an acknowledgment, of which the peer hears at once; small windows have 16 and more. */
    static final int AT_ONCE = 8;

    private volatile int received;
    private volatile int acknowledged;
    private volatile boolean started;

    /** Notes the number of a packet that was accepted; the decapsulation path's egress stage. */
    void received(int sequence) {
        if (!started || sequence - acknowledged < 0) {
            acknowledged = sequence - 1;
        }
        received = sequence;
        started = true;
    }

    /** Whether there is a number that can be acknowledged; any thread. */
    boolean hasReceived() {
        return started;
    }

    /** How many numbers the peer has heard nothing of; any thread. */
    int owed() {
        return started ? received - acknowledged : 0;
    }

    /** The number to be acknowledged, which is not owed any more then; any thread. */
    int take() {
        int number = received;
        acknowledged = number;
        return number;
    }
}
