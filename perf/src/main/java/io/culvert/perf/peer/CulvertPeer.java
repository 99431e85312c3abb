package io.culvert.perf.peer;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.gateway.Version;
import io.culvert.lab.Host;
import io.culvert.lab.LabException;
import io.culvert.lab.LabGateway;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.wire.IpProtocol;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Two gateways with one tunnel: a mode, its options, a lane and a pipeline. */
public final class CulvertPeer implements Peer {

    private static final String DEVICE = "culvert1";
    private static final int KEY = 7;

    private final String id;
    private final Mode mode;
    private final boolean keyed;
    private final boolean checked;
    private final @Nullable Lane lane;
    private final String datapath;
    private final List<String> jvmFlags;
    private final List<LabGateway> gateways = new ArrayList<>();

    private CulvertPeer(
            String id,
            Mode mode,
            boolean keyed,
            boolean checked,
            @Nullable Lane lane,
            String datapath,
            List<String> jvmFlags) {
        this.id = id;
        this.mode = mode;
        this.keyed = keyed;
        this.checked = checked;
        this.lane = lane;
        this.datapath = datapath;
        this.jvmFlags = jvmFlags;
    }

    /** A mode with the options that a lane and a pipeline can carry. */
    static CulvertPeer of(Mode mode, boolean keyed, boolean checked, Lane lane, Pipeline pipeline) {
        String options = (keyed ? "-key" : "") + (checked ? "-csum" : "");
        String id = "culvert-" + mode.word() + options + "-" + word(lane)
                + (pipeline == Pipeline.STAGED ? "-" + word(pipeline) : "");
        String datapath = "lane = \"" + word(lane) + "\"\npipeline = \"" + word(pipeline) + "\"\n";
        return new CulvertPeer(id, mode, keyed, checked, lane, datapath, List.of());
    }

    /**
     * An ipip tunnel with a {@code [datapath]} section of the caller's.
     *
     * @param datapath lines of TOML
     * @param jvmFlags for both gateways, besides the launcher's
     */
    public static CulvertPeer withDatapath(String id, String datapath, List<String> jvmFlags) {
        return new CulvertPeer(id, Mode.IPIP, false, false, null, datapath, jvmFlags);
    }

    /** The two gateways that were started last, the left one first. */
    public List<LabGateway> gateways() {
        return List.copyOf(gateways);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String version() {
        return "culvert " + Version.current();
    }

    @Override
    public @Nullable String missing() {
        return null;
    }

    @Override
    public OuterFormat format() {
        return switch (mode.protocol()) {
            case IpProtocol.GRE -> OuterFormat.gre(checked, keyed, KEY);
            case IpProtocol.IPV6 -> OuterFormat.SIT;
            default -> OuterFormat.IPIP;
        };
    }

    @Override
    public boolean takesMergedPackets() {
        return true;
    }

    @Override
    public Ends start(Bed bed) {
        boolean ipv6 = mode.protocol() == IpProtocol.IPV6;
        Ends inner = ipv6 ? Ends.INNER_IPV6 : Ends.INNER;
        if (ipv6) {
            for (Host host : List.of(bed.left(), bed.right())) {
                host.sysctl("net.ipv6.conf.default.disable_ipv6", "0");
                host.sysctl("net.ipv6.conf.all.disable_ipv6", "0");
                host.sysctl("net.ipv6.conf." + Host.UNDERLAY + ".disable_ipv6", "1");
            }
        }
        gateways.clear();
        gateways.add(launch(bed.left(), bed.right(), inner.left()));
        gateways.add(launch(bed.right(), bed.left(), inner.right()));
        gateways.forEach(LabGateway::awaitReady);
        gateways.forEach(this::requireLane);
        return inner;
    }

    private LabGateway launch(Host here, Host there, InetAddress inner) {
        int length = inner.getAddress().length == 4 ? 30 : 64;
        TunnelSpec tunnel = TunnelSpec.builder(DEVICE, mode)
                .local(here.address())
                .remote(there.address())
                .key(keyed ? KEY : null)
                .csum(checked)
                .addresses(List.of(new Prefix(inner, length)))
                .build();
        StringBuilder toml = new StringBuilder("[datapath]\n").append(datapath).append("\n[[tunnel]]\n");
        TunnelSpecCodec.encode(tunnel)
                .forEachEntry((key, value) ->
                        toml.append(key).append(" = ").append(value).append('\n'));
        return LabGateway.on(here)
                .text(toml.toString())
                .jvmFlags(jvmFlags.toArray(String[]::new))
                .launch();
    }

    /** A figure must not bear the name of a lane that the gateway could not take. */
    private void requireLane(LabGateway gateway) {
        String running = gateway.show().path("lane").asString("");
        if (lane != null && !running.equals(word(lane))) {
            throw new LabException(id + ": the gateway runs lane \"" + running + "\"; culvert doctor says why");
        }
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
