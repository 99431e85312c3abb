package io.culvert.tunnel;

import io.culvert.tunnel.TunnelSpec.Problem;
import java.util.List;

/**
 * What only tunnels of mode pptp have: a call whose numbers both ends are told of.
 *
 * @param callId of received packets, 0 to 65535, or {@link #UNSAID}
 * @param peerCallId of sent packets, 0 to 65535, or {@link #UNSAID}
 */
public record PptpOptions(int callId, int peerCallId) {

    /** Of a number that is still to be said. Number 0 is none: pptpd gives it to its first call. */
    public static final int UNSAID = -1;

    /** No call. */
    public static final PptpOptions DEFAULT = new PptpOptions(UNSAID, UNSAID);

    /** The highest number: it has 16 bits in each packet, RFC 2637 section 4.1. */
    public static final int MAX_CALL_ID = 0xffff;

    void addProblems(List<Problem> problems) {
        callProblem("call_id", callId, "that of the packets from the peer", problems);
        callProblem("peer_call_id", peerCallId, "that of the packets to the peer", problems);
    }

    private static void callProblem(String key, int id, String meaning, List<Problem> problems) {
        String hint = "set " + key + " to 0 to " + MAX_CALL_ID + ", " + meaning;
        if (id == UNSAID) {
            problems.add(new Problem(key, "mode pptp needs a " + key, hint));
        } else if (id < 0 || id > MAX_CALL_ID) {
            problems.add(new Problem(key, Integer.toUnsignedString(id) + " is not a call ID", hint));
        }
    }
}
