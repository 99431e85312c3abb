package io.culvert.it;

import static io.culvert.config.GatewayConfig.Lane.AUTO;
import static io.culvert.config.GatewayConfig.Lane.RAW;
import static io.culvert.config.GatewayConfig.Pipeline.FUSED;
import static io.culvert.config.GatewayConfig.Pipeline.STAGED;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.esp.EspTransform;
import io.culvert.esp.KeyFiles;
import io.culvert.esp.SaLifetime;
import io.culvert.esp.SaSpec;
import io.culvert.esp.SaSpec.Direction;
import io.culvert.lab.Capture;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.LabProcess;
import io.culvert.lab.Ping;
import io.culvert.testing.Judges;
import io.culvert.testing.PcapReader;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Gateways that are killed, or stopped, amid vti traffic and started again with the same keys, which RFC 4303 section 3.3.3
 * allows only if no sequence number is sent twice. {@code -Dculvert.kills=1000} for a long run.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class EspRestartIT {

    private static final int KILLS = Integer.getInteger("culvert.kills", 6);
    private static final int LEFT_SPI = 0x1001;
    private static final int RIGHT_SPI = 0x2002;
    private static final String DEVICE = "vti1";
    private static final InetAddress LEFT = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress RIGHT = InetAddress.ofLiteral("192.0.2.2");
    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final long LONGEST_RUN = TimeUnit.MILLISECONDS.toNanos(400);

    @TempDir
    private Path directory;

    private final Random random = new Random(7);

    private SaSpec association(Direction direction, int spi) {
        return KeyFiles.spec(directory, direction, spi, EspTransform.AES_GCM, true, SaLifetime.UNLIMITED);
    }

    private LabGateway.Builder gateway(
            Host here, Host there, InetAddress inner, Lane lane, Pipeline pipeline, SaSpec... associations) {
        TunnelSpec tunnel = TunnelSpec.builder(DEVICE, Mode.VTI)
                .local(here.address())
                .remote(there.address())
                .addresses(List.of(new Prefix(inner, 30)))
                .sa(List.of(associations))
                .build();
        return LabGateway.on(here).lane(lane).pipeline(pipeline).tunnel(tunnel);
    }

    private LabGateway.Builder left(Lab lab) {
        return gateway(
                lab.left(),
                lab.right(),
                LEFT,
                AUTO,
                STAGED,
                association(Direction.OUT, LEFT_SPI),
                association(Direction.IN, RIGHT_SPI));
    }

    private LabGateway.Builder right(Lab lab) {
        return gateway(
                lab.right(),
                lab.left(),
                RIGHT,
                RAW,
                FUSED,
                association(Direction.IN, LEFT_SPI),
                association(Direction.OUT, RIGHT_SPI));
    }

    @Test
    void repeatsNoSequenceNumberAndNoVectorOnTheWire() {
        Judges.requireTool("tshark", "tshark");
        try (Lab lab = Lab.twoHosts();
                Capture capture = lab.left().capture(Host.UNDERLAY, "esp")) {
            List<LabGateway.Builder> builders = List.of(left(lab), right(lab));
            LabGateway[] gateways = {
                builders.getFirst().start(), builders.getLast().start()
            };
            for (int kill = 0; kill < KILLS; kill++) {
                try (LabProcess _ =
                        lab.left().start(List.of("ping", "-q", "-i", "0.002", RIGHT.getHostAddress()), Map.of())) {
                    LockSupport.parkNanos(random.nextLong(LONGEST_RUN));
                    int side = kill % gateways.length;
                    if (kill % 4 < 3) {
                        gateways[side].kill();
                    } else {
                        gateways[side].stop();
                    }
                    gateways[side] = builders.get(side).start();
                }
                assertFlows(lab.left(), RIGHT);
                assertFlows(lab.right(), LEFT);
            }
            List<String> packets = EspCapture.fields(
                    capture.stop(),
                    EspTransform.AES_GCM,
                    List.of(LEFT_SPI, RIGHT_SPI),
                    "esp.spi",
                    "esp.sequence",
                    "esp.iv");
            assertThat(packets)
                    .hasSizeGreaterThan(10 * KILLS)
                    .allMatch(packet -> packet.split("\t", -1)[2].length() > 8);
            assertThat(packets.stream().map(EspRestartIT::withoutVector)).doesNotHaveDuplicates();
            assertThat(packets.stream().map(EspRestartIT::withoutSequence)).doesNotHaveDuplicates();
        }
    }

    private static String withoutVector(String packet) {
        return packet.substring(0, packet.lastIndexOf('\t'));
    }

    private static String withoutSequence(String packet) {
        return packet.replaceFirst("\t.*\t", " ");
    }

    private static void assertFlows(Host from, InetAddress to) {
        try (Ping ping = Ping.open(from, to)) {
            assertThat(ping.echo(100, TIMEOUT).kind()).isEqualTo(Ping.Kind.REPLY);
        }
    }

    @Test
    void dropsWhatCameBeforeTheCrashAsReplays() {
        Judges.requireScapy();
        try (Lab lab = Lab.twoHosts()) {
            LabGateway killed = left(lab).start();
            right(lab).start();
            Path recorded;
            try (Capture capture = lab.left().capture(Host.UNDERLAY, "esp and src " + address(lab.right()))) {
                for (int i = 0; i < 20; i++) {
                    assertFlows(lab.left(), RIGHT);
                }
                recorded = capture.stop();
            }
            // What came in the last second before a crash may not be on disk.
            int received = PcapReader.read(recorded).size();
            Await.until("all that came is on disk", () -> lastReceived(lab.left()) == received);
            killed.kill();
            LabGateway restarted = left(lab).start();
            String send = "import sys; from scapy.all import rdpcap, sendp; p = rdpcap(sys.argv[1]); sendp(p, iface='"
                    + Host.UNDERLAY + "', verbose=0); print(len(p))";
            String sent = lab.right()
                    .exec("/usr/bin/python3", "-c", send, recorded.toString())
                    .orThrow()
                    .out();
            assertThat(Integer.parseInt(sent.strip())).isGreaterThanOrEqualTo(20);
            assertFlows(lab.left(), RIGHT);
            Await.until(
                    "the reply is counted", () -> in(restarted).path("packets").asInt() == 1);
            JsonNode in = in(restarted);
            assertThat(in.path("direction").asString("")).isEqualTo("in");
            assertThat(in.path("replayed").asInt()).isEqualTo(Integer.parseInt(sent.strip()));
        }
    }

    private static JsonNode in(LabGateway gateway) {
        return gateway.show().path("tunnels").path(0).path("sa").path(1);
    }

    /** The highest number that a restart of that host's gateway would not take again. */
    private static long lastReceived(Host host) {
        try {
            Path file = host.directory().resolve("esp-received");
            List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
            return lines.size() < 2 ? 0 : Long.parseLong(lines.getLast().split(" ", -1)[1]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String address(Host host) {
        return host.address().getHostAddress();
    }

    @Test
    void saysWhatMendsAStateDirectoryThatCannotBeUsed() {
        try (Lab lab = Lab.twoHosts()) {
            LabGateway refused = left(lab)
                    .wrapper("env", "CULVERT_STATE_DIRECTORY=/proc/nothing")
                    .launch();
            assertThat(refused.process().exitCode(Duration.ofSeconds(60))).isEqualTo(2);
            assertThat(String.join("\n", refused.process().errorLines()))
                    .contains("/proc/nothing/esp-sent", "CULVERT_STATE_DIRECTORY");
            assertThat(lab.left().hasDevice(DEVICE)).isFalse();
        }
    }
}
