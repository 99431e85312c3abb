package io.culvert.cli.iptunnel;

import io.culvert.control.ControlException;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.SitOptions;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.wire.Addresses;
import java.net.Inet6Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What follows {@code 6rd}, for sit's rapid deployment prefixes.
 *
 * @param device the tunnel
 * @param prefix IPv6 prefix; ::/0 if it is not named
 * @param relayPrefix IPv4 prefix; 0.0.0.0/0 if it is not named
 * @param operation the kernel's request, or empty
 */
record SixRdArguments(String device, Prefix prefix, Prefix relayPrefix, String operation) {

    /** SIOCADD6RD and SIOCDEL6RD. */
    private static final String ADD = "89f9";

    private static final String RESET = "89fa";
    private static final Prefix NO_PREFIX = Prefix.parse("::/0");
    private static final Prefix NO_RELAY_PREFIX = Prefix.parse("0.0.0.0/0");

    static SixRdArguments parse(Words words) throws TunnelException {
        String device = "";
        String operation = "";
        Prefix prefix = NO_PREFIX;
        Prefix relayPrefix = NO_RELAY_PREFIX;
        while (words.hasNext()) {
            String word = words.next();
            switch (word) {
                case "6rd-prefix" -> {
                    prefix = prefix(words.value(), true);
                    operation = ADD;
                }
                case "6rd-relay_prefix" -> {
                    relayPrefix = prefix(words.value(), false);
                    operation = ADD;
                }
                case "6rd-reset" -> operation = RESET;
                case "dev" -> {
                    device = words.value();
                    PrlArguments.requireValidDevice(device);
                }
                default -> throw TunnelException.unparsable("Invalid 6RD parameter \"" + word + "\"");
            }
        }
        PrlArguments.requireDevice(!device.isEmpty());
        return new SixRdArguments(device, prefix, relayPrefix, operation);
    }

    /** Changes the prefixes of the running tunnel, with the kernel's refusals. */
    void apply(RunningTunnels tunnels) throws TunnelException, ControlException {
        String request = operation.isEmpty() ? "0" : operation;
        TunnelSpec running = PrlArguments.running(tunnels, device, request);
        if (operation.isEmpty() || running.mode().identity() != Mode.SIT) {
            throw PrlArguments.failed(device, request, "Inappropriate ioctl for device");
        }
        SitOptions none = SitOptions.DEFAULT;
        boolean reset = operation.equals(RESET);
        Prefix wanted = reset ? none.sixRdPrefix() : prefix;
        Prefix wantedRelay = reset ? none.sixRdRelayPrefix() : relayPrefix;
        if (!wanted.isNetwork() || !wantedRelay.isNetwork() || wanted.length() + 32 - wantedRelay.length() > 64) {
            throw PrlArguments.failed(device, request, "Invalid argument");
        }
        SitOptions options = running.sit().withSixRd(wanted, wantedRelay);
        tunnels.changeSit(running.withSit(options), reason -> PrlArguments.failed(device, request, reason));
    }

    private static Prefix prefix(String text, boolean isIpv6) throws TunnelException {
        int slash = text.indexOf('/');
        String word = slash < 0 ? text : text.substring(0, slash);
        int bits = isIpv6 ? 128 : 32;
        boolean isAny = Numbers.isAny(word);
        InetAddress address = isAny ? (isIpv6 ? NO_PREFIX : NO_RELAY_PREFIX).address() : address(word, isIpv6);
        // Without a length, a host's prefix; but "any" is the whole address space.
        int length = isAny && slash < 0 ? 0 : bits;
        if (slash >= 0) {
            length = (int) Numbers.unsigned(text.substring(slash + 1), 0, bits);
        }
        if (address == null || length < 0) {
            throw TunnelException.refused(
                    "Error: " + (isIpv6 ? "inet6" : "inet") + " prefix is expected rather than \"" + text + "\".");
        }
        return new Prefix(address, length);
    }

    private static @Nullable InetAddress address(String text, boolean isIpv6) {
        if (!isIpv6) {
            long quad = Numbers.quad(text);
            return quad < 0 ? null : quad == 0 ? NO_RELAY_PREFIX.address() : Addresses.ipv4((int) quad);
        }
        try {
            return text.indexOf(':') >= 0 && InetAddress.ofLiteral(text) instanceof Inet6Address ipv6 ? ipv6 : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
