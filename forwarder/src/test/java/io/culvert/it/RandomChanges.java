package io.culvert.it;

import static io.culvert.it.TwoGateways.DEVICE;

import io.culvert.config.TunnelSpecCodec;
import io.culvert.lab.LabGateway;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import io.culvert.tunnel.UdpEncap;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Random changes to the tunnels of a gateway: to the one that carries the load, and to others that nobody sends through. */
final class RandomChanges {

    private static final int MOST_TUNNELS = 12;
    private static final String NAME = "more";
    private static final int FIRST_KEY = 1_000;
    private static final List<Mode> MODES =
            List.of(Mode.GRE, Mode.IPIP, Mode.IP6GRE, Mode.IP6IP6, Mode.IPIP6, Mode.SIT, Mode.MINENC);

    private final Random random;
    private final LabGateway gateway;
    private final Function<Random, TunnelSpec> loaded;
    private final List<String> names = new ArrayList<>();
    private int created;

    /**
     * @param seed of the random numbers
     * @param loaded draws what the tunnel with the load becomes
     */
    RandomChanges(int seed, LabGateway gateway, Function<Random, TunnelSpec> loaded) {
        random = new Random(seed);
        this.gateway = gateway;
        this.loaded = loaded;
    }

    /** One change. */
    void next() {
        int kind = random.nextInt(4);
        if (kind == 0) {
            change(loaded.apply(random));
        } else if (kind == 1 && !names.isEmpty()) {
            gateway.delete(names.remove(random.nextInt(names.size())));
        } else if (kind == 2 && !names.isEmpty()) {
            change(other(names.get(random.nextInt(names.size()))));
        } else if (names.size() < MOST_TUNNELS) {
            String name = NAME + created++;
            gateway.add(other(name));
            names.add(name);
        }
    }

    /** What a change does not name stays: an encapsulation in UDP too, which no mode over IPv6 has. */
    private void change(TunnelSpec spec) {
        ObjectNode tree = TunnelSpecCodec.encode(spec);
        gateway.request("tunnel-change", tree.has("encap") ? tree : tree.put("encap", "none"));
    }

    /** Deletes the other tunnels that are left. */
    void clear() {
        names.forEach(gateway::delete);
        names.clear();
    }

    /** A tunnel to nobody, of a mode that its name decides or may change, and with any options. */
    private TunnelSpec other(String name) {
        int number = Integer.parseInt(name.substring(NAME.length())) % 150;
        Mode mode = MODES.get((number + random.nextInt(2)) % MODES.size());
        String remote = mode.isOuterIpv6() ? "2001:db8:1::" + (1 + number) : "203.0.113." + (101 + number);
        TunnelSpecBuilder spec = TunnelSpec.builder(name, mode)
                .remote(InetAddress.ofLiteral(remote))
                .ttl(mode == Mode.MINENC ? 0 : random.nextInt(256));
        if (mode.isKeyed()) {
            spec.key(FIRST_KEY + random.nextInt(1_000_000)).csum(random.nextBoolean());
        } else if (mode == Mode.IPIP && random.nextBoolean()) {
            spec.encap(new UdpEncap(UdpEncap.Kind.FOU, 0, 5_555, false));
        }
        return spec.build();
    }

    /** Of those other tunnels the ones that have carried a packet. */
    List<String> strays() {
        return gateway.show()
                .path("tunnels")
                .valueStream()
                .filter(tunnel -> tunnel.path("name").asString(DEVICE).startsWith(NAME))
                .filter(tunnel -> tunnel.at("/encapsulation/packets").asLong(1)
                                + tunnel.at("/decapsulation/packets").asLong(1)
                        > 0)
                .map(JsonNode::toString)
                .toList();
    }
}
