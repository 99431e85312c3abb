package io.culvert.cli.iptunnel;

import io.culvert.control.ControlException;
import io.culvert.tunnel.Ipv6Outer;
import io.culvert.tunnel.Mode;
import java.net.Inet6Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Reads the arguments of {@code ip -6 tunnel}'s commands. */
final class Ipv6Arguments extends TunnelArguments<Ipv6Parameters> {

    private static final int MAX_BYTE = 0xff;
    private static final int MAX_FLOW_LABEL = 0xf_ffff;
    private static final String INHERIT = "inherit";

    private Ipv6Arguments(Words words, Ipv6Parameters parameters, @Nullable RunningTunnels runningTunnels) {
        super(words, parameters, runningTunnels);
    }

    /**
     * @param parameters what holds where no word says otherwise
     * @param runningTunnels where {@code change} starts from; null for the other commands
     */
    static Ipv6Parameters parse(Words words, Ipv6Parameters parameters, @Nullable RunningTunnels runningTunnels)
            throws TunnelException, ControlException {
        return new Ipv6Arguments(words, parameters, runningTunnels).parse();
    }

    @Override
    boolean take(String word) throws TunnelException {
        Ipv6Outer outer = parameters.outer;
        switch (word) {
            case "encaplimit" -> parameters.outer = outer.withEncapLimit(encapLimit(words.value()));
            case "tc" -> trafficClass(words.value());
            case "flowlabel", "fl" -> flowLabel(words.value());
            case "dscp" -> dscp(words.value());
            case "allow-localremote" -> parameters.outer = outer.withAllowLocalRemote(true);
            case "noallow-localremote" -> parameters.outer = outer.withAllowLocalRemote(false);
            default -> {
                return super.take(word);
            }
        }
        return true;
    }

    @Override
    String usage() {
        return Usage.IPV6;
    }

    @Override
    void mode(String word) throws TunnelException {
        parameters.mode = switch (word) {
            case "ipv6/ipv6", "ip6ip6" -> Mode.IP6IP6;
            case "vti6" -> Mode.VTI6;
            case "ip/ipv6", "ipv4/ipv6", "ipip6", "ip4ip6" -> Mode.IPIP6;
            case "ip6gre", "gre/ipv6" -> Mode.IP6GRE;
            // ip has this one in "ip link" only.
            case "ip6gretap", "gretap/ipv6" -> Mode.IP6GRETAP;
            case "any/ipv6", "any" -> Mode.ANY6;
            default -> throw TunnelException.unparsable("Unknown tunnel mode \"" + word + "\"");
        };
    }

    @Override
    @Nullable
    InetAddress address(String text) throws TunnelException {
        if (Numbers.isAny(text)) {
            return null;
        }
        try {
            if (text.indexOf(':') >= 0
                    && text.indexOf('%') < 0
                    && InetAddress.ofLiteral(text) instanceof Inet6Address address) {
                return address.isAnyLocalAddress() ? null : address;
            }
        } catch (IllegalArgumentException e) {
            throw notAnAddress(text);
        }
        throw notAnAddress(text);
    }

    private static TunnelException notAnAddress(String text) {
        return TunnelException.refused("Error: inet6 address is expected rather than \"" + text + "\".");
    }

    private static int encapLimit(String text) throws TunnelException {
        if (text.equals("none")) {
            return Ipv6Outer.NO_LIMIT;
        }
        long limit = Numbers.unsigned(text, 0, MAX_BYTE);
        if (limit < 0) {
            // ip takes any other word too, and sets an arbitrary limit.
            throw TunnelException.wrongArgument(text, "invalid ELIM\n");
        }
        return (int) limit;
    }

    @Override
    void ttl(String text) throws TunnelException {
        parameters.ttl = Numbers.ttl(text);
    }

    @Override
    void trafficClass(String text) throws TunnelException {
        long value = text.equals(INHERIT) ? Ipv6Outer.INHERIT : Numbers.unsigned(text, 16, MAX_BYTE);
        if (value < 0 && !text.equals(INHERIT)) {
            throw TunnelException.wrongArgument(text, "invalid TClass\n");
        }
        parameters.outer = parameters.outer.withTrafficClass((int) value);
    }

    private void flowLabel(String text) throws TunnelException {
        long value = text.equals(INHERIT) ? Ipv6Outer.INHERIT : Numbers.unsigned(text, 16, MAX_FLOW_LABEL);
        if (value < 0 && !text.equals(INHERIT)) {
            throw TunnelException.wrongArgument(text, "invalid Flowlabel\n");
        }
        parameters.outer = parameters.outer.withFlowLabel((int) value);
    }

    private void dscp(String text) throws TunnelException {
        if (!text.equals(INHERIT)) {
            throw TunnelException.wrongArgument(text, "not inherit\n");
        }
        parameters.outer = parameters.outer.withDscpInherit(true);
    }
}
