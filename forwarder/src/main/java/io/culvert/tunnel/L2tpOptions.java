package io.culvert.tunnel;

import io.culvert.tunnel.TunnelSpec.Problem;
import io.culvert.wire.L2tpv3Flyweight;
import java.util.List;

/**
 * What only tunnels of modes l2tp and ip6l2tp have: a session that both ends are told of, in the words of {@code ip l2tp}.
 *
 * @param tunnelId this end's name of the tunnel that the session is in, unsigned; it is in no packet; 0 if it was not said
 * @param peerTunnelId the peer's name of that tunnel, unsigned; 0 if it was not said
 * @param sessionId of received packets, unsigned; 0 if it was not said
 * @param peerSessionId of sent packets, unsigned; 0 if it was not said
 * @param cookie of sent packets
 * @param peerCookie that received packets must have
 * @param sublayer whether the default L2-specific sublayer is there, which has room for sequence numbers
 * @param ppp whether the pseudowire carries PPP frames, and not Ethernet frames
 */
public record L2tpOptions(
        int tunnelId,
        int peerTunnelId,
        int sessionId,
        int peerSessionId,
        L2tpCookie cookie,
        L2tpCookie peerCookie,
        boolean sublayer,
        boolean ppp) {

    /** As {@code ip l2tp} has them. */
    public static final L2tpOptions DEFAULT = new L2tpOptions(0, 0, L2tpCookie.NONE, L2tpCookie.NONE, true);

    /** A session of Ethernet frames in a tunnel without IDs. */
    public L2tpOptions(int sessionId, int peerSessionId, L2tpCookie cookie, L2tpCookie peerCookie, boolean sublayer) {
        this(0, 0, sessionId, peerSessionId, cookie, peerCookie, sublayer, false);
    }

    /** Bytes of the header in front of a frame that is sent. */
    int sentLength() {
        return length(cookie);
    }

    /** Bytes of the header in front of a frame that is received. */
    int receivedLength() {
        return length(peerCookie);
    }

    private int length(L2tpCookie inFront) {
        return L2tpv3Flyweight.MIN_HEADER_LENGTH + inFront.length() + (sublayer ? L2tpv3Flyweight.SUBLAYER_LENGTH : 0);
    }

    void addProblems(TunnelSpec spec, List<Problem> problems) {
        sessionProblem("session_id", sessionId, "that of the packets from the peer", spec, problems);
        sessionProblem("peer_session_id", peerSessionId, "that of the packets to the peer", spec, problems);
        if ((tunnelId == 0) != (peerTunnelId == 0)) {
            problems.add(new Problem(
                    tunnelId == 0 ? "peer_tunnel_id" : "tunnel_id",
                    "tunnel_id and peer_tunnel_id need each other",
                    "set both to 1 to 4294967295, or none"));
        }
        if (!sublayer && (spec.iseq() || spec.oseq())) {
            problems.add(new Problem(
                    spec.iseq() ? "iseq" : "oseq",
                    "a sequence number has no place with l2spec_type \"none\"",
                    "use l2spec_type \"default\", or leave it out"));
        }
    }

    /** 0 is that of control messages. */
    private static void sessionProblem(String key, int id, String meaning, TunnelSpec spec, List<Problem> problems) {
        if (id == L2tpv3Flyweight.CONTROL) {
            problems.add(new Problem(
                    key,
                    "mode " + spec.mode().word() + " needs a " + key,
                    "set " + key + " to 1 to 4294967295, " + meaning));
        }
    }
}
