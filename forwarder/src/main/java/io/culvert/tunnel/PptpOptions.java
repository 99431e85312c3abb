package io.culvert.tunnel;

import io.culvert.tunnel.TunnelSpec.Problem;
import java.util.List;

/**
 * What only tunnels of mode pptp have: a call whose numbers both ends are told of.
 *
 * @param callId of received packets, 1 to 65535; 0 if it was not said
 * @param peerCallId of sent packets, 1 to 65535; 0 if it was not said
 */
public record PptpOptions(int callId, int peerCallId) {

    /** No call. */
    public static final PptpOptions DEFAULT = new PptpOptions(0, 0);

    private static final int MAX_CALL_ID = 0xffff;

    void addProblems(List<Problem> problems) {
        callProblem("call_id", callId, "that of the packets from the peer", problems);
        callProblem("peer_call_id", peerCallId, "that of the packets to the peer", problems);
    }

    private static void callProblem(String key, int id, String meaning, List<Problem> problems) {
        String hint = "set " + key + " to 1 to " + MAX_CALL_ID + ", " + meaning;
        if (id == 0) {
            problems.add(new Problem(key, "mode pptp needs a " + key, hint));
        } else if (id < 0 || id > MAX_CALL_ID) {
            problems.add(new Problem(key, Integer.toUnsignedString(id) + " is not a call ID", hint));
        }
    }
}
