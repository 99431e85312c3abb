package io.culvert.gateway;

import io.culvert.control.ExitCode;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.tunnel.InnerDevice;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelTable;
import io.culvert.wire.Addresses;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers {@code culvert explain}: of a running gateway's tunnels, or of those in a file as far as a file tells.
 *
 * <p>A question is a tree with {@code direction} ({@code encap} or {@code decap}), {@code packet} in hexadecimal, and
 * {@code dev} or {@code tunnel} if they were said.
 */
public final class Explanations {

    /** What a file does not tell: the underlay device's MTU in bytes. */
    private static final int ASSUMED_MTU = 1500;

    private Explanations() {}

    /** A question that was read. */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    private record Question(
            boolean isOuter,
            byte[] packet,
            @Nullable String dev,
            @Nullable String tunnel) {}

    /** Where an inner packet goes: a tunnel, or elsewhere, and why. */
    private record Way(@Nullable Tunnel tunnel, String rule) {}

    /**
     * Of a running gateway, on its conductor's thread.
     *
     * @throws GatewayException if the question cannot be answered
     */
    static ObjectNode ofGateway(ObjectNode arguments, TunnelTable table, RouteNetlink netlink) {
        Question question = read(arguments);
        return explain(question, table, index(question.dev, netlink), destination -> way(destination, table, netlink));
    }

    /**
     * Of the tunnels in a file: the path MTU is taken to be {@value #ASSUMED_MTU} bytes, and inner packets go where the
     * tunnels' own {@code routes} and {@code addresses} send them.
     *
     * @throws GatewayException if the question cannot be answered
     */
    public static ObjectNode ofFile(ObjectNode arguments, List<TunnelSpec> specs) {
        Question question = read(arguments);
        List<String> devices = new ArrayList<>();
        TunnelTable table = table(specs, devices);
        int arrivalIndex = question.dev == null ? 0 : indexOf(question.dev, devices);
        return explain(question, table, arrivalIndex, destination -> way(destination, table));
    }

    private static ObjectNode explain(
            Question question, TunnelTable table, int arrivalIndex, Function<InetAddress, Way> router) {
        try (Explainer explainer = new Explainer()) {
            if (question.isOuter) {
                return explainer.outer(table, question.packet, arrivalIndex);
            }
            Way way = question.tunnel != null
                    ? new Way(named(table, question.tunnel), "it was named")
                    : router.apply(destination(question.packet));
            return way.tunnel == null
                    ? Explainer.elsewhere(question.packet, way.rule)
                    : explainer.inner(table, way.tunnel, question.packet, way.rule);
        }
    }

    private static Way way(InetAddress destination, TunnelTable table, RouteNetlink netlink) {
        int device = outputIndex(destination, netlink);
        String route = "the route to " + destination.getHostAddress() + " leads ";
        for (Tunnel tunnel : table.tunnels()) {
            if (device != 0 && tunnel.deviceIndex() == device) {
                return new Way(tunnel, route + "into it");
            }
        }
        Link link = device == 0 ? null : netlink.link(device);
        return new Way(null, route + (link == null ? "nowhere" : "to " + link.name() + ", not into a tunnel"));
    }

    private static Way way(InetAddress destination, TunnelTable table) {
        Way way = new Way(null, "no tunnel's routes or addresses have this destination");
        int longest = -1;
        for (Tunnel tunnel : table.tunnels()) {
            for (Prefix prefix : prefixes(tunnel.spec())) {
                if (prefix.length() > longest && prefix.contains(destination)) {
                    longest = prefix.length();
                    way = new Way(tunnel, "of all routes and addresses " + prefix + " is the longest match");
                }
            }
        }
        return way;
    }

    private static TunnelTable table(List<TunnelSpec> specs, List<String> devices) {
        List<Tunnel> tunnels = new ArrayList<>();
        for (TunnelSpec spec : specs) {
            int bound = spec.dev() == null ? 0 : indexOf(spec.dev(), devices);
            Tunnel tunnel = new Tunnel(spec, new NoDevice(), tunnels.size() + 1, bound);
            if (spec.remote() != null) {
                tunnel.route(OuterRoute.unresolved(bound, ASSUMED_MTU, spec.local()));
            }
            tunnels.add(tunnel);
        }
        return new TunnelTable(tunnels);
    }

    /** Stands for the device of that name; positive. */
    private static int indexOf(String dev, List<String> devices) {
        if (!devices.contains(dev)) {
            devices.add(dev);
        }
        return devices.indexOf(dev) + 1;
    }

    /** A device that is never read or written. */
    private static final class NoDevice implements InnerDevice {
        @Override
        public int read(long address, int length) {
            return 0;
        }

        @Override
        public int write(long address, int length) {
            return 0;
        }

        @Override
        public int writePieces(long iovecs, int count) {
            return 0;
        }

        @Override
        public boolean namesProtocols() {
            return true;
        }

        @Override
        public boolean takesUdpSuperPackets() {
            return false;
        }
    }

    private static List<Prefix> prefixes(TunnelSpec spec) {
        List<Prefix> prefixes = new ArrayList<>(spec.routes());
        prefixes.addAll(spec.addresses());
        return prefixes;
    }

    private static Question read(ObjectNode arguments) {
        byte[] packet;
        try {
            packet = HexFormat.of().parseHex(arguments.path("packet").asString(""));
        } catch (IllegalArgumentException e) {
            throw new GatewayException(ExitCode.USAGE, "packet: it is not hexadecimal: " + e.getMessage(), e);
        }
        if (packet.length == 0 || packet.length > Slot.MAX_PACKET) {
            throw new GatewayException(
                    ExitCode.USAGE, "packet: it has " + packet.length + " bytes: 1 to " + Slot.MAX_PACKET + " can be");
        }
        String direction = arguments.path("direction").asString("");
        if (!direction.equals("decap") && !direction.equals("encap")) {
            throw new GatewayException(ExitCode.USAGE, "direction: \"" + direction + "\" is neither encap nor decap");
        }
        String dev = arguments.path("dev").asString("");
        String tunnel = arguments.path("tunnel").asString("");
        return new Question(
                direction.equals("decap"), packet, dev.isEmpty() ? null : dev, tunnel.isEmpty() ? null : tunnel);
    }

    private static Tunnel named(TunnelTable table, String name) {
        Tunnel tunnel = table.named(name);
        if (tunnel == null) {
            throw new GatewayException(ExitCode.REFUSED, "there is no tunnel \"" + name + "\"");
        }
        return tunnel;
    }

    private static int index(@Nullable String dev, RouteNetlink netlink) {
        Link link = dev == null ? null : netlink.link(dev);
        if (dev != null && link == null) {
            throw new GatewayException(ExitCode.REFUSED, "there is no device \"" + dev + "\": see `ip link`");
        }
        return link == null ? 0 : link.index();
    }

    private static int outputIndex(InetAddress destination, RouteNetlink netlink) {
        try {
            return netlink.routeTo(destination, null, 0).outputIndex();
        } catch (ErrnoException e) {
            return 0;
        }
    }

    private static InetAddress destination(byte[] packet) {
        int version = packet[0] >>> 4 & 0xf;
        int from = version == 4 ? 16 : 24;
        int to = version == 4 ? 20 : 40;
        if ((version != 4 && version != 6) || packet.length < to) {
            throw new GatewayException(
                    ExitCode.USAGE, "the inner packet has no destination that can be read: name its tunnel");
        }
        return Addresses.of(Arrays.copyOfRange(packet, from, to));
    }
}
