package io.culvert.tunnel;

import java.net.InetAddress;
import java.util.List;

/**
 * What only modes sit and isatap have options for.
 *
 * @param payload what is carried
 * @param sixRdPrefix IPv6 prefix whose addresses have an outer IPv4 address in them; 2002::/16 for 6to4
 * @param sixRdRelayPrefix what those outer addresses have in common, which the IPv6 addresses leave out
 * @param prlDefault isatap's potential routers that may become default routers
 * @param prlNodefault isatap's other potential routers
 */
public record SitOptions(
        SitPayload payload,
        Prefix sixRdPrefix,
        Prefix sixRdRelayPrefix,
        List<InetAddress> prlDefault,
        List<InetAddress> prlNodefault) {

    /** What a tunnel has that is added without any of these options. */
    public static final SitOptions DEFAULT = new SitOptions(
            SitPayload.IP6IP, Prefix.parse("2002::/16"), Prefix.parse("0.0.0.0/0"), List.of(), List.of());

    public SitOptions {
        prlDefault = List.copyOf(prlDefault);
        prlNodefault = List.copyOf(prlNodefault);
    }

    /** The same with another payload. */
    public SitOptions withPayload(SitPayload carried) {
        return new SitOptions(carried, sixRdPrefix, sixRdRelayPrefix, prlDefault, prlNodefault);
    }

    /** The same with other 6rd prefixes. */
    public SitOptions withSixRd(Prefix prefix, Prefix relayPrefix) {
        return new SitOptions(payload, prefix, relayPrefix, prlDefault, prlNodefault);
    }

    /** The same with other potential routers. */
    public SitOptions withPrl(List<InetAddress> defaults, List<InetAddress> others) {
        return new SitOptions(payload, sixRdPrefix, sixRdRelayPrefix, defaults, others);
    }
}
