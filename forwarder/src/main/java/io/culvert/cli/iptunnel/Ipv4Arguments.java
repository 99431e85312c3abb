package io.culvert.cli.iptunnel;

import io.culvert.cli.iptunnel.Ipv4Parameters.IpMode;
import io.culvert.control.ControlException;
import io.culvert.tunnel.Payload;
import io.culvert.tunnel.PptpOptions;
import io.culvert.wire.Addresses;
import java.net.InetAddress;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the arguments of {@code ip tunnel}'s commands. */
final class Ipv4Arguments extends TunnelArguments<Ipv4Parameters> {

    private static final Set<IpMode> HAVE_KEYS = EnumSet.of(IpMode.GRE, IpMode.GRETAP, IpMode.VTI);

    private Ipv4Arguments(Words words, @Nullable RunningTunnels runningTunnels) {
        super(words, new Ipv4Parameters(), runningTunnels);
    }

    /** @param runningTunnels where {@code change} starts from; null for the other commands */
    static Ipv4Parameters parse(Words words, @Nullable RunningTunnels runningTunnels)
            throws TunnelException, ControlException {
        return new Ipv4Arguments(words, runningTunnels).parse();
    }

    @Override
    boolean take(String word) throws TunnelException {
        switch (word) {
            case "pmtudisc" -> parameters.pmtudisc = true;
            case "nopmtudisc" -> parameters.pmtudisc = false;
            case "call_id" ->
                parameters.pptp = new PptpOptions(Numbers.callId(word, words.value()), parameters.pptp.peerCallId());
            case "peer_call_id" ->
                parameters.pptp = new PptpOptions(parameters.pptp.callId(), Numbers.callId(word, words.value()));
            default -> {
                return super.take(word);
            }
        }
        return true;
    }

    @Override
    @Nullable
    InetAddress address(String text) throws TunnelException {
        return Ipv4Parameters.toAddress(Numbers.address(text));
    }

    @Override
    void ttl(String text) throws TunnelException {
        // As in ip: the word leaves the TTL as it is, so that on change only "ttl 0" goes back to inheriting.
        if (!text.equals("inherit")) {
            parameters.ttl = Numbers.ttl(text);
        }
    }

    @Override
    void trafficClass(String text) throws TunnelException {
        parameters.tos = Numbers.tos(text);
    }

    @Override
    String usage() {
        return Usage.IPV4;
    }

    @Override
    void mode(String word) throws TunnelException {
        IpMode mode = switch (word) {
            case "ipip", "ip/ip" -> IpMode.IPIP;
            case "gre", "gre/ip" -> IpMode.GRE;
            // ip has this one in "ip link" only, and not the next one.
            case "gretap", "gretap/ip" -> IpMode.GRETAP;
            case "pptp", "ppp/ip" -> IpMode.PPTP;
            case "sit", "ipv6/ip" -> IpMode.SIT;
            case "isatap" -> IpMode.ISATAP;
            case "vti" -> IpMode.VTI;
            // These two ip has in "ip link" only, and prints here.
            case "mplsip", "mpls/ip" -> carrying(Payload.MPLSIP, IpMode.IPIP);
            case "any/ip" -> carrying(Payload.ANY, IpMode.SIT);
            default -> throw TunnelException.unparsable("Unknown tunnel mode \"" + word + "\"");
        };
        if (parameters.mode == null) {
            parameters.mode = mode;
        } else if (parameters.mode.protocol() != mode.protocol()) {
            throw TunnelException.unparsable("You managed to ask for more than one tunnel mode.");
        } else if (mode == IpMode.VTI || mode == IpMode.ISATAP || mode == IpMode.GRETAP || mode == IpMode.PPTP) {
            // These add something to the protocol that was named before, and nothing takes it away again.
            parameters.mode = mode;
        }
    }

    private IpMode carrying(Payload payload, IpMode mode) {
        parameters.payload = payload;
        return mode;
    }

    @Override
    void complete() throws TunnelException {
        if (parameters.mode == null) {
            parameters.mode = inferMode(parameters.name);
        }
        boolean hasKey = parameters.ikey != null || parameters.okey != null;
        if (hasKey && !HAVE_KEYS.contains(parameters.mode)) {
            throw TunnelException.refused("Keys are not allowed with ipip and sit tunnels");
        }
        completeCall();
        super.complete();
        if (parameters.remote != null && parameters.remote.isMulticastAddress()) {
            completeBroadcast(Addresses.toInt(parameters.remote));
        }
    }

    private void completeCall() throws TunnelException {
        if (parameters.mode != IpMode.PPTP && !parameters.pptp.equals(PptpOptions.DEFAULT)) {
            throw TunnelException.refused("call_id and peer_call_id are for mode pptp only");
        }
    }

    private static @Nullable IpMode inferMode(String name) {
        for (IpMode mode : new IpMode[] {IpMode.GRE, IpMode.IPIP, IpMode.SIT, IpMode.ISATAP, IpMode.VTI}) {
            if (name.startsWith(mode.name().toLowerCase(Locale.ROOT))) {
                return mode;
            }
        }
        return null;
    }

    /** A multicast remote: the group is the key of both directions unless one is given. */
    private void completeBroadcast(int group) throws TunnelException {
        if (parameters.ikey == null || parameters.ikey == 0) {
            parameters.ikey = group;
        }
        if (parameters.okey == null || parameters.okey == 0) {
            parameters.okey = group;
        }
        if (parameters.local == null) {
            throw TunnelException.refused("A broadcast tunnel requires a source address");
        }
    }
}
