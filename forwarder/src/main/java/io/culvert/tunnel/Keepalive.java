package io.culvert.tunnel;

import java.util.List;

/**
 * Keepalives of a gre tunnel, as Cisco routers have them: this end sends the peer a packet to itself inside the tunnel, and
 * as long as it comes back, the peer and both ways work.
 *
 * @param interval seconds from one to the next; 0 sends none, and only gives the peer's back
 * @param retries how many may stay away before the tunnel is down
 */
public record Keepalive(int interval, int retries) {

    /** Cisco's default. */
    public static final int DEFAULT_RETRIES = 3;

    /** Cisco's largest values. */
    public static final int MAX_INTERVAL = 32_767;

    public static final int MAX_RETRIES = 254;

    /** Gives the peer's keepalives back and sends none. */
    public static final Keepalive ANSWER = new Keepalive(0, DEFAULT_RETRIES);

    /** Adds what is wrong with them in that tunnel. */
    void addProblems(TunnelSpec spec, List<TunnelSpec.Problem> problems) {
        if (spec.mode() != Mode.GRE) {
            problem(
                    problems,
                    "keepalive is not allowed with mode " + spec.mode().word(),
                    "use mode gre, or leave it out");
        } else if (spec.local() == null || spec.remote() == null) {
            problem(problems, "keepalive needs both ends of the tunnel", "set local and remote");
        } else if (spec.encap() != null) {
            problem(problems, "keepalive is not allowed with encap", "leave one of them out");
        } else if (spec.iseq() || spec.oseq()) {
            problem(
                    problems,
                    "keepalive is not allowed with sequence numbers, which a packet that comes back cannot have",
                    "leave one of them out");
        }
    }

    private static void problem(List<TunnelSpec.Problem> problems, String message, String hint) {
        problems.add(new TunnelSpec.Problem("keepalive", message, hint));
    }
}
