package io.culvert.cli.iptunnel;

import io.culvert.cli.iptunnel.TunnelParameters.IpMode;
import io.culvert.control.ControlException;
import io.culvert.tunnel.TunnelSpec;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what follows {@code add}, {@code change}, {@code del} and {@code show}: keywords in any order, the last wins. */
final class TunnelArguments {

    /** Finds the running tunnel that {@code change NAME} starts from; null if there is none. */
    @FunctionalInterface
    interface Finder {
        @Nullable
        TunnelSpec find(String name) throws ControlException;

        /**
         * The running tunnel of that name.
         *
         * @throws TunnelException in {@code ip}'s words if there is none
         */
        default TunnelSpec existing(String name) throws TunnelException, ControlException {
            TunnelSpec running = find(name);
            if (running == null) {
                throw TunnelException.refused("get tunnel \"" + name + "\" failed: " + DeviceName.whyNoTunnel(name));
            }
            return running;
        }
    }

    private static final Set<IpMode> HAVE_KEYS = EnumSet.of(IpMode.GRE, IpMode.GRETAP, IpMode.VTI);

    private final Words words;
    private final @Nullable Finder runningTunnels;
    private final TunnelParameters parameters = new TunnelParameters();
    private @Nullable String dev;

    private TunnelArguments(Words words, @Nullable Finder runningTunnels) {
        this.words = words;
        this.runningTunnels = runningTunnels;
    }

    /** @param runningTunnels where {@code change} starts from; null for the other commands */
    static TunnelParameters parse(Words words, @Nullable Finder runningTunnels)
            throws TunnelException, ControlException {
        TunnelArguments arguments = new TunnelArguments(words, runningTunnels);
        while (words.hasNext()) {
            arguments.keyword(words.next());
        }
        arguments.complete();
        return arguments.parameters;
    }

    private void keyword(String word) throws TunnelException, ControlException {
        switch (word) {
            case "mode" -> mode(words.value());
            case "key" -> {
                parameters.ikey = Numbers.key(word, words.value());
                parameters.okey = parameters.ikey;
            }
            case "ikey" -> parameters.ikey = Numbers.key(word, words.value());
            case "okey" -> parameters.okey = Numbers.key(word, words.value());
            case "seq" -> {
                parameters.iseq = true;
                parameters.oseq = true;
            }
            case "iseq" -> parameters.iseq = true;
            case "oseq" -> parameters.oseq = true;
            case "csum" -> {
                parameters.icsum = true;
                parameters.ocsum = true;
            }
            case "icsum" -> parameters.icsum = true;
            case "ocsum" -> parameters.ocsum = true;
            case "pmtudisc" -> parameters.pmtudisc = true;
            case "nopmtudisc" -> parameters.pmtudisc = false;
            case "remote" -> parameters.remote = Numbers.address(words.value());
            case "local" -> parameters.local = Numbers.address(words.value());
            case "dev" -> dev = words.value();
            case "ttl", "hoplimit", "hlim" -> ttl(words.value());
            case "tos", "tclass" -> parameters.tos = Numbers.tos(words.value());
            default -> nameOrAbbreviation(word);
        }
    }

    private void ttl(String value) throws TunnelException {
        // As in ip: the word leaves the TTL as it is, so that on change only "ttl 0" goes back to inheriting.
        if (!value.equals("inherit")) {
            parameters.ttl = Numbers.ttl(value);
        }
    }

    private void nameOrAbbreviation(String word) throws TunnelException, ControlException {
        if (Words.isPrefix(word, "dsfield")) {
            parameters.tos = Numbers.tos(words.value());
            return;
        }
        boolean isFirst = words.isAtFirst();
        parameters.name = DeviceName.argument(words, word, parameters.name, Usage.IPV4);
        if (runningTunnels != null && isFirst) {
            parameters.load(runningTunnels.existing(parameters.name));
        }
    }

    private void mode(String word) throws TunnelException {
        IpMode mode = switch (word) {
            case "ipip", "ip/ip" -> IpMode.IPIP;
            case "gre", "gre/ip" -> IpMode.GRE;
            // ip has this one in "ip link" only.
            case "gretap", "gretap/ip" -> IpMode.GRETAP;
            case "sit", "ipv6/ip" -> IpMode.SIT;
            case "isatap" -> IpMode.ISATAP;
            case "vti" -> IpMode.VTI;
            default -> throw TunnelException.unparsable("Unknown tunnel mode \"" + word + "\"");
        };
        if (parameters.mode == null) {
            parameters.mode = mode;
        } else if (parameters.mode.protocol() != mode.protocol()) {
            throw TunnelException.unparsable("You managed to ask for more than one tunnel mode.");
        } else if (mode == IpMode.VTI || mode == IpMode.ISATAP || mode == IpMode.GRETAP) {
            // These add something to the protocol that was named before, and nothing takes it away again.
            parameters.mode = mode;
        }
    }

    /** What can be said only when every word is read; the order decides which error is told. */
    private void complete() throws TunnelException {
        if (parameters.mode == null) {
            parameters.mode = inferMode(parameters.name);
        }
        boolean hasKey = parameters.ikey != null || parameters.okey != null;
        if (hasKey && !HAVE_KEYS.contains(parameters.mode)) {
            throw TunnelException.refused("Keys are not allowed with ipip and sit tunnels");
        }
        if (dev != null) {
            parameters.dev = DeviceName.existing(dev);
        }
        if (parameters.remote >>> 28 == 0xe) {
            completeBroadcast();
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
    private void completeBroadcast() throws TunnelException {
        if (parameters.ikey == null || parameters.ikey == 0) {
            parameters.ikey = parameters.remote;
        }
        if (parameters.okey == null || parameters.okey == 0) {
            parameters.okey = parameters.remote;
        }
        if (parameters.local == 0) {
            throw TunnelException.refused("A broadcast tunnel requires a source address");
        }
    }
}
