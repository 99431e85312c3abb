package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.lab.Capture;
import io.culvert.lab.CommandResult;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.LabProcess;
import io.culvert.lab.Ping;
import io.culvert.testing.Judges;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Debian's strongSwan, as it comes, keys a vti tunnel by {@code deploy/strongswan}: negotiation, rekeying from both ends, its end. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class StrongswanIT {

    private static final Path DEPLOY =
            Path.of("../deploy/strongswan").toAbsolutePath().normalize();
    private static final String CHARON = "/usr/lib/ipsec/charon";
    private static final String DEVICE = "vti1";
    private static final InetAddress LEFT = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress RIGHT = InetAddress.ofLiteral("192.0.2.2");
    /** What is not IKE: also what charon itself would send, and what nobody protects. */
    private static final String WIRE = "esp or icmp or (udp port 4500 and udp[8:4] != 0)";

    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    /** A host with a gateway, charon, and what is between them. */
    private static final class End {
        private final Host host;
        private final LabGateway gateway;
        private final LabProcess hook;
        private LabProcess charon;

        End(Host here, Host there, InetAddress inner, String proposals) throws IOException {
            host = here;
            TunnelSpec tunnel = TunnelSpec.builder(DEVICE, Mode.VTI)
                    .local(here.address())
                    .remote(there.address())
                    .addresses(List.of(new Prefix(inner, 30)))
                    .build();
            gateway = LabGateway.on(here).tunnel(tunnel).start();
            String shipped = Files.readString(DEPLOY.resolve("culvert.conf"));
            assertThat(shipped).contains("path = /run/charon.culvert\n");
            String ours = shipped.replace("/run/charon.culvert", path("fifo").toString());
            String socket = "charon { plugins { vici { socket = " + vici() + " } } }\n";
            Files.writeString(path("strongswan.conf"), "include /etc/strongswan.conf\n" + ours + socket);
            Files.writeString(path("swanctl.conf"), connections(here, there, proposals));
            hook = here.start(
                    DEPLOY.resolve("culvert-strongswan").toString(),
                    "--fifo",
                    path("fifo").toString(),
                    "--socket",
                    gateway.socket().toString(),
                    "--keys",
                    path("keys").toString());
            hook.awaitError("ready", PATIENCE);
            charon = startCharon();
        }

        private Path path(String name) {
            return host.directory().resolve(name);
        }

        private String vici() {
            return "unix://" + path("vici");
        }

        /** Its process ID file has one place on a machine, which this hides. */
        LabProcess startCharon() {
            LabProcess started = host.start(
                    List.of("sh", "-c", "mount -t tmpfs tmpfs /run && exec " + CHARON),
                    Map.of("STRONGSWAN_CONF", path("strongswan.conf").toString()));
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            CommandResult loaded;
            do {
                loaded = swanctl("--load-all", "--file", path("swanctl.conf").toString());
            } while (loaded.exit() != 0 && started.isAlive() && System.nanoTime() < deadline);
            assertThat(loaded.exit())
                    .as("%s %s %s", loaded.err(), started.errorLines(), hook.errorLines())
                    .isZero();
            return started;
        }

        CommandResult swanctl(String... words) {
            List<String> command = new ArrayList<>(List.of("swanctl"));
            command.addAll(List.of(words));
            command.addAll(List.of("--uri", vici()));
            return host.exec(PATIENCE, command);
        }

        List<String> associations() {
            return gateway.show()
                    .path("tunnels")
                    .path(0)
                    .path("sa")
                    .valueStream()
                    .map(sa -> sa.path("direction").asString("") + " "
                            + sa.path("spi").asLong())
                    .toList();
        }

        private static String connections(Host here, Host there, String proposals) {
            String local = here.address().getHostAddress();
            String remote = there.address().getHostAddress();
            return """
                connections {
                  peer {
                    local_addrs = %1$s
                    remote_addrs = %2$s
                    proposals = aes128-sha256-modp2048
                    local { auth = psk
                            id = %1$s }
                    remote { auth = psk
                             id = %2$s }
                    children {
                      %3$s { local_ts = 0.0.0.0/0,::/0
                             remote_ts = 0.0.0.0/0,::/0
                             esp_proposals = %4$s }
                    }
                  }
                }
                secrets { ike { secret = "for a test only" } }
                """.formatted(local, remote, DEVICE, proposals);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting for " + what).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    private static void awaitAssociations(int count, End... ends) {
        for (End end : ends) {
            await(
                    count + " associations on " + end.host,
                    () -> end.associations().size() == count);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"aes128gcm16", "aes256-sha256"})
    void negotiatesRekeysAndEnds(String proposals) throws IOException {
        requireStrongswan();
        try (Lab lab = Lab.twoHosts();
                Capture capture = lab.left().capture(Host.UNDERLAY, WIRE)) {
            End left = new End(lab.left(), lab.right(), LEFT, proposals);
            End right = new End(lab.right(), lab.left(), RIGHT, proposals);
            left.swanctl("--initiate", "--child", DEVICE).orThrow();
            awaitAssociations(2, left, right);
            assertThat(right.associations()).containsExactlyInAnyOrderElementsOf(mirrored(left));
            try (Ping there = Ping.open(lab.left(), RIGHT);
                    Ping back = Ping.open(lab.right(), LEFT)) {
                assertThat(there.echo(100, TIMEOUT).kind()).isEqualTo(Ping.Kind.REPLY);
                assertThat(back.echo(1000, TIMEOUT).kind()).isEqualTo(Ping.Kind.REPLY);
            }
            rekeyUnderLoad(left, left, right);
            rekeyUnderLoad(right, left, right);
            await("no key is left on disk", () -> isEmpty(left.path("keys")));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(left.path("fifo"))))
                    .isEqualTo("rw-------");
            assertThat(spisByProtocol(capture.stop()))
                    .hasSizeGreaterThanOrEqualTo(6)
                    .allMatch(packet -> packet.matches("50\t0x\\p{XDigit}{8}"));

            endsAreSeen(left, right);
        }
    }

    private static void rekeyUnderLoad(End initiator, End left, End right) {
        List<String> before = left.associations();
        LabProcess ping = left.host.start(
                List.of("ping", "-i", "0.02", "-c", "200", "-W", "10", RIGHT.getHostAddress()), Map.of());
        ping.awaitOutput("icmp_seq=20 ", PATIENCE);
        initiator.swanctl("--rekey", "--child", DEVICE).orThrow();
        assertThat(ping.exitCode(PATIENCE)).isZero();
        assertThat(String.join("\n", ping.outputLines())).contains("200 received, 0% packet loss");
        await(
                "other associations at both ends",
                () -> left.associations().size() == 2
                        && right.associations().size() == 2
                        && Collections.disjoint(left.associations(), before)
                        && mirrored(left).equals(Set.copyOf(right.associations())));
    }

    private static boolean isEmpty(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the other end must have: each receives by what the other sends by. */
    private static Set<String> mirrored(End end) {
        return end.associations().stream()
                .map(sa -> sa.startsWith("in ") ? sa.replace("in", "out") : sa.replace("out", "in"))
                .collect(Collectors.toSet());
    }

    private static TreeSet<String> spisByProtocol(Path capture) {
        return new TreeSet<>(Judges.run(
                List.of("tshark", "-n", "-r", capture.toString(), "-T", "fields", "-e", "ip.proto", "-e", "esp.spi")));
    }

    private static void endsAreSeen(End left, End right) {
        left.swanctl("--terminate", "--ike", "peer").orThrow();
        awaitAssociations(0, left, right);
        left.swanctl("--initiate", "--child", DEVICE).orThrow();
        awaitAssociations(2, left, right);
        left.charon.kill();
        left.charon = left.startCharon();
        awaitAssociations(0, left);
    }

    private static void requireStrongswan() {
        Judges.requireTool("swanctl", "strongswan-swanctl");
        Judges.requireTool("tshark", "tshark");
        Judges.requireFile(Path.of(CHARON), "apt-get install strongswan-charon");
        Judges.requireFile(
                Path.of("/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so"),
                "apt-get install libcharon-extra-plugins");
        Judges.requireFile(
                Path.of("/usr/lib/ipsec/plugins/libstrongswan-gcm.so"),
                "apt-get install libstrongswan-standard-plugins");
    }
}
