package io.culvert.tunnel;

import io.culvert.tunnel.TunnelSpec.Problem;
import io.culvert.wire.Addresses;
import java.net.InetAddress;
import java.util.List;

/**
 * What only modes sit and isatap have options for.
 *
 * @param sixRdPrefix IPv6 prefix whose addresses have an outer IPv4 address in them; 2002::/16 for 6to4
 * @param sixRdRelayPrefix what those outer addresses have in common, which the IPv6 addresses leave out
 * @param prlDefault isatap's potential routers that may become default routers
 * @param prlNodefault isatap's other potential routers
 */
public record SitOptions(
        Prefix sixRdPrefix, Prefix sixRdRelayPrefix, List<InetAddress> prlDefault, List<InetAddress> prlNodefault) {

    /** What a tunnel has that is added without any of these options. */
    public static final SitOptions DEFAULT =
            new SitOptions(Prefix.parse("2002::/16"), Prefix.parse("0.0.0.0/0"), List.of(), List.of());

    public SitOptions {
        prlDefault = List.copyOf(prlDefault);
        prlNodefault = List.copyOf(prlNodefault);
    }

    void addProblems(Mode mode, boolean hasRemote, List<Problem> problems) {
        String notAllowed = " is not allowed with mode " + mode.word();
        if (mode != Mode.ISATAP && !(prlDefault.isEmpty() && prlNodefault.isEmpty())) {
            String key = prlDefault.isEmpty() ? "prl-nodefault" : "prl-default";
            problems.add(new Problem(key, key + notAllowed, "use mode isatap"));
        }
        if (mode == Mode.ISATAP && hasRemote) {
            problems.add(new Problem(
                    "remote", "remote" + notAllowed, "leave it out: isatap finds remotes in IPv6 addresses"));
        }
        boolean isDefault =
                sixRdPrefix.equals(DEFAULT.sixRdPrefix) && sixRdRelayPrefix.equals(DEFAULT.sixRdRelayPrefix);
        if (mode.identity() != Mode.SIT && !isDefault) {
            problems.add(new Problem("6rd-prefix", "6rd-prefix" + notAllowed, "use mode sit"));
        }
        addPrlProblems("prl-default", prlDefault, problems);
        addPrlProblems("prl-nodefault", prlNodefault, problems);
        addSixRdProblems(problems);
    }

    private static void addPrlProblems(String key, List<InetAddress> routers, List<Problem> problems) {
        for (InetAddress router : routers) {
            if (Martians.isIpv4Source(Addresses.toInt(router))) {
                problems.add(new Problem(
                        key, router.getHostAddress() + " cannot be a router", "use the router's outer IPv4 address"));
            }
        }
    }

    /** What the kernel checks too: RFC 5969 section 4. */
    private void addSixRdProblems(List<Problem> problems) {
        if (sixRdPrefix.isIpv4() || !sixRdPrefix.isNetwork()) {
            problems.add(
                    new Problem("6rd-prefix", sixRdPrefix + " is not an IPv6 network", "write it as 2001:db8::/32"));
        } else if (!sixRdRelayPrefix.isIpv4() || !sixRdRelayPrefix.isNetwork()) {
            problems.add(new Problem(
                    "6rd-relay_prefix", sixRdRelayPrefix + " is not an IPv4 network", "write it as 203.0.113.0/24"));
        } else if (sixRdPrefix.length() + Integer.SIZE - sixRdRelayPrefix.length() > Long.SIZE) {
            problems.add(new Problem(
                    "6rd-prefix",
                    sixRdPrefix + " leaves no room for the bits behind " + sixRdRelayPrefix,
                    "both together must end before bit 64: make 6rd-prefix shorter, or 6rd-relay_prefix longer"));
        }
    }

    /** The same with other 6rd prefixes. */
    public SitOptions withSixRd(Prefix prefix, Prefix relayPrefix) {
        return new SitOptions(prefix, relayPrefix, prlDefault, prlNodefault);
    }

    /** The same with other potential routers. */
    public SitOptions withPrl(List<InetAddress> defaults, List<InetAddress> others) {
        return new SitOptions(sixRdPrefix, sixRdRelayPrefix, defaults, others);
    }
}
