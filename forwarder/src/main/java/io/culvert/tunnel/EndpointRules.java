package io.culvert.tunnel;

import io.culvert.tunnel.TunnelSpec.Problem;
import io.culvert.wire.Addresses;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which outer addresses a tunnel may have; what a single mode asks of them besides is checked with the mode. */
final class EndpointRules {

    private static final int BROADCAST = 0xffff_ffff;

    private final TunnelSpec spec;
    private final List<Problem> problems;

    EndpointRules(TunnelSpec spec, List<Problem> problems) {
        this.spec = spec;
        this.problems = problems;
    }

    void addProblems() {
        InetAddress remote = spec.remote();
        checkAddress("local", spec.local());
        if (remote != null && spec.hasGroup()) {
            checkGroup(remote.getHostAddress());
        } else {
            checkAddress("remote", remote);
        }
        if (remote == null) {
            checkNoRemote();
        } else if (remote.equals(spec.local())) {
            problems.add(new Problem("remote", "remote equals local", "name the other end of the tunnel"));
        }
    }

    private void checkAddress(String key, @Nullable InetAddress address) {
        if (address == null) {
            return;
        }
        if (spec.mode().isOuterIpv6()) {
            checkIpv6(key, address);
        } else {
            checkIpv4(key, address);
        }
    }

    private void checkIpv6(String key, InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            problems.add(new Problem(
                    key,
                    address.getHostAddress() + " is not an IPv6 address, which mode "
                            + spec.mode().word() + " needs",
                    "use an IPv6 address"));
        } else if (address.isMulticastAddress() || address.isLoopbackAddress()) {
            problems.add(new Problem(
                    key, address.getHostAddress() + " cannot be a tunnel endpoint", "use a unicast address"));
        }
    }

    private void checkIpv4(String key, InetAddress address) {
        if (!(address instanceof Inet4Address)) {
            problems.add(new Problem(key, address.getHostAddress() + " is not an IPv4 address", "use an IPv4 address"));
        } else if (address.isMulticastAddress()
                || address.isLoopbackAddress()
                || address.getAddress()[0] == 0
                || Addresses.toInt(address) == BROADCAST) {
            String hint = key.equals("remote") && address.isMulticastAddress()
                    ? "use a unicast address, or mode gre or ipip"
                    : "use a unicast address";
            problems.add(new Problem(key, address.getHostAddress() + " cannot be a tunnel endpoint", hint));
        }
    }

    private void checkGroup(String group) {
        if (spec.local() == null) {
            problems.add(new Problem(
                    "local", "the multicast remote " + group + " needs a local address", "add this end's address"));
        }
        if (spec.encap() != null) {
            problems.add(
                    new Problem("encap", "encap is not allowed with the multicast remote " + group, "leave it out"));
        }
        if (spec.keepalive() != null) {
            problems.add(new Problem(
                    "keepalive",
                    "keepalive is not allowed with the multicast remote " + group + ", as no single peer answers",
                    "leave it out"));
        }
    }

    private void checkNoRemote() {
        if (spec.mode().isOuterIpv6()) {
            problems.add(new Problem(
                    "remote",
                    "mode " + spec.mode().word() + " needs a remote: multipoint is not available",
                    "set remote to the peer's outer address"));
        } else if (spec.local() == null) {
            problems.add(new Problem(
                    "remote",
                    "a tunnel without a remote needs a local address",
                    "set remote to the peer's outer address, or local to this end's for multipoint"));
        }
    }
}
