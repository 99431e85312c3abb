package io.culvert.it;

import static io.culvert.it.TwoGateways.DEVICE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.it.Scenario.Kind;
import io.culvert.lab.Host;
import io.culvert.lab.LabGateway;
import io.culvert.lab.TcpTransfer;
import io.culvert.lab.UdpFlood;
import io.culvert.lab.WireMode;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Random changes to a gateway that carries UDP and TCP: none costs a packet, and nothing is left of them.
 * {@code -Dculvert.changes=10000} for a long run.
 */
@Timeout(value = 600, unit = TimeUnit.SECONDS)
class ChangesUnderLoadIT {

    private static final int CHANGES = Integer.getInteger("culvert.changes", 300);
    private static final int MOST_TUNNELS = 12;
    private static final int DATAGRAMS = 5_000;

    private final Random random = new Random(7);
    private final List<String> names = new ArrayList<>();
    private int created;

    @ParameterizedTest
    @EnumSource(
            value = Pipeline.class,
            names = {"FUSED", "STAGED"})
    void costNoPacketAndLeaveNothing(Pipeline pipeline) {
        Scenario scenario = new Scenario(Kind.GRE, Lane.AUTO, pipeline, WireMode.OFFLOADED);
        try (TwoGateways gateways = TwoGateways.start(scenario)) {
            LabGateway left = gateways.left();
            TunnelSpec loaded = spec(left);
            for (int i = 0; i < 100; i++) {
                change(left, loaded);
            }
            clear(left);
            long descriptors = descriptors(left);
            long devices = devices(gateways.leftHost());

            int done = 0;
            while (done < CHANGES) {
                FutureTask<TcpTransfer.Result> transfer = new FutureTask<>(() -> TcpTransfer.checked(
                        gateways.leftHost(),
                        gateways.rightHost(),
                        TwoGateways.RIGHT_INNER,
                        20_000_000,
                        Duration.ofSeconds(60)));
                Thread.ofPlatform().start(transfer);
                UdpFlood flood = UdpFlood.start(
                        gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER, DATAGRAMS, 64, 2_000);
                for (int i = 0; i < 150; i++, done++) {
                    change(left, loaded);
                }
                UdpFlood.Result result = flood.await();
                assertThat(result.delivered()).as("%s", result).isEqualTo(result.sent());
                await(transfer);
            }

            clear(left);
            assertThat(descriptors(left)).isEqualTo(descriptors);
            assertThat(devices(gateways.leftHost())).isEqualTo(devices);
            Counts counts = Counts.of(left);
            assertThat(Counts.sum(counts.drops(DEVICE, "encapsulation"))).isZero();
        }
    }

    private static void await(FutureTask<TcpTransfer.Result> transfer) {
        try {
            assertThat(transfer.get().gigabitsPerSecond()).isPositive();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError("TCP through changes", e);
        }
    }

    /** One random change; of the loaded tunnel only what leaves its packets acceptable to the peer. */
    private void change(LabGateway gateway, TunnelSpec loaded) {
        int kind = random.nextInt(4);
        if (kind == 0) {
            gateway.request("tunnel-change", TunnelSpecCodec.encode(loaded).put("ttl", 1 + random.nextInt(255)));
        } else if (kind == 1 && !names.isEmpty()) {
            gateway.delete(names.remove(random.nextInt(names.size())));
        } else if (kind == 2 && !names.isEmpty()) {
            String name = names.get(random.nextInt(names.size()));
            gateway.request("tunnel-change", TunnelSpecCodec.encode(other(name)));
        } else if (names.size() < MOST_TUNNELS) {
            String name = "more" + created++;
            gateway.add(other(name));
            names.add(name);
        }
    }

    private void clear(LabGateway gateway) {
        names.forEach(gateway::delete);
        names.clear();
    }

    /** A tunnel to nobody, of any mode and with any options. */
    private TunnelSpec other(String name) {
        boolean isGre = random.nextBoolean();
        TunnelSpec.Builder spec = TunnelSpec.builder(name, isGre ? Mode.GRE : Mode.IPIP)
                .remote(InetAddress.ofLiteral("203.0.113." + (1 + name.hashCode() % 100 + 100)))
                .ttl(random.nextInt(256));
        return (isGre ? spec.key(created * 1000 + random.nextInt(1000)).csum(random.nextBoolean()) : spec).build();
    }

    private static TunnelSpec spec(LabGateway gateway) {
        for (JsonNode tunnel : gateway.request("config", JsonNodeFactory.instance.objectNode())
                .path("config")
                .path("tunnel")) {
            TunnelSpec spec = TunnelSpecCodec.decode((ObjectNode) tunnel).spec();
            if (spec != null && spec.name().equals(DEVICE)) {
                return spec;
            }
        }
        throw new AssertionError("no tunnel " + DEVICE);
    }

    private static long descriptors(LabGateway gateway) {
        try (Stream<Path> open =
                Files.list(Path.of("/proc", Long.toString(gateway.process().pid()), "fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long devices(Host host) {
        return host.ipJson("link").size();
    }
}
