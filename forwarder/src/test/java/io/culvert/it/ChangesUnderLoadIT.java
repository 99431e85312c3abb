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
import io.culvert.tunnel.UdpEncap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
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
    private static final String NAME = "more";
    private static final int DATAGRAMS = 5_000;
    private static final int ALTERNATIVE_KEY = 77;
    private static final int STABLE_READINGS = 10;
    private static final long HEAP_GROWTH = 4_000_000;

    /** The JIT compiler's work grows too. */
    private static final long RESIDENT_GROWTH = 64 * 1024;

    private static final List<Mode> MODES =
            List.of(Mode.GRE, Mode.IPIP, Mode.IP6GRE, Mode.IP6IP6, Mode.IPIP6, Mode.SIT, Mode.MINENC);

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
            gateways.right().add(alternative(spec(gateways.right())));
            for (int i = 0; i < 100; i++) {
                change(left, loaded);
            }
            clear(left);
            // First the heap: the JVM keeps the socket that it is asked by.
            long heap = liveHeap(gateways.leftHost(), left);
            Map<String, Long> descriptors = settledDescriptors(left);
            long resident = residentKilobytes(left);
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
                assertThat(strays(left)).as("packets of other tunnels").isEmpty();
            }

            clear(left);
            assertThat(settledDescriptors(left)).isEqualTo(descriptors);
            assertThat(devices(gateways.leftHost())).isEqualTo(devices);
            assertThat(liveHeap(gateways.leftHost(), left) - heap)
                    .as("bytes of heap in use")
                    .isLessThan(HEAP_GROWTH);
            assertThat(residentKilobytes(left) - resident).as("KB of memory").isLessThan(RESIDENT_GROWTH);
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

    /** One random change; of the loaded tunnel only what leaves its packets acceptable to one of the peer's two tunnels. */
    private void change(LabGateway gateway, TunnelSpec loaded) {
        int kind = random.nextInt(4);
        if (kind == 0) {
            ObjectNode changed = TunnelSpecCodec.encode(loaded).put("ttl", 1 + random.nextInt(255));
            gateway.request("tunnel-change", random.nextBoolean() ? changed.put("okey", ALTERNATIVE_KEY) : changed);
        } else if (kind == 1 && !names.isEmpty()) {
            gateway.delete(names.remove(random.nextInt(names.size())));
        } else if (kind == 2 && !names.isEmpty()) {
            String name = names.get(random.nextInt(names.size()));
            ObjectNode changed = TunnelSpecCodec.encode(other(name));
            // What a change does not name stays, and no mode over IPv6 has UDP between the headers.
            gateway.request("tunnel-change", changed.has("encap") ? changed : changed.put("encap", "none"));
        } else if (names.size() < MOST_TUNNELS) {
            String name = NAME + created++;
            gateway.add(other(name));
            names.add(name);
        }
    }

    private void clear(LabGateway gateway) {
        names.forEach(gateway::delete);
        names.clear();
    }

    /** Takes at the peer what the loaded tunnel sends with {@link #ALTERNATIVE_KEY}. */
    private static TunnelSpec alternative(TunnelSpec peers) {
        return TunnelSpec.builder("alternative", peers.mode())
                .local(peers.local())
                .remote(peers.remote())
                .ikey(ALTERNATIVE_KEY)
                .build();
    }

    /** A tunnel to nobody, of a mode that its name decides or may change, and with any options. */
    private TunnelSpec other(String name) {
        int number = Integer.parseInt(name.substring(NAME.length())) % 150;
        Mode mode = MODES.get((number + random.nextInt(2)) % MODES.size());
        String remote = mode.isOuterIpv6() ? "2001:db8:1::" + (1 + number) : "203.0.113." + (101 + number);
        TunnelSpec.Builder spec = TunnelSpec.builder(name, mode)
                .remote(InetAddress.ofLiteral(remote))
                .ttl(mode == Mode.MINENC ? 0 : random.nextInt(256));
        if (mode.isKeyed()) {
            spec.key(ALTERNATIVE_KEY + 1 + random.nextInt(1_000_000)).csum(random.nextBoolean());
        } else if (mode == Mode.IPIP && random.nextBoolean()) {
            spec.encap(new UdpEncap(UdpEncap.Kind.FOU, 0, 5_555, false));
        }
        return spec.build();
    }

    /** Tunnels but the loaded one that have carried a packet. */
    private static List<String> strays(LabGateway gateway) {
        return gateway.show()
                .path("tunnels")
                .valueStream()
                .filter(tunnel -> !tunnel.path("name").asString("").equals(DEVICE))
                .filter(tunnel -> tunnel.at("/encapsulation/packets").asLong(1)
                                + tunnel.at("/decapsulation/packets").asLong(1)
                        > 0)
                .map(JsonNode::toString)
                .toList();
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

    /** How many open descriptors there are of each kind: sockets, devices, programs, and so on. */
    private static Map<String, Long> descriptors(LabGateway gateway) {
        try (Stream<Path> open = Files.list(proc(gateway, "fd"))) {
            return open.map(ChangesUnderLoadIT::kind)
                    .collect(Collectors.groupingBy(kind -> kind, TreeMap::new, Collectors.counting()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same when nothing comes and goes any more: a control connection is closed a moment after its answer. */
    private static Map<String, Long> settledDescriptors(LabGateway gateway) {
        Map<String, Long> now = descriptors(gateway);
        int equal = 0;
        while (equal < STABLE_READINGS) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            Map<String, Long> before = now;
            now = descriptors(gateway);
            equal = now.equals(before) ? equal + 1 : 0;
        }
        return now;
    }

    private static String kind(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().replaceAll("\\[\\d+]", "");
        } catch (NoSuchFileException e) {
            // Closed meanwhile: a control connection.
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path proc(LabGateway gateway, String file) {
        return Path.of("/proc", Long.toString(gateway.process().pid()), file);
    }

    private static long residentKilobytes(LabGateway gateway) {
        try {
            return Files.readAllLines(proc(gateway, "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes of all objects that are left after a collection. */
    private static long liveHeap(Host host, LabGateway gateway) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        String histogram = host.exec(jcmd, Long.toString(gateway.process().pid()), "GC.class_histogram")
                .orThrow()
                .out();
        String[] total =
                histogram.stripTrailing().lines().toList().getLast().trim().split("\\s+");
        assertThat(total[0]).isEqualTo("Total");
        return Long.parseLong(total[2]);
    }

    private static long devices(Host host) {
        return host.ipJson("link").size();
    }
}
