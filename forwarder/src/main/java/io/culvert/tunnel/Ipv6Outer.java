package io.culvert.tunnel;

import io.culvert.tunnel.TunnelSpec.Problem;
import java.util.List;

/**
 * What only tunnels with an outer IPv6 header have to say of it, in the words of {@code ip -6 tunnel}.
 *
 * @param encapLimit tunnel encapsulation limit that sent packets carry, 0 to 255, or {@link #NO_LIMIT}; RFC 2473 section
 *     4.1.1
 * @param trafficClass traffic class 0 to 255 of the outer header, or {@link #INHERIT} for the inner one's
 * @param flowLabel flow label of the outer header in 20 bits, 0 to derive it from the inner flow (RFC 6438), or
 *     {@link #INHERIT} for an inner IPv6 header's
 * @param dscpInherit copy the outer DSCP to the inner header on decapsulation
 * @param allowLocalRemote allow a remote that is an address of this host
 */
public record Ipv6Outer(
        int encapLimit, int trafficClass, int flowLabel, boolean dscpInherit, boolean allowLocalRemote) {

    public static final int NO_LIMIT = -1;
    public static final int INHERIT = -1;
    public static final int MAX_FLOW_LABEL = 0xf_ffff;

    /** {@code ip -6 tunnel add}'s defaults. */
    public static final Ipv6Outer DEFAULT = new Ipv6Outer(4, 0, 0, false, false);

    private static final int MAX_BYTE = 0xff;

    void addProblems(List<Problem> problems) {
        if (encapLimit < NO_LIMIT || encapLimit > MAX_BYTE) {
            problems.add(new Problem("encaplimit", encapLimit + " is not a limit", "use 0 to 255, or \"none\""));
        }
        if (trafficClass < INHERIT || trafficClass > MAX_BYTE) {
            problems.add(new Problem(
                    "tclass", trafficClass + " is not a traffic class", "use 0x00 to 0xff, or \"inherit\""));
        }
        if (flowLabel < INHERIT || flowLabel > MAX_FLOW_LABEL) {
            problems.add(
                    new Problem("flowlabel", flowLabel + " is not a flow label", "use 0 to 0xfffff, or \"inherit\""));
        }
    }

    public Ipv6Outer withEncapLimit(int limit) {
        return new Ipv6Outer(limit, trafficClass, flowLabel, dscpInherit, allowLocalRemote);
    }

    public Ipv6Outer withTrafficClass(int value) {
        return new Ipv6Outer(encapLimit, value, flowLabel, dscpInherit, allowLocalRemote);
    }

    public Ipv6Outer withFlowLabel(int label) {
        return new Ipv6Outer(encapLimit, trafficClass, label, dscpInherit, allowLocalRemote);
    }

    public Ipv6Outer withDscpInherit(boolean on) {
        return new Ipv6Outer(encapLimit, trafficClass, flowLabel, on, allowLocalRemote);
    }

    public Ipv6Outer withAllowLocalRemote(boolean on) {
        return new Ipv6Outer(encapLimit, trafficClass, flowLabel, dscpInherit, on);
    }
}
