package io.culvert.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.ExitCode;
import io.culvert.lab.WireMode;
import io.culvert.perf.load.CheckedTcp;
import io.culvert.perf.load.NotCountedException;
import io.culvert.perf.peer.Bed;
import io.culvert.perf.peer.Ends;
import io.culvert.perf.peer.OuterFormat;
import io.culvert.perf.peer.Peer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A short comparison from end to end: its figures, its proofs, its files, and nothing left behind. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CompareIT {

    private static final List<String> PEERS = List.of("plain", "ebpf-ipip", "socat", "culvert-ipip-super");

    @TempDir
    private Path directory;

    @Test
    void comparesAFewPeers() throws IOException {
        StringWriter out = new StringWriter();
        int exit = new CommandLine(new Compare())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(System.err, true))
                .execute(
                        "--rounds=1",
                        "--seconds=1",
                        "--mode=wire",
                        "--tcp-only",
                        "--peers=" + String.join(",", PEERS),
                        "--results=" + directory);

        assertThat(exit).isEqualTo(ExitCode.OK);
        JsonNode report = JsonMapper.shared().readTree(Files.readString(directory.resolve("compare.json")));
        assertThat(report.path("not-counted")).isEmpty();
        assertThat(report.path("failed")).isEmpty();
        for (String peer : PEERS) {
            assertThat(gigabits(report, peer)).as(peer).isPositive();
            assertThat(out.toString()).contains(peer);
        }
        assertThat(report.at("/seen-on-the-link/wire ebpf-ipip").asString()).endsWith("all IPv4 in IPv4");
        assertThat(report.at("/seen-on-the-link/wire culvert-ipip-super").asString())
                .endsWith("all IPv4 in IPv4");
        assertThat(report.at("/machine/processor").asString()).isNotBlank();
        assertThat(out.toString()).containsPattern("super lane : in-kernel eBPF IPIP +[0-9.]+ +>= 0.95 +(met|missed)");
        BufferedImage chart = ImageIO.read(directory.resolve("compare.png").toFile());
        assertThat(chart.getWidth()).isGreaterThan(500);
        assertThat(ownNamespaces()).isEmpty();
    }

    @Test
    void refusesAPeerThatForwardsUntunnelled() throws IOException {
        try (Bed bed = Bed.open(new Liar(), WireMode.OFFLOADED)) {
            assertThatThrownBy(() -> CheckedTcp.prove(bed))
                    .isInstanceOf(NotCountedException.class)
                    .hasMessageContaining("crossed the link between inner addresses");
        }
        assertThat(ownNamespaces()).isEmpty();
    }

    private static double gigabits(JsonNode report, String peer) {
        for (JsonNode figure : report.path("figures")) {
            if (figure.path("peer").asString().equals(peer)
                    && figure.path("metric").asString().equals("tcp-gbps")) {
                return figure.path("median").asDouble();
            }
        }
        return 0;
    }

    private static List<String> ownNamespaces() throws IOException {
        List<String> names = new ArrayList<>();
        String pattern = "culvert-" + ProcessHandle.current().pid() + "-*";
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/run/netns"), pattern)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        }
        return names;
    }

    /** Says that it is a tunnel, and routes. */
    private static final class Liar implements Peer {

        @Override
        public String id() {
            return "liar";
        }

        @Override
        public String version() {
            return "1";
        }

        @Override
        public @Nullable String missing() {
            return null;
        }

        @Override
        public OuterFormat format() {
            return OuterFormat.IPIP;
        }

        @Override
        public boolean takesMergedPackets() {
            return true;
        }

        @Override
        public Ends start(Bed bed) {
            for (String[] end : new String[][] {{"192.0.2.1", "192.0.2.2"}, {"192.0.2.2", "192.0.2.1"}}) {
                var host = end[0].equals("192.0.2.1") ? bed.left() : bed.right();
                var other = host == bed.left() ? bed.right() : bed.left();
                host.exec("ip", "address", "add", end[0] + "/32", "dev", "lo").orThrow();
                String via = other.address().getHostAddress();
                host.exec("ip", "route", "add", end[1] + "/32", "via", via, "src", end[0])
                        .orThrow();
            }
            return new Ends(InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("192.0.2.2"));
        }
    }
}
